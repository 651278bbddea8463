// How membership of a gated group comes about, and that it counts from that very moment.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ids, sign, sign_once } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const epoch = [['k', '1']];
const message = (h) => opaque_message(h, { tags: epoch });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));
const people = (count) => Array.from({ length: count }, () => new Person());

/** What each person, on a connection of their own, may read of the group. */
async function readers(h, ...all) {
  const found = [];
  for (const person of all) {
    const connection = await relay.connect(person);
    found.push((await connection.query({ kinds: [445], '#h': [h] })).length > 0);
  }
  return found;
}

test('the founder is the key that signed, where the connection proved it', async () => {
  const [first, signer, invited] = people(3);
  const connection = await relay.connect(first, signer);
  const h = new_group_id();
  const tags = [['p', invited.pubkey], ...invitation_tags(h)];
  await connection.post(sign(signer, { kind: 1059, tags, content: 'opaque' }));
  await connection.post(message(h));
  assert.deepEqual(await readers(h, first, signer, invited), [false, true, true]);
});

test('the founder is the first proved key, where a one-time key signed', async () => {
  const [first, second, invited] = people(3);
  const connection = await relay.connect(first, second);
  const h = new_group_id();
  await connection.post(invitation(second, invited, h));
  await connection.post(message(h));
  assert.deepEqual(await readers(h, first, second, invited), [true, false, true]);
});

for (const [what, first_use] of [
  ['with k', (founder, h) => message(h)],
  ["in the founder's own name", (founder, h) => sign(founder, { kind: 445, tags: [['h', h]] })],
]) {
  test(`a first message ${what} founds a gated group of one`, async () => {
    const [founder, stranger] = people(2);
    const founder_at = await relay.connect(founder);
    const h = new_group_id();
    await founder_at.post(first_use(founder, h));
    assert.deepEqual(await readers(h, founder, stranger), [true, false]);
    const stranger_at = await relay.connect(stranger);
    assert.match(await stranger_at.rejection(message(h)), /^restricted: /);
    await founder_at.post(invitation(founder, stranger, h));
    await stranger_at.post(message(h));
  });
}

test('a group is founded and written to in one breath', async () => {
  const [alice, bob] = people(2);
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const h = new_group_id();
  const hears = await bob_at.subscribe({ kinds: [445], '#h': [h] });
  const events = [invitation(alice, bob, h), message(h), message(h)];
  await Promise.all(events.map((event) => alice_at.post(event)));
  assert.deepEqual(ids(await hears.next_of(2)), ids(events.slice(1)));
});

test('an open subscription delivers from the moment its owner is invited', async () => {
  const { h, alice, alice_at } = await alice_and_bob(relay);
  const carol = new Person();
  const carol_at = await relay.connect(carol);
  const hears = await carol_at.subscribe({ kinds: [445], '#h': [h] });
  await alice_at.post(message(h));
  await alice_at.post(invitation(alice, carol, h));
  const after_invitation = await alice_at.post(message(h));
  assert.equal((await hears.next()).id, after_invitation.id);
  await carol_at.catch_up(alice_at);
  assert.deepEqual(ids(hears.live), [after_invitation.id]);
});

test('an invited member may invite the next', async () => {
  const { h, bob, bob_at } = await alice_and_bob(relay);
  const carol = new Person();
  await bob_at.post(invitation(bob, carol, h));
  await (await relay.connect(carol)).post(message(h));
});

test("an invitation is read by the invited alone, not by the group's other members", async () => {
  const { h, alice, alice_at, bob_at, wrap } = await alice_and_bob(relay);
  const carol = new Person();
  const second = await alice_at.post(invitation(alice, carol, h));
  for (const filter of [{ kinds: [1059] }, { '#h': [h] }, { ids: [second.id] }]) {
    assert.ok(!ids(await bob_at.query(filter)).includes(second.id));
  }
  assert.deepEqual(await alice_at.query({ ids: [wrap.id, second.id] }), []);
});

test('a forgery right behind an accepted event is refused like any other', async () => {
  const { h, wrap, alice, alice_at } = await alice_and_bob(relay);
  const theirs = await alice_at.post(await alice.message('private'));
  const mallory = new Person();
  const mallory_at = await relay.connect(mallory);
  const own = new_group_id();
  const batch = [
    [sign_once({ content: 'harmless' }), true],
    [message(h), false],
    [invitation(mallory, mallory, h), false],
    [opaque_message(h), false],
    [invitation(mallory, new Person(), own), true],
    [wrap, false],
    [theirs, false],
    [message(own), true],
  ];
  const answers = await Promise.all(batch.map(([event]) => mallory_at.publish(event)));
  for (const [index, { accepted, reason }] of answers.entries()) {
    const [event, expected] = batch[index];
    assert.equal(accepted, expected, `${index}: kind ${event.kind}: ${reason}`);
    if (!expected) assert.match(reason, /^restricted: /);
  }
  assert.deepEqual(await mallory_at.query({ '#h': [h] }), []);
});

test('of two who found one group at the same time one wins, and the other is no member', async () => {
  for (let round = 0; round < 10; round += 1) {
    const rivals = people(2);
    const connections = [await relay.connect(rivals[0]), await relay.connect(rivals[1])];
    const h = new_group_id();
    const answers = await Promise.all(
      connections.map((connection, index) =>
        connection.publish(invitation(rivals[index], new Person(), h)),
      ),
    );
    const won = answers.map(({ accepted }) => accepted);
    assert.equal(won.filter(Boolean).length, 1);
    const writes = await Promise.all(
      connections.map((connection) => connection.publish(message(h))),
    );
    assert.deepEqual(
      writes.map(({ accepted }) => accepted),
      won,
    );
  }
});

test('a member on many connections gets each message once on each', async () => {
  const { h, bob, alice_at } = await alice_and_bob(relay);
  const everywhere = [];
  for (let n = 0; n < 6; n += 1) {
    const connection = await relay.connect(bob);
    everywhere.push([connection, await connection.subscribe({ kinds: [445], '#h': [h] })]);
  }
  const event = await alice_at.post(message(h));
  for (const [connection, hears] of everywhere) {
    await connection.catch_up(alice_at);
    assert.deepEqual(ids(hears.events), [event.id]);
  }
});

test('who leaves and comes back on another connection is still a member', async () => {
  const { h, bob, bob_at } = await alice_and_bob(relay);
  for (let n = 0; n < 5; n += 1) {
    await bob_at.close();
    const back = await relay.connect(bob);
    await back.post(message(h));
    assert.equal((await back.query({ kinds: [445], '#h': [h] })).length, n + 1);
    await back.close();
  }
});

test('proving a second key adds its groups to those of the first', async () => {
  const one = await alice_and_bob(relay);
  const two = await alice_and_bob(relay);
  const events = [await one.alice_at.post(message(one.h)), await two.alice_at.post(message(two.h))];
  const connection = await relay.connect(one.bob);
  const filter = { kinds: [445], '#h': [one.h, two.h] };
  assert.deepEqual(ids(await connection.query(filter)), [events[0].id]);
  await connection.authenticate(two.alice);
  assert.deepEqual(ids(await connection.query(filter)).sort(), ids(events).sort());
});
