// Proves that the adversary test can fail: with every rule on it passes, with any one off it fails.
//   node run.js <switchable relay> [part of a rule's name]
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { rules } from './rules.js';

const [relay, part = ''] = process.argv.slice(2);
const road = new URL('../road/', import.meta.url);

const adversary = (rule_off) =>
  spawnSync('node', ['--test', '--test-reporter=tap', 'adversary.test.js'], {
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

const whole = adversary('');
report(whole.status === 0, 'with every rule on the adversary gets nothing');
if (whole.status !== 0) console.log(whole.stdout);
for (const { name } of rules.filter((rule) => rule.name.includes(part))) {
  const run = adversary(name);
  report(run.status !== 0, `without "${name}": ${run.status === 0 ? 'nothing was noticed' : noticed_by(run)}`);
}
console.log(`ℹ pass ${passed}\nℹ fail ${failed}`);
process.exit(failed ? 1 : 0);
