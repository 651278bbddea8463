// A group whose members prove a key of the epoch instead of their accounts: the relay bars outsiders and whoever was
// removed, and does not learn who is in it.
import './support/webcrypto.js';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { getPublicKey } from 'nostr-tools/pure';

import { epochKey, foundingEvent, rotationEvent } from '../../client/epoch-key.js';
import { ids, sign } from './support/event.js';
import { Person, gift_wrap, new_group_id, wrapped_welcome } from './support/person.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';

/** The key of the epoch in which this person is now, as somebody who can prove it and sign with it. */
async function epoch_key(person) {
  const exporter = (label, context, length) =>
    person.group.export_secret(label, new TextDecoder().decode(context), length);
  const secret = await epochKey(exporter, person.h);
  return { secret, pubkey: getPublicKey(secret) };
}

describe('the key of an epoch', () => {
  const bytes = (hex) => new Uint8Array(Buffer.from(hex, 'hex'));
  const derived = async (exported) =>
    Buffer.from(await epochKey(() => bytes(exported), 'g')).toString('hex');

  test('is asked of the exporter with the label, the group id and 32 bytes', async () => {
    let asked;
    await epochKey((...question) => (asked = question) && new Uint8Array(32).fill(7), 'grp ключ');
    assert.deepEqual(asked, ['mls-gateway epoch key', new TextEncoder().encode('grp ключ'), 32]);
  });

  test('is what the exporter gave, where that is a secret key', async () => {
    const largest = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140';
    for (const key of ['01'.repeat(32), '00'.repeat(31) + '01', largest])
      assert.equal(await derived(key), key);
  });

  test('is its SHA-256, where it is none', async () => {
    const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
    for (const none of ['00'.repeat(32), order, 'ff'.repeat(32)]) {
      const hash = createHash('sha256').update(bytes(none)).digest('hex');
      assert.equal(await derived(none), hash);
    }
  });

  test('is refused from an exporter that gives another length', async () => {
    await assert.rejects(
      epochKey(() => new Uint8Array(16), 'g'),
      /16 bytes/,
    );
  });
});

describe('a group of an epoch key', () => {
  let relay, h, alice, bob, carol, accounts;
  before(async () => {
    relay = await Relay.start();
    h = new_group_id();
    [alice, bob, carol] = accounts = [new Person(), new Person(), new Person()];
    const packages = await Promise.all(accounts.map((person) => person.key_package_event()));
    for (const [index, person] of accounts.entries())
      await (await relay.connect(person)).post(packages[index]);
    await alice.create_group(h);
    const { welcome } = await alice.add(packages[1], packages[2]);
    for (const [index, person] of [bob, carol].entries()) {
      const key_package_id = packages[index + 1].id;
      const wrap = wrapped_welcome(alice, person.pubkey, { welcome, key_package_id }); // no `h`
      await (await relay.connect()).post(wrap);
    }
  });
  after(() => relay?.remove());

  const messages = () => ({ kinds: [445], '#h': [h] });
  const inbox = async (person) =>
    (await relay.connect(person)).query({ kinds: [1059], '#p': [person.pubkey] });
  const join = async (person) => person.join((await inbox(person))[0], h);

  test('is joined by Welcomes that do not name it, and its members derive one key', async () => {
    await join(bob);
    await join(carol);
    const keys = await Promise.all([alice, bob, carol].map(epoch_key));
    assert.equal(new Set(keys.map(({ pubkey }) => pubkey)).size, 1);
    for (const { pubkey } of accounts) assert.notEqual(pubkey, keys[0].pubkey);
  });

  test('is founded by the key of its first epoch, which alone is a member', async () => {
    const key = await epoch_key(alice);
    const at = await relay.connect(key);
    await at.post(sign(key, foundingEvent({ group: h, seq: alice.group.epoch })));
    await at.post(await alice.message('hello from nobody in particular'));
    const bob_at = await relay.connect(await epoch_key(bob));
    const [event] = await bob_at.query(messages());
    assert.equal(await bob.read(event), 'hello from nobody in particular');
    assert.equal(await carol.read(event), 'hello from nobody in particular');
  });

  test('gives nothing to the accounts of its own members', async () => {
    for (const person of accounts) {
      const at = await relay.connect(person);
      assert.deepEqual(await at.query(messages()), []);
      assert.match(await at.rejection(await alice.message('as myself')), /^restricted: /);
    }
  });

  test('carries a conversation of connections that proved the epoch key alone', async () => {
    const key = await epoch_key(alice);
    const [alice_at, bob_at] = [await relay.connect(key), await relay.connect(key)];
    const bob_hears = await bob_at.subscribe({ ...messages(), limit: 0 });
    const alice_hears = await alice_at.subscribe({ ...messages(), limit: 0 });
    const first = await alice_at.post(await alice.message('who are you?'));
    assert.equal(await bob.read(await bob_hears.next()), 'who are you?');
    await carol.read(first);
    await alice_hears.next();
    const second = await bob_at.post(await bob.message('one of us'));
    assert.equal(await alice.read(await alice_hears.next()), 'one of us');
    await carol.read(second);
  });

  test('bars whoever was removed, from the rotation on and on open subscriptions too', async () => {
    const old_key = await epoch_key(alice);
    const [alice_at, bob_at, carol_at] = [
      await relay.connect(old_key),
      await relay.connect(old_key),
      await relay.connect(old_key),
    ];
    const bob_hears = await bob_at.subscribe({ ...messages(), limit: 0 });
    const carol_hears = await carol_at.subscribe({ kinds: [445, 450], '#h': [h], limit: 0 });
    const everything = await carol_at.subscribe({ limit: 0 });

    const commit = alice.commit(await alice.group.remove(carol.pubkey));
    await alice_at.post(commit);
    assert.equal(await bob.read(await bob_hears.next()), null, 'a commit');
    const [next, bobs_next] = [await epoch_key(alice), await epoch_key(bob)];
    assert.deepEqual(bobs_next, next);
    const seq = alice.group.epoch;
    await alice_at.post(sign(old_key, rotationEvent({ group: h, seq, next: next.pubkey })));
    for (const at of [alice_at, bob_at]) await at.authenticate(next);

    const secret = await alice_at.post(await alice.message('without Carol'));
    assert.equal((await bob_hears.next()).id, secret.id);
    assert.equal(await bob.read(secret), 'without Carol');
    await carol_at.catch_up(alice_at);
    assert.ok(!ids([...carol_hears.events, ...everything.events]).includes(secret.id));
    assert.deepEqual(ids(carol_hears.live), [commit.id], 'until the rotation she was a member');

    for (const filter of [messages(), { kinds: [450] }, { ids: [secret.id, commit.id] }])
      assert.deepEqual(await carol_at.query(filter), [], JSON.stringify(filter));
    assert.equal(await carol_at.count(messages()), 0);
    const again = await relay.connect(old_key, carol);
    assert.deepEqual(await again.query(messages()), []);
    const forged = await bob.message('passed on to Carol');
    assert.match(await again.rejection(forged), /^restricted: /);
    const back = roster(old_key, h, 'replace', { seq: seq + 1, p: [old_key] });
    assert.match(await again.rejection(back), /^restricted: /);
  });

  test('is rotated by one of two who commit at once; the other is told', async () => {
    const key = await epoch_key(alice);
    const [alice_at, bob_at] = [await relay.connect(key), await relay.connect(key)];
    const commits = [
      alice.commit(await alice.group.refresh()),
      bob.commit(await bob.group.refresh()),
    ];
    const keys = [await epoch_key(alice), await epoch_key(bob)];
    const seq = alice.group.epoch;
    const rotations = keys.map(({ pubkey }) =>
      sign(key, rotationEvent({ group: h, seq, next: pubkey })),
    );
    await Promise.all([alice_at.post(commits[0]), bob_at.post(commits[1])]);
    const answers = await Promise.all([
      alice_at.publish(rotations[0]),
      bob_at.publish(rotations[1]),
    ]);
    const winner = answers.findIndex(({ accepted }) => accepted);
    assert.equal(answers.filter(({ accepted }) => accepted).length, 1);
    assert.match(answers[1 - winner].reason, /^(restricted|invalid): /);
    const at = await relay.connect(keys[winner]);
    assert.equal((await at.query(messages())).length, 7);
    const loser_at = await relay.connect(keys[1 - winner]);
    assert.deepEqual(await loser_at.query(messages()), []);
  });
});

test('an overlap lets who was away fetch the commit, and ends with the next rotation', async (t) => {
  const relay = await Relay.of(t);
  const [alice, bob] = [new Person(), new Person()];
  const h = new_group_id();
  const bobs_package = await bob.key_package_event();
  await alice.create_group(h);
  const { welcome } = await alice.add(bobs_package);
  const welcome_wrap = wrapped_welcome(alice, bob.pubkey, {
    welcome,
    key_package_id: bobs_package.id,
  });
  await bob.join(welcome_wrap, h);

  const keys = [await epoch_key(alice)];
  const at = await relay.connect(keys[0]);
  await at.post(sign(keys[0], foundingEvent({ group: h, seq: alice.group.epoch })));
  const rotate = async (overlap) => {
    const commit = await at.post(alice.commit(await alice.group.refresh()));
    const next = await epoch_key(alice);
    const event = rotationEvent({ group: h, seq: alice.group.epoch, next: next.pubkey, overlap });
    await at.post(sign(keys.at(-1), event));
    await at.authenticate(next);
    keys.push(next);
    return commit;
  };

  const commit = await rotate(true);
  const bob_at = await relay.connect(await epoch_key(bob));
  const stored = await bob_at.query({ kinds: [445], '#h': [h] });
  assert.deepEqual(ids(stored), [commit.id]);
  await bob.read(stored[0]);
  assert.deepEqual(await epoch_key(bob), keys.at(-1));

  const hidden = await rotate(false);
  assert.deepEqual(await bob_at.query({ kinds: [445], '#h': [h] }), []);
  await bob_at.authenticate(await epoch_key(bob));
  assert.deepEqual(await bob_at.query({ kinds: [445], '#h': [h] }), [], 'a key of the past');

  const missed = gift_wrap(alice, bob.pubkey, { kind: 445, content: hidden.content });
  await at.post(missed); // without `h`: it changes nothing, and only Bob's account reads it
  const [letter] = await (await relay.connect(bob)).query({ kinds: [1059], '#p': [bob.pubkey] });
  assert.equal(letter.id, missed.id);
  await bob.read(hidden);
  await bob_at.authenticate(await epoch_key(bob));
  assert.equal((await bob_at.query({ kinds: [445], '#h': [h] })).length, 2);
});
