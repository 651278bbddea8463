import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { verifyEvent } from 'nostr-tools/pure';

import { ids, now_s } from './support/event.js';
import { alice_and_bob, invite } from './support/gathering.js';
import { Person, new_group_id, opaque_message, wrapped_welcome } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

for (const encoding of ['base64', 'hex']) {
  test(`a key package in ${encoding} becomes an invitation, a group and a conversation`, async () => {
    const { h, alice, bob, alice_at, bob_at, package_event, rumor } = await alice_and_bob(relay, {
      encoding,
    });
    assert.equal(rumor.pubkey, alice.pubkey);
    assert.deepEqual(rumor.tags[0], ['e', package_event.id]);

    const alice_hears = await alice_at.subscribe({ kinds: [445], '#h': [h] });
    const bob_hears = await bob_at.subscribe({ kinds: [445], '#h': [h] });
    const hello = await alice_at.post(await alice.message('hello Bob'));
    assert.equal(await bob.read(await bob_hears.next()), 'hello Bob');
    await alice_hears.next(); // her own message comes back to her, as to every subscriber
    await bob_at.post(await bob.message('hello Alice'));
    assert.equal(await alice.read(await alice_hears.next()), 'hello Alice');

    const [stored] = await bob_at.query({ ids: [hello.id] });
    assert.deepEqual(stored, hello, 'byte for byte what was signed');
    assert.ok(verifyEvent(stored));
  });
}

test('what was said while Bob was away waits for him, in order', async () => {
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
  await bob_at.close();
  const said = ['one', 'two', 'three'];
  for (const [index, text] of said.entries()) {
    await alice_at.post(await alice.message(text, { created_at: now_s() - said.length + index }));
  }

  const back = await relay.connect();
  assert.match(await back.refusal({ kinds: [1059], '#p': [bob.pubkey] }), /^auth-required: /);
  await back.authenticate(bob);
  const newest_first = await back.query({ kinds: [445], '#h': [h] });
  assert.deepEqual(await bob.read_all(newest_first.reverse()), said);
});

test('messages sent in one breath arrive live in the order they were sent', async () => {
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
  const said = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const bob_hears = await bob_at.subscribe({ kinds: [445], '#h': [h] });
  const events = [];
  for (const text of said) events.push(await alice.message(text));
  await Promise.all(events.map((event) => alice_at.post(event)));
  assert.deepEqual(await bob.read_all(await bob_hears.next_of(said.length)), said);
});

test('a third person joins by commit and Welcome, and everybody goes on in the new epoch', async () => {
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
  const carol = new Person();
  const carol_at = await relay.connect(carol);
  await carol_at.post(await carol.key_package_event());
  const bob_hears = await bob_at.subscribe({ kinds: [445], '#h': [h] });

  const { wrap } = await invite(alice_at, alice, carol);
  assert.equal(await bob.read(await bob_hears.next()), null);
  const [invitation] = await carol_at.query({ kinds: [1059], '#p': [carol.pubkey] });
  assert.equal(invitation.id, wrap.id);
  await carol.join(invitation, h);
  assert.deepEqual([alice.group.epoch, bob.group.epoch, carol.group.epoch], [2, 2, 2]);

  const carol_hears = await carol_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
  await bob_at.post(await bob.message('welcome, Carol'));
  assert.equal(await carol.read(await carol_hears.next()), 'welcome, Carol');
  const alice_hears = await alice_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
  await carol_at.post(await carol.message('thanks'));
  assert.equal(await alice.read(await alice_hears.next()), 'thanks');
});

test('a restart keeps key packages, invitations, membership and messages', async () => {
  const { h, alice, bob, alice_at, package_event, wrap } = await alice_and_bob(relay);
  const before_restart = await alice_at.post(await alice.message('before'));
  await relay.restart();

  const alice_back = await relay.connect(alice);
  const bob_back = await relay.connect(bob);
  assert.deepEqual(ids(await alice_back.query({ kinds: [443], authors: [bob.pubkey] })), [
    package_event.id,
  ]);
  assert.deepEqual(ids(await bob_back.query({ kinds: [1059], '#p': [bob.pubkey] })), [wrap.id]);
  const bob_hears = await bob_back.subscribe({ kinds: [445], '#h': [h] });
  assert.deepEqual(ids(bob_hears.stored), [before_restart.id]);
  assert.equal(await bob.read(bob_hears.stored[0]), 'before');

  await alice_back.post(await alice.message('after'));
  assert.equal(await bob.read(await bob_hears.next()), 'after');
  await bob_back.post(await bob.message('still a member'));
  const mallory_at = await relay.connect(new Person());
  assert.deepEqual(await mallory_at.query({ kinds: [445], '#h': [h] }), []);
});

test('150 people are added at once, and the Welcome reaches one of them whole', async () => {
  const alice = new Person();
  const people = Array.from({ length: 150 }, () => new Person());
  const bob = people.at(-1);
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const packages = await Promise.all(people.map((person) => person.key_package_event()));
  await alice.create_group(new_group_id());
  const { h } = alice;
  const { commit, welcome } = await alice.add(...packages);
  const key_package_id = packages.at(-1).id;
  const wrap = await alice_at.post(
    wrapped_welcome(alice, bob.pubkey, { welcome, key_package_id, h }),
  );
  assert.ok(JSON.stringify(wrap).length > 100_000, 'larger than many relays take');
  await alice_at.post(alice.commit(commit));

  const [invitation] = await bob_at.query({ kinds: [1059], '#p': [bob.pubkey] });
  await bob.join(invitation, h);
  const bob_hears = await bob_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
  await alice_at.post(await alice.message('hello, all of you'));
  assert.equal(await bob.read(await bob_hears.next()), 'hello, all of you');
});

test('competing commits of one epoch are all kept and handed out', async () => {
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
  const commits = [
    await alice_at.post(alice.commit(await alice.group.refresh())),
    await bob_at.post(bob.commit(await bob.group.refresh())),
  ];
  const stored = await alice_at.query({ kinds: [445], '#h': [h] });
  assert.deepEqual(ids(stored).sort(), ids(commits).sort());
});

test('a group id may be any text up to 128 bytes', async () => {
  for (const h of ['grp_abc123', 'a/b?c=d&e#f', 'ключ 🔑', 'x'.repeat(128)]) {
    const { alice, bob, alice_at, bob_at } = await alice_and_bob(relay, { h });
    await alice_at.post(await alice.message('hi'));
    const [event] = await bob_at.query({ kinds: [445], '#h': [h] });
    assert.equal(await bob.read(event), 'hi');
  }
});

test('a group id that is empty, longer or holds control characters is refused', async () => {
  const alice = new Person();
  const alice_at = await relay.connect(alice);
  for (const h of ['', 'x'.repeat(129), 'a\u0001b', 'a\nb']) {
    assert.match(await alice_at.rejection(opaque_message(h, { tags: [['k', '0']] })), /^invalid: /);
  }
});
