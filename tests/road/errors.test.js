// What befalls a relay that is not its clients' doing: the disk, the memory, the clock, broken lines. Nothing that got its
// OK is lost, readiness tells, and the log names the remedy. Ports and descriptors: `process`, `descriptors`.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'node:test';

import { eventually, within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { Relay, run } from './support/relay.js';

const limit = (relay, ...limits) =>
  promisify(execFile)('prlimit', ['--pid', String(relay.pid), ...limits]);
const readiness = async (relay) => {
  const { status, body } = await relay.get('/readyz');
  return { status, ...JSON.parse(body) };
};
const failures = (relay) => relay.log_lines.filter(({ message }) => message === 'the store failed');

/** Writes large events until one is refused: {saved: ids, refusal}. */
async function fill(at) {
  const saved = [];
  for (;;) {
    const event = sign_once({ content: '.'.repeat(400 * 1024) });
    const { accepted, reason } = await at.publish(event);
    if (!accepted) return { saved, refusal: reason };
    saved.push(event.id);
  }
}

async function has_all(at, wanted) {
  for (const id of wanted) assert.deepEqual(ids(await at.query({ ids: [id] })), [id]);
}

test('a full disk: refused with error:, not ready, the remedy in the log; with room again it goes on by itself', async (t) => {
  const under = ['sh', '-c', `trap '' XFSZ; exec "$@"`, 'sh'];
  const relay = await Relay.of(t, {}, { under });
  const at = await relay.connect();
  assert.deepEqual(await readiness(relay), { status: 'ready' });
  await limit(relay, `--fsize=${4 << 20}:unlimited`);
  const { saved, refusal } = await fill(at);
  assert.match(refusal, /^error: could not store/);
  const told = await relay.get('/readyz');
  assert.equal(told.status, 503);
  assert.ok(Number(told.headers['retry-after']) > 0);
  const { status, message } = JSON.parse(told.body);
  assert.equal(status, 'store_not_writable');
  assert.match(message, /disk|log says why/);
  assert.doesNotMatch(told.body, /data/, 'no path for whoever asks');
  assert.equal((await relay.get('/livez')).status, 200);
  const health = await run(['healthcheck', '-c', relay.config_file]);
  assert.equal(health.code, 1);
  assert.match(health.stderr, /503.*store_not_writable/);
  for (let n = 0; n < 5; n += 1) await at.rejection(sign_once({ content: '.'.repeat(400 * 1024) }));
  assert.equal(failures(relay).length, 1, 'said once, however often');
  assert.match(failures(relay)[0].fields.error, /see whether the disk is full|free some disk space/);
  await has_all(at, saved);

  await limit(relay, '--fsize=unlimited:unlimited');
  const ready = async () => (await relay.get('/readyz')).status === 200;
  await eventually(ready, 'the relay to find that there is room again', { ms: 15_000 });
  assert.ok(relay.log_lines.some(({ message: said }) => said === 'the store takes writes again'));
  saved.push((await at.post(sign_once())).id);
  await relay.restart();
  await has_all(await relay.connect(), saved);
});

test('no address space to grow into: refused with error:, the remedy in the log, nothing lost', async (t) => {
  const relay = await Relay.of(t, { data: { map_size_mb: 32 }, server: { workers: 1 } });
  const at = await relay.connect();
  await at.post(sign_once());
  const status = await readFile(`/proc/${relay.pid}/status`, 'utf8');
  const size = Number(status.match(/^VmSize:\s+(\d+)/m)[1]) * 1024;
  await limit(relay, `--as=${size + (48 << 20)}:unlimited`);
  const { saved, refusal } = await fill(at);
  assert.match(refusal, /^error: /);
  assert.match(failures(relay)[0].fields.error, /no address space.*ulimit -v/);
  assert.equal((await relay.get('/readyz')).status, 503);
  await has_all(at, saved);
  await limit(relay, '--as=unlimited:unlimited');
  saved.push((await at.post(sign_once({ content: '.'.repeat(400 * 1024) }))).id);
  assert.equal((await relay.get('/readyz')).status, 200);
  await relay.restart();
  await has_all(await relay.connect(), saved);
});

test('damaged pages: refused with error:, not ready, and the log says to restore a backup', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  for (let n = 0; n < 200; n += 1) at.send(['EVENT', sign_once({ content: `${n}`.padEnd(500) })]);
  await at.post(sign_once());
  const file = await open(join(relay.config.data.path, 'data.mdb'), 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 8192), 0, size - 8192, 8192);
  await file.close();
  assert.match(await at.rejection(sign_once()), /^error: /);
  assert.match(failures(relay)[0].fields.error, /damaged.*restore a backup/);
  const { status, message } = await readiness(relay);
  assert.equal(status, 'store_not_writable');
  assert.match(message, /restore a backup/);
});

test('a clock that jumps ahead removes nothing, and says so; set right, all is there', async (t) => {
  const relay = await Relay.of(t);
  const offset = join(relay.folder, 'clock');
  await relay.stop();
  await writeFile(offset, '+0');
  relay.env = {
    LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
    FAKETIME_TIMESTAMP_FILE: offset,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  await relay.resume();
  const at = await relay.connect();
  const tags = [['expiration', String(now_s() + 7200)]];
  const event = await at.post(sign_once({ tags }));
  await writeFile(offset, '+10800');
  const vanish = sign(new NostrKey(), { kind: 62, tags: [['relay', 'ALL_RELAYS']], content: '' });
  await at.post(vanish); // the relay clears up at once
  const said = () => relay.log_lines.find(({ message }) => /clock went ahead/.test(message));
  await eventually(said, 'the relay to doubt its clock');
  assert.match(said().message, /nothing is removed for an hour; see whether it is right/);
  assert.deepEqual(await at.query({ ids: [event.id] }), [], 'expired, by that clock');
  await writeFile(offset, '+0');
  assert.deepEqual(ids(await at.query({ ids: [event.id] })), [event.id]);
  await relay.stop();
});

/** A raw connection that may end its half. */
async function raw(t, relay) {
  const socket = connect({ port: relay.port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  socket.received = '';
  socket.on('data', (chunk) => (socket.received += chunk.toString('latin1')));
  return socket;
}

test('a half-closed socket: what was asked is answered, then the relay lets go too', async (t) => {
  const relay = await Relay.of(t, { log: { level: 'debug' } });
  const http = await raw(t, relay);
  http.end('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await within(once(http, 'end'), 'the other half to end');
  assert.match(http.received, /^HTTP\/1\.1 200/);

  const websocket = await raw(t, relay);
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  websocket.end(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await within(once(websocket, 'end'), 'the other half to end');
  assert.match(websocket.received, /^HTTP\/1\.1 101/);
  const lost = () => relay.log_lines.find(({ fields }) => fields.code === 1006);
  await eventually(lost, 'the line of its end');
  assert.match(lost().fields.reason, /lost/);
  await (await relay.connect()).post(sign_once());
});

test('a binary frame: 1003 with the reason, said in the log, and nobody else is disturbed', async (t) => {
  const relay = await Relay.of(t, { log: { level: 'debug' } });
  const [one, other] = [await relay.connect(), await relay.connect()];
  one.send(Buffer.from(JSON.stringify(['REQ', 'x', {}])));
  const { code, reason } = await one.closed;
  assert.equal(code, 1003);
  assert.match(reason, /text/);
  const line = () => relay.log_lines.find(({ fields }) => fields.code === 1003);
  await eventually(line, 'its line');
  assert.equal(line().fields.reason, reason);
  await other.post(sign_once());
});
