// NIP-62: who asks to vanish is gone, from the groups and the pool too, and stays gone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Person, gift_wrap, invitation_tags, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const request = (key, ...relays) =>
  sign(key, { kind: 62, created_at: now_s() + 1, tags: relays.map((url) => ['relay', url]) });

for (const [how, relay_of] of [
  ['names this relay', () => relay.url],
  ['names all relays', () => 'ALL_RELAYS'],
]) {
  test(`a request that ${how} takes everything of its author, deletions too, for good`, async () => {
    const key = new NostrKey();
    const at = await relay.connect(key);
    const note = await at.post(sign(key, { content: 'once' }));
    const deletion = await at.post(sign(key, { kind: 5, tags: [['e', '0'.repeat(64)]] }));
    const asked = await at.post(request(key, relay_of()));
    assert.deepEqual(ids(await at.query({ authors: [key.pubkey] })), [asked.id]);
    for (const event of [note, deletion]) {
      assert.match(await at.rejection(event), /^blocked: /);
    }
    const undo = sign(key, { kind: 5, created_at: now_s() + 2, tags: [['e', asked.id]] });
    await at.post(undo);
    assert.match(await at.rejection(note), /^blocked: /);
  });
}

test('a request to another relay changes nothing here; one to none is refused', async () => {
  const key = new NostrKey();
  const at = await relay.connect(key);
  const note = await at.post(sign(key, { content: 'stays' }));
  await at.post(request(key, 'wss://elsewhere.example'));
  assert.deepEqual(ids(await at.query({ ids: [note.id] })), [note.id]);
  assert.match(await at.rejection(request(key)), /^invalid: /);
});

test('wraps for the author go, and are not brought back; others keep theirs', async () => {
  const [alice, bob, carol] = [new Person(), new Person(), new Person()];
  const alice_at = await relay.connect(alice);
  const to_bob = await alice_at.post(gift_wrap(alice, bob.pubkey, { kind: 14 }));
  const to_carol = await alice_at.post(gift_wrap(alice, carol.pubkey, { kind: 14 }));
  const bob_at = await relay.connect(bob);
  await bob_at.post(request(bob, relay.url));
  assert.deepEqual(await bob_at.query({ kinds: [1059] }), []);
  assert.match(await alice_at.rejection(to_bob), /^blocked: /);
  const carol_at = await relay.connect(carol);
  assert.deepEqual(ids(await carol_at.query({ kinds: [1059] })), [to_carol.id]);
});

test('memberships and key packages end in the same breath, on an open subscription too', async () => {
  const [alice, bob] = [new Person(), new Person()];
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  await bob_at.post(await bob.key_package_event());
  const h = new_group_id();
  await alice_at.post(gift_wrap(alice, bob.pubkey, { kind: 444 }, invitation_tags(h)));
  const to_bob = await bob_at.subscribe({ kinds: [445], '#h': [h] });
  const first = await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
  assert.equal((await to_bob.next()).id, first.id);
  await bob_at.post(request(bob, relay.url));
  const later = await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
  await bob_at.catch_up(alice_at);
  assert.ok(!ids(to_bob.live).includes(later.id));
  assert.deepEqual(await bob_at.query({ kinds: [445], '#h': [h] }), []);
  assert.deepEqual(await alice_at.query({ kinds: [443], authors: [bob.pubkey] }), []);
});

test('an old request, replayed by a stranger, ends no membership that came after it', async () => {
  const alice = new Person();
  const alice_at = await relay.connect(alice);
  const h = new_group_id();
  const sent = await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
  const tags = [['relay', 'ALL_RELAYS']];
  const old = sign(alice, { kind: 62, created_at: now_s() - 100 * 86_400, tags });
  const stranger_at = await relay.connect();
  await stranger_at.post(old);
  assert.deepEqual(ids(await alice_at.query({ kinds: [445], '#h': [h] })), [sent.id]);
  await alice_at.post(opaque_message(h, { tags: [['k', '2']] }));
});
