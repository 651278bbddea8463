// How many files a relay may open, and what it does when there are no more.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';

import { eventually } from './support/deadline.js';
import { Relay } from './support/relay.js';

/** A relay that starts with these limits of open files. */
const limited = (limit) => ({ under: ['sh', '-c', `${limit}; exec "$@"`, 'sh'] });

async function open_files(relay) {
  const limits = await readFile(`/proc/${relay.pid}/limits`, 'utf8');
  const [, soft, hard] = limits.match(/^Max open files +(\d+) +(\d+)/m);
  return { soft: Number(soft), hard: Number(hard) };
}

/** Ticks of CPU time so far, 100 a second. */
async function cpu_ticks(relay) {
  const fields = (await readFile(`/proc/${relay.pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

test('the limit is raised as far as it goes', async (t) => {
  const relay = await Relay.of(t, {}, limited('ulimit -Sn 128'));
  const { soft, hard } = await open_files(relay);
  assert.ok(hard > 128, 'this test needs a higher hard limit');
  assert.equal(soft, hard);
});

test('a limit below max_connections is warned of, with the remedy', async (t) => {
  const relay = await Relay.of(t, { limits: { max_connections: 500 } }, limited('ulimit -n 400'));
  assert.match(relay.log, /may open 400 files.*max_connections = 500.*LimitNOFILE/);
  const enough = await Relay.of(t, { limits: { max_connections: 300 } }, limited('ulimit -n 400'));
  assert.doesNotMatch(enough.log, /may open/);
});

test('out of descriptors it waits without spinning, says so once, and goes on', async (t) => {
  const relay = await Relay.of(t, { server: { handshake_timeout_s: 60 } }, limited('ulimit -n 64'));
  const sockets = Array.from({ length: 100 }, () => connect(relay.port, '127.0.0.1'));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  await eventually(() => /cannot accept connections/.test(relay.log), 'the relay to say so');
  const before = await cpu_ticks(relay);
  const second = Date.now() + 1000;
  await eventually(() => Date.now() > second, 'a second');
  assert.ok((await cpu_ticks(relay)) - before < 20, 'it spins');
  const said = relay.log.match(/cannot accept connections/g).length;
  assert.ok(said <= 2, `said ${said} times`); // once a worker
  sockets.forEach((socket) => socket.destroy());
  await eventually(async () => (await relay.get('/health')).status === 200, 'the relay to go on');
  await relay.connect();
});
