// The suites that hold the relay to its rules, once more on PostgreSQL: one gateway on it, and three of them with every
// connection going to the next one. SEED=… and ROUNDS=… are the property test's.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const stores = { postgres: 'on PostgreSQL', fleet: 'on three gateways of one PostgreSQL' };

/** Runs a test file to its end: {code, output}. */
function run(suite, store) {
  const { NODE_TEST_CONTEXT, ...env } = process.env; // else it would think it is a part of this run
  const file = fileURLToPath(new URL(`${suite}.test.js`, import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--test', '--test-reporter=tap', file],
      { env: { ROUNDS: '8', ...env, GATEWAY_STORE: store }, maxBuffer: 1 << 26, timeout: 110_000 },
      (error, stdout, stderr) => resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr }),
    );
  });
}

for (const [store, where] of Object.entries(stores)) {
  describe(where, () => {
    for (const suite of ['adversary', 'property', 'races']) {
      test(suite, async () => {
        const { code, output } = await run(suite, store);
        assert.equal(code, 0, output);
        assert.ok(Number(/^# pass (\d+)$/m.exec(output)[1]) > 0, 'tests were run');
      });
    }
  });
}
