// NIP-40: expiration.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { ids, now_s, sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

let relay, connection;
before(async () => {
  relay = await Relay.start();
  connection = await relay.connect();
});
after(() => relay?.remove());

const expiring = (expiration, rest) =>
  sign_once({ kind: 1, tags: [['expiration', expiration]], ...rest });

test('what has expired is refused', async () => {
  for (const when of [now_s() - 1, 1]) {
    assert.match(await connection.rejection(expiring(String(when))), /^invalid: /);
  }
});

test('an event is served until it expires and never after, purged or not', async () => {
  const event = await connection.post(expiring(String(now_s() + 3)));
  assert.deepEqual(ids(await connection.query({ ids: [event.id] })), [event.id]);
  const gone = async () => (await connection.query({ ids: [event.id] })).length === 0;
  await eventually(gone, 'the event to expire', { every_ms: 50 });
  assert.deepEqual(await connection.query({ authors: [event.pubkey] }), []);
  assert.deepEqual(await connection.query({ kinds: [1] }), []);
});

test('an event without a good expiration does not crash anything', async () => {
  for (const value of ['', 'soon', '-1', '1e10', '99999999999999999999999999', '2000000000.5']) {
    await connection.publish(expiring(value));
  }
  await connection.publish(sign_once({ tags: [['expiration']] }));
  assert.ok(await connection.ping());
});

test('an expired replaceable event does not come back as an older version', async () => {
  const template = {
    kind: 30_023,
    tags: [
      ['d', 'x'],
      ['expiration', String(now_s() + 1)],
    ],
  };
  const event = await connection.post(sign_once(template));
  const gone = async () => (await connection.query({ authors: [event.pubkey] })).length === 0;
  await eventually(gone, 'the event to expire', { every_ms: 50 });
});

test('an ephemeral event with an expiration ahead goes out', async () => {
  const hears = await connection.subscribe({ kinds: [20_040] });
  const event = await connection.post(expiring(String(now_s() + 60), { kind: 20_040 }));
  assert.equal((await hears.next()).id, event.id);
});
