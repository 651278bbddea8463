// NIP-50: events found by their words, for who may read them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { go_on, learn, new_id, open } from './support/reconcile.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start({ 'extensions.search': { enabled: true } })));
after(() => relay?.remove());

const word = () => `word${Math.random().toString(36).slice(2)}`;
const contents = (events) => events.map(({ content }) => content);

test('the best match comes first, the newest of equals before, and limit cuts then', async () => {
  const at = await relay.connect();
  const [author, fruit] = [new NostrKey(), word()];
  const post = (content, age) =>
    at.post(sign(author, { content, created_at: now_s() - age }));
  const padding = Array.from({ length: 60 }, (_, n) => `pad${n}`).join(' ');
  await post(`${padding} ${fruit}`, 0);
  await post(`${fruit} old`, 9);
  await post(`${fruit} new`, 5);
  await post(`${fruit} ${fruit.toUpperCase()}`, 20);
  await post('of something else', 1);
  const best = [`${fruit} ${fruit.toUpperCase()}`, `${fruit} new`, `${fruit} old`];
  assert.deepEqual(contents(await at.query({ search: fruit, limit: 3 })), best);
  assert.equal((await at.query({ search: fruit })).length, 4);
  assert.deepEqual(contents(await at.query({ search: `OLD ${fruit} include:spam` })), [
    `${fruit} old`,
  ]);
  assert.equal(await at.count({ search: fruit }), 4);
  assert.equal(await at.count({ search: `${fruit} ${word()}` }), 0);
});

test('the other fields of a filter bind, and other filters come after', async () => {
  const at = await relay.connect();
  const [alice, bob, fruit] = [new NostrKey(), new NostrKey(), word()];
  const note = await at.post(sign(alice, { content: fruit }));
  const article = await at.post(sign(bob, { kind: 30_023, tags: [['d', ''], ['title', fruit]] }));
  const plain = await at.post(sign(alice, { content: 'plain', created_at: now_s() + 60 }));
  assert.deepEqual(ids(await at.query({ search: fruit, kinds: [30_023] })), [article.id]);
  assert.deepEqual(ids(await at.query({ search: fruit, authors: [alice.pubkey] })), [note.id]);
  assert.deepEqual(ids(await at.query({ search: fruit, until: note.created_at - 60 })), []);
  assert.deepEqual(
    ids(await at.query({ authors: [alice.pubkey] }, { search: fruit, kinds: [1] })),
    ids([note, plain]),
  );
});

test('an open search hears of new events that hold its words', async () => {
  const at = await relay.connect();
  const [one, other] = [word(), word()];
  const search = await at.subscribe({ search: `${one} ${other}` });
  await at.post(sign(new NostrKey(), { content: one }));
  const both = await at.post(sign(new NostrKey(), { content: `${other}, ${one}!` }));
  await at.catch_up(at);
  assert.deepEqual(ids(search.live), [both.id]);
});

test('what is deleted or replaced is not found, and a restart changes nothing', async () => {
  const at = await relay.connect();
  const [author, fruit] = [new NostrKey(), word()];
  const gone = await at.post(sign(author, { content: `${fruit} gone` }));
  const kept = await at.post(sign(author, { content: `${fruit} kept` }));
  await at.post(sign(author, { kind: 0, content: `${fruit} old`, created_at: now_s() - 5 }));
  const profile = await at.post(sign(author, { kind: 0, content: `${fruit} profile` }));
  await at.post(sign(author, { kind: 5, tags: [['e', gone.id]] }));
  const found = async () => ids(await (await relay.connect()).query({ search: fruit })).sort();
  assert.deepEqual(await found(), ids([kept, profile]).sort());
  await relay.restart();
  assert.deepEqual(await found(), ids([kept, profile]).sort());
});

test('nothing that is gated is found, by whoever, stored, live or counted', async () => {
  const { h, alice_at, bob, bob_at } = await alice_and_bob(relay);
  const secret = word();
  const at = await relay.connect();
  const capability = new_group_id();
  const live = await bob_at.subscribe({ search: secret });
  await alice_at.post(opaque_message(h, { content: secret }));
  await at.post(opaque_message(capability, { content: secret }));
  const letter = gift_wrap(new Person(), bob.pubkey, { kind: 14 });
  await at.post(letter);
  for (const connection of [at, alice_at, bob_at]) {
    for (const filter of [
      { search: secret },
      { search: secret, '#h': [capability] },
      { search: secret, '#h': [h] },
    ]) {
      assert.deepEqual(await connection.query(filter), []);
      assert.equal(await connection.count(filter), 0);
    }
  }
  await bob_at.catch_up(at);
  assert.deepEqual(live.live, []);
  assert.match(await at.refusal({ search: secret, kinds: [1059] }), /^auth-required: /);
});

test('a search that is no text, too long or of too many words is refused', async () => {
  const at = await relay.connect();
  for (const search of [7, ['a'], 'x'.repeat(257), 'a b c d e f g h i j k'])
    assert.match(await at.refusal({ search }), /^invalid: /);
});

test('which kinds are searched changes in a running relay', async (t) => {
  const other = await Relay.of(t, { 'extensions.search': { enabled: true, kinds: [1] } });
  const at = await other.connect();
  const reaction = (content) => at.post(sign(new NostrKey(), { kind: 7, content }));
  await reaction('orange before');
  await other.reconfigure({ 'extensions.search': { enabled: true, kinds: [1, 7] } });
  await reaction('orange after');
  assert.deepEqual(contents(await at.query({ search: 'orange' })), ['orange after']);
});

test('writing down words ends nobody’s reconciliation (NIP-77)', async () => {
  const at = await relay.connect();
  const note = await at.post(sign(new NostrKey(), { content: word() }));
  const id = new_id();
  await open(at, { ids: [note.id] }, { id });
  await at.post(sign(new NostrKey(), { content: word() }));
  assert.deepEqual(learn(await go_on(at, id)).need, [note.id]);
});

describe('a hand-out of key packages', () => {
  test('is not for a search', async (t) => {
    const single = await Relay.of(t, {
      'extensions.search': { enabled: true },
      'extensions.mls_gateway': { storage_backend: 'lmdb', keypackage_delivery: 'single_use' },
    });
    const [owner, asker] = [new Person(), new Person()];
    const owner_at = await single.connect(owner);
    for (let n = 0; n < 2; n += 1) await owner_at.post(await owner.key_package_event());
    const asker_at = await single.connect(asker);
    const filter = { kinds: [443], authors: [owner.pubkey] };
    assert.deepEqual(await asker_at.query({ ...filter, search: 'key package' }), []);
    assert.equal(await owner_at.count(filter), 2);
    assert.equal((await asker_at.query(filter)).length, 1);
  });
});

describe('where search is off', () => {
  test('it is unsupported, and NIP-50 is not named', async (t) => {
    const plain = await Relay.of(t);
    const at = await plain.connect();
    assert.match(await at.refusal({ search: 'words' }), /^unsupported: /);
    await assert.rejects(at.count({ search: 'words' }), /CLOSED unsupported: /);
    const nips = async ({ http_url }) =>
      (await (await fetch(http_url, { headers: { Accept: 'application/nostr+json' } })).json())
        .supported_nips;
    assert.ok(!(await nips(plain)).includes(50));
    assert.ok((await nips(relay)).includes(50));
  });
});
