// Proves that the adversary test can fail, and the others that rules.js names: with every rule on they pass, with any one
// off they fail.
//   node run.js <switchable relay> [part of a rule's name]
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { rules } from './rules.js';

const [relay, part = ''] = process.argv.slice(2);
const road = new URL('../road/', import.meta.url);

const road_test = (name, rule_off) =>
  spawnSync('node', ['--test', '--test-reporter=tap', `${name}.test.js`], {
    cwd: road,
    env: { ...process.env, GATEWAY_BINARY: resolve(relay), RULE_OFF: rule_off },
    encoding: 'utf8',
    timeout: 120_000,
  });

const noticed_by = ({ stdout }) => /^ *not ok \d+ - (.*)$/m.exec(stdout)?.[1] ?? 'no test in particular';

let passed = 0;
let failed = 0;
const report = (good, text) => {
  good ? ++passed : ++failed;
  console.log(`${good ? 'ok' : 'NOT OK'}  ${text}`);
};

const chosen = rules
  .map(({ test = 'adversary', ...rule }) => ({ ...rule, test }))
  .filter(({ name }) => name.includes(part));
for (const test of new Set(chosen.map((rule) => rule.test))) {
  const whole = road_test(test, '');
  report(whole.status === 0, `with every rule on ${test} passes`);
  if (whole.status !== 0) console.log(whole.stdout);
}
for (const { name, test } of chosen) {
  const run = road_test(test, name);
  report(run.status !== 0, `without "${name}": ${run.status === 0 ? 'nothing was noticed' : noticed_by(run)}`);
}
console.log(`ℹ pass ${passed}\nℹ fail ${failed}`);
process.exit(failed ? 1 : 0);
