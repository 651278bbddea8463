// Test files that are run once more, each as a process of its own, with what they start kept elsewhere.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Runs a test file to its end: {code, output}. */
function run(suite, env) {
  const { NODE_TEST_CONTEXT, ...own } = process.env; // else it would think it is a part of this run
  const file = fileURLToPath(new URL(`../${suite}.test.js`, import.meta.url));
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--test', '--test-reporter=tap', file],
      { env: { ROUNDS: '8', ...own, ...env }, maxBuffer: 1 << 26, timeout: 110_000 },
      (error, stdout, stderr) => resolve({ code: error ? (error.code ?? error.signal) : 0, output: stdout + stderr }),
    );
  });
}

/** `env()`: variables for it, GATEWAY_STORE above all. */
export function test_suites(suites, env) {
  for (const suite of suites) {
    test(suite, async (t) => {
      const { code, output } = await run(suite, await env(t));
      assert.equal(code, 0, output);
      assert.ok(Number(/^# pass (\d+)$/m.exec(output)[1]) > 0, 'tests were run');
    });
  }
}
