// A Unix socket beside the port, for a proxy on the same machine.
import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';

import { sign_once } from './support/event.js';
import { new_group_id, opaque_message } from './support/person.js';
import { Relay, free_port, run, temporary_folder, to_toml } from './support/relay.js';

async function relay_with_socket(t, overrides = {}) {
  const path = join(await temporary_folder(t), 'relay.sock');
  const server = { ...overrides.server, unix_socket: path };
  const relay = await Relay.of(t, { ...overrides, server });
  relay.socket_path = path;
  return relay;
}
const open_local = (relay, options) => relay.open(options, `ws+unix:${relay.socket_path}:/`);
const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function config_with(t, unix_socket) {
  const home = await temporary_folder(t);
  const file = join(home, 'gateway.toml');
  const server = { port: await free_port(), unix_socket };
  await writeFile(file, to_toml({ server, data: { path: join(home, 'data') } }));
  return file;
}

test('who is on the socket and who is on the port hear each other', async (t) => {
  const relay = await relay_with_socket(t);
  const [local, remote] = [await open_local(relay), await relay.connect()];
  const hears = [await local.subscribe({ kinds: [1] }), await remote.subscribe({ kinds: [1] })];
  const said = [
    await local.post(sign_once({ content: 'from the socket' })),
    await remote.post(sign_once({ content: 'from the port' })),
  ];
  for (const subscription of hears) assert.deepEqual(await subscription.next_of(2), said);
});

test('many connections at once are shared among the workers, and all are served', async (t) => {
  const relay = await relay_with_socket(t, { server: { workers: 4 } });
  const all = await Promise.all(Array.from({ length: 50 }, () => open_local(relay)));
  await Promise.all(all.map((connection) => connection.post(sign_once({ content: 'hello' }))));
});

test('HTTP is served there too', async (t) => {
  const relay = await relay_with_socket(t);
  const answer = await new Promise((resolve, reject) =>
    http.get({ socketPath: relay.socket_path, path: '/health' }, resolve).once('error', reject),
  );
  answer.resume();
  assert.equal(answer.statusCode, 200);
});

test('owner and group may connect, and the file goes with the relay', async (t) => {
  const relay = await relay_with_socket(t);
  assert.equal((await stat(relay.socket_path)).mode & 0o777, 0o660);
  assert.equal((await relay.stop()).code, 0);
  assert.ok(!(await exists(relay.socket_path)));
});

test('what a killed relay left behind is in nobody’s way', async (t) => {
  const relay = await relay_with_socket(t);
  await relay.stop('SIGKILL');
  assert.ok(await exists(relay.socket_path));
  await relay.resume();
  await (await open_local(relay)).post(sign_once({ content: 'back' }));
});

test('a socket that another relay serves is left alone', async (t) => {
  const relay = await relay_with_socket(t);
  const { code, output } = await run(['relay', '-c', await config_with(t, relay.socket_path)]);
  assert.equal(code, 1, output);
  assert.match(output, /unix_socket: .*relay\.sock: another program listens there; stop it/);
  await (await open_local(relay)).post(sign_once({ content: 'still here' }));
});

test('a path that is too long is refused with the limit', async (t) => {
  const { code, output } = await run(['relay', '-c', await config_with(t, `/run/${'x'.repeat(200)}`)]);
  assert.equal(code, 1, output);
  assert.match(output, /has 205 bytes; the path of a Unix socket may have 107/);
});

test('clients of a proxy on the socket have budgets of their own once "unix" is trusted', async (t) => {
  const budget = { 'extensions.mls_gateway.rate_limits': { max_group_messages_per_minute: 1 } };
  const taken = async (relay, address) => {
    const local = await open_local(relay, { headers: { 'X-Real-IP': address } });
    return (await local.publish(opaque_message(new_group_id()))).accepted;
  };
  const trusting = await relay_with_socket(t, { ...budget, server: { trusted_proxies: ['unix'] } });
  assert.deepEqual(
    [await taken(trusting, '203.0.113.1'), await taken(trusting, '203.0.113.2')],
    [true, true],
  );
  const plain = await relay_with_socket(t, budget);
  assert.deepEqual(
    [await taken(plain, '203.0.113.1'), await taken(plain, '203.0.113.2')],
    [true, false],
  );
});
