// How a relay ends: not ready any more, clients let go one by one, commits finished, exit 0 in time.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';

import { eventually, within } from './support/deadline.js';
import { ids, sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

const draining = (drain_s) => ({ server: { drain_s } });
const connections = (relay, count) =>
  Promise.all(Array.from({ length: count }, () => relay.connect()));

/** GET on a connection that stays open; null once the relay has ended it. */
async function ask(agent, relay, path) {
  const asked = http.get(`${relay.http_url}${path}`, { agent });
  try {
    const [answer] = await once(asked, 'response');
    let body = '';
    for await (const chunk of answer) body += chunk;
    return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(body) };
  } catch {
    return null;
  }
}

test('/livez and /readyz answer 200 while the relay serves', async (t) => {
  const relay = await Relay.of(t);
  assert.equal((await relay.get('/livez')).status, 200);
  assert.equal((await relay.get('/readyz')).status, 200);
});

test('SIGTERM: /readyz says 503, /livez 200, and no new connection is taken', async (t) => {
  const relay = await Relay.of(t, draining(5));
  const agents = Array.from({ length: 20 }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  t.after(() => agents.forEach((agent) => agent.destroy()));
  for (const agent of agents) assert.equal((await ask(agent, relay, '/readyz')).status, 200);
  await relay.connect();
  const ended = relay.signal('SIGTERM');
  await eventually(() => /stopping: terminated/.test(relay.log), 'the relay to stop');
  const answers = [];
  for (const agent of agents) answers.push(await ask(agent, relay, '/readyz'));
  const seen = answers.filter((answer) => answer !== null); // the others had had their turn
  assert.ok(seen.length > 0);
  for (const { status, headers, body } of seen) {
    assert.equal(status, 503);
    assert.ok(Number(headers['retry-after']) > 0);
    assert.equal(body.status, 'draining');
    assert.match(body.message, /stopping/);
  }
  const late = connect(relay.port, '127.0.0.1');
  const [error] = await within(once(late, 'error'), 'a refusal');
  assert.equal(error.code, 'ECONNREFUSED');
  assert.deepEqual(await within(ended, 'the end'), { code: 0, signal: null });
});

test('SIGTERM spreads the ends over drain_s, each 1012, and the relay ends with 0', async (t) => {
  const relay = await Relay.of(t, draining(2));
  const all = await connections(relay, 60);
  const begin = Date.now();
  const ends = all.map(({ closed }) => closed.then(({ code }) => ({ code, ms: Date.now() - begin })));
  const { code } = await relay.stop();
  assert.equal(code, 0);
  assert.ok(Date.now() - begin < 10_000);
  const seen = await Promise.all(ends);
  assert.deepEqual(new Set(seen.map((end) => end.code)), new Set([1012]));
  for (const [low, high] of [[0, 700], [700, 1400], [1400, 2600]]) {
    const count = seen.filter(({ ms }) => ms >= low && ms < high).length;
    assert.ok(count >= 5, `${count} ended between ${low} and ${high} ms`);
  }
});

test('who does not answer the end does not hold it up', async (t) => {
  const relay = await Relay.of(t, draining(1));
  for (const connection of await connections(relay, 5)) connection.pause();
  const begin = Date.now();
  assert.equal((await relay.stop()).code, 0);
  assert.ok(Date.now() - begin < 8_000, 'two ticks after drain_s');
});

test('clients are served while they wait for their turn, and what got its OK is kept', async (t) => {
  const relay = await Relay.of(t, draining(2));
  const writers = await connections(relay, 10);
  let streaming = true;
  const streams = writers.map(async (writer) => {
    while (streaming) {
      writer.send(['EVENT', sign_once({ content: 'one more' })]);
      await new Promise(setImmediate);
    }
  });
  const acknowledged = () =>
    writers
      .flatMap(({ messages }) => messages)
      .filter(([verb, , accepted]) => verb === 'OK' && accepted)
      .map(([, id]) => id);
  await eventually(() => acknowledged().length > 50, 'a stream of events');
  const ended = relay.signal('SIGTERM');
  await eventually(() => /stopping: terminated/.test(relay.log), 'the relay to stop');
  const before = acknowledged().length;
  assert.equal((await within(ended, 'the end')).code, 0);
  streaming = false;
  await Promise.all(streams);
  const wanted = acknowledged();
  assert.ok(wanted.length > before + 50, `${wanted.length - before} while it drained`);
  await relay.resume();
  const again = await relay.connect();
  const found = new Set();
  for (let n = 0; n < wanted.length; n += 200)
    for (const { id } of await again.query({ ids: wanted.slice(n, n + 200) })) found.add(id);
  assert.deepEqual(
    wanted.filter((id) => !found.has(id)),
    [],
  );
});

test('a second SIGTERM ends it at once, and nothing that got its OK is lost', async (t) => {
  const relay = await Relay.of(t, draining(300));
  const all = await connections(relay, 20);
  const event = await all[0].post(sign_once({ content: 'kept' }));
  const first = relay.signal('SIGTERM');
  await eventually(() => /stopping: terminated/.test(relay.log), 'the relay to stop');
  const begin = Date.now();
  const { signal } = await relay.stop('SIGTERM');
  assert.equal(signal, 'SIGTERM');
  assert.ok(Date.now() - begin < 2_000);
  await first;
  await relay.resume();
  assert.deepEqual(ids(await (await relay.connect()).query({ ids: [event.id] })), [event.id]);
});

test('Ctrl-C does not drain', async (t) => {
  const relay = await Relay.of(t, draining(300));
  const all = await connections(relay, 5);
  assert.equal((await relay.stop('SIGINT')).code, 0);
  for (const { closed } of all) assert.equal((await closed).code, 1012);
});
