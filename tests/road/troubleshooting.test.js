// The specification's chapter on troubleshooting, word for word where it applies; and docs/troubleshooting.md, whose
// messages must be what the program says.
import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { Person } from './support/person.js';
import { Relay, free_port, run, temporary_folder, to_toml } from './support/relay.js';

const root = new URL('../../', import.meta.url);
const page = await readFile(new URL('docs/troubleshooting.md', root), 'utf8');

async function start_with(t, gateway, env = {}) {
  const folder = await temporary_folder(t);
  const file = join(folder, 'gateway.toml');
  const server = { port: await free_port() };
  const config = { server, data: { path: join(folder, 'data') }, 'extensions.mls_gateway': gateway };
  await writeFile(file, to_toml(config));
  return run(['relay', '-c', file], { env: { GOOGLE_CLOUD_PROJECT: '', ...env } });
}

test('firestore without a project: the message of the specification, and the remedy', async (t) => {
  const { code, stderr } = await start_with(t, { storage_backend: 'firestore' });
  assert.equal(code, 1);
  assert.match(stderr, /project_id required for Firestore backend/);
  assert.match(stderr, /export GOOGLE_CLOUD_PROJECT=your-project-id/);
});

test('cloudsql without its URL names the key', async (t) => {
  const { code, stderr } = await start_with(t, { storage_backend: 'cloudsql' });
  assert.equal(code, 1);
  assert.match(stderr, /database_url required for Cloud SQL backend/);
});

test('firestore without credentials names the remedy', async (t) => {
  const gateway = { storage_backend: 'firestore' };
  const environment = {
    GOOGLE_CLOUD_PROJECT: 'your-gcp-project',
    GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/credentials.json',
  };
  const { code, stderr } = await start_with(t, gateway, environment);
  assert.equal(code, 1);
  assert.match(stderr, /Failed to connect to database: .*GOOGLE_APPLICATION_CREDENTIALS/);
});

test('a store that cannot be opened: Failed to connect to database, with the reason', async (t) => {
  const folder = await temporary_folder(t);
  await writeFile(join(folder, 'file'), '');
  const file = join(folder, 'gateway.toml');
  const config = { server: { port: await free_port() }, data: { path: join(folder, 'file', 'data') } };
  await writeFile(file, to_toml(config));
  const { code, stderr } = await run(['relay', '-c', file]);
  assert.equal(code, 1);
  const { message } = JSON.parse(stderr.trim().split('\n').at(-1));
  assert.match(message, /^Failed to connect to database: .*file\/data/);
});

test('an AUTH that proves nothing: Authentication failed, with what is wrong', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  const key = new Person();
  const wrong = {
    'relay tag does not name this relay; use one of: ws': { relay: 'wss://elsewhere.example' },
    'the challenge tag is not the challenge': { challenge: '00' },
    'created_at must be within 600 seconds': { created_at: 1_700_000_000 },
    'id or signature of the AUTH event': { tamper: (event) => ({ ...event, sig: 'ab'.repeat(64) }) },
  };
  for (const [reason, options] of Object.entries(wrong)) {
    const answer = await at.auth(key, options);
    assert.equal(answer.accepted, false);
    assert.ok(answer.reason.startsWith(`invalid: Authentication failed: ${reason}`), answer.reason);
  }
});

test('every message on the page is in the program', async () => {
  let sources = '';
  for (const entry of await readdir(new URL('src/', root), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(cpp|h)$/.test(entry.name)) continue;
    sources += await readFile(join(entry.path, entry.name), 'utf8');
  }
  // Literals that go on in the next line are one text.
  sources = sources.replace(/"\s*\n\s*R?"\(?/g, '').replaceAll('\\"', '"');
  const messages = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, message]) => message);
  assert.ok(messages.length > 25);
  for (const message of messages)
    for (const part of message.split('…').map((text) => text.trim()).filter(Boolean))
      assert.ok(sources.includes(part), `"${part}" of "${message}"`);
});
