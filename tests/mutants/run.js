// Proves that the adversary test can fail, and the others that rules.js names: with every rule on they pass, with any one
// off they fail.
//   node run.js <switchable relay> [part of a rule's name]
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { rules } from './rules.js';

const [relay, part = ''] = process.argv.slice(2);
const road = new URL('../road/', import.meta.url);

/** {status, stdout} of a road test against the relay without `rule_off`. */
function road_test(name, rule_off) {
  const env = { ...process.env, GATEWAY_BINARY: resolve(relay), RULE_OFF: rule_off };
  const args = ['--test', '--test-reporter=tap', `${name}.test.js`];
  return new Promise((done) => {
    execFile('node', args, { cwd: road, env, timeout: 120_000, maxBuffer: 1 << 28 }, (error, stdout) =>
      done({ status: error ? 1 : 0, stdout }),
    );
  });
}

const noticed_by = ({ stdout }) => /^ *not ok \d+ - (.*)$/m.exec(stdout)?.[1] ?? 'no test in particular';

let passed = 0;
let failed = 0;
const report = (good, text) => {
  good ? ++passed : ++failed;
  console.log(`${good ? 'ok' : 'NOT OK'}  ${text}`);
};

async function with_every_rule(test) {
  const whole = await road_test(test, '');
  report(whole.status === 0, `with every rule on ${test} passes`);
  if (whole.status !== 0) console.log(whole.stdout);
}

async function without({ name, test }) {
  const run = await road_test(test, name);
  report(run.status !== 0, `without "${name}": ${run.status === 0 ? 'nothing was noticed' : noticed_by(run)}`);
}

const chosen = rules
  .map(({ test = 'adversary', ...rule }) => ({ ...rule, test }))
  .filter(({ name }) => name.includes(part));
const tests = [...new Set(chosen.map((rule) => rule.test))];
const jobs = [...tests.map((test) => () => with_every_rule(test)), ...chosen.map((rule) => () => without(rule))];
// As many at a time as there are cores: each is a relay of its own on a port of its own.
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) await job();
  }),
);
console.log(`ℹ pass ${passed}\nℹ fail ${failed}`);
process.exit(failed ? 1 : 0);
