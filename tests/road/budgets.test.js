// rate_limits: what each client may write in a while, and how it is told to wait.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sign, sign_once } from './support/event.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

async function relay_with(t, limits) {
  const relay = await Relay.start({ 'extensions.mls_gateway.rate_limits': limits });
  t.after(() => relay.remove());
  return relay;
}

/** How many of `events` are taken before one is refused for the rate; asserts that it says how long to wait. */
async function taken(connection, events) {
  for (const [count, event] of events.entries()) {
    const { accepted, reason } = await connection.publish(event);
    if (accepted) continue;
    assert.match(reason, /^rate-limited: .*\b[1-9]\d* seconds/);
    return count;
  }
  return events.length;
}

const times = (count, make) => Array.from({ length: count }, make);

test('a key has one budget, however many connections it has', async (t) => {
  const relay = await relay_with(t, { max_events_per_minute: 5 });
  const [alice, bob] = [new Person(), new Person()];
  const wrap = () => gift_wrap(alice, bob.pubkey, { kind: 14 });
  assert.equal(await taken(await relay.connect(alice), times(8, wrap)), 5);
  assert.equal(await taken(await relay.connect(alice), times(2, wrap)), 0);
  assert.equal(await taken(await relay.connect(bob), times(8, wrap)), 5);
});

test('events outside the gate are not counted', async (t) => {
  const relay = await relay_with(t, { max_events_per_minute: 1 });
  const alice = new Person();
  const at = await relay.connect(alice);
  assert.equal(await taken(at, times(5, (_, i) => sign(alice, { content: `${i}` }))), 5);
});

test('without a key the address has the budget', async (t) => {
  const relay = await relay_with(t, { max_group_messages_per_minute: 4 });
  const messages = () => times(6, () => opaque_message(new_group_id()));
  assert.equal(await taken(await relay.connect(), messages()), 4);
  assert.equal(await taken(await relay.connect(), messages()), 0);
});

test('group messages are counted apart from key packages', async (t) => {
  const relay = await relay_with(t, { max_group_messages_per_minute: 3, max_keypackages_per_hour: 2 });
  const alice = new Person();
  const at = await relay.connect(alice);
  const h = new_group_id();
  const messages = times(5, () => opaque_message(h, { tags: [['k', '1']] }));
  const packages = times(4, () => sign_once({ kind: 443, content: 'AA==' }));
  assert.equal(await taken(at, messages), 3);
  assert.equal(await taken(at, packages), 2);
});
