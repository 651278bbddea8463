// docs/rest.md: its examples are run, as they stand there.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { openapi } from './support/openapi.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';
import { SERVICE_TOKEN, with_api } from './support/rest.js';

const run = promisify(execFile);
const text = await readFile(new URL('../../docs/rest.md', import.meta.url), 'utf8');
const blocks = (language) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, code]) => code);

test('the examples do what they say', async (t) => {
  const relay = await Relay.of(t, with_api());
  const owner = new Person();
  const owner_at = await relay.connect(owner);
  for (let n = 0; n < 2; n += 1) await owner_at.post(await owner.key_package_event());
  const env = {
    ...process.env,
    RELAY: relay.http_url,
    OWNER: owner.pubkey,
    BOB: new Person().pubkey,
    TOKEN: SERVICE_TOKEN,
  };
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const options = { env, cwd, timeout: 20_000 };
  const { stdout } = await run(
    process.execPath,
    ['--input-type=module', '-e', blocks('js').join('\n')],
    options,
  );
  assert.match(stdout, /group_id: 'grp_abc123'/);
  assert.match(stdout, /roster_seq: 3/);
  assert.match(stdout, /^443$/m);
  assert.match(stdout, /^next time from \d+$/m);
  const [put, invalidate] = blocks('sh');
  await run('sh', ['-c', put], options);
  assert.match(
    (await run('sh', ['-c', invalidate], options)).stdout,
    /there are no answers to drop/,
  );
});

test('every call is in the table', () => {
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const method of Object.keys(methods).filter((name) => name !== 'parameters')) {
      const named = text
        .split('\n')
        .some(
          (line) =>
            line.startsWith('|') &&
            line.includes(path.slice(1)) &&
            line.includes(method.toUpperCase()),
        );
      assert.ok(named, `${method} ${path}`);
    }
  }
});
