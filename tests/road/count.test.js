// NIP-45: COUNT, of what the viewer may read and of nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, now_s, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

/** Public notes of a new author, a second apart. */
async function notes(count, template = {}) {
  const author = new NostrKey();
  const at = await relay.connect();
  const newest = now_s();
  const events = [];
  for (let n = 0; n < count; n += 1)
    events.push(await at.post(sign(author, { created_at: newest - n, ...template })));
  return { author, at, events };
}

test('COUNT answers with the number under the id it was given', async () => {
  const { author, at } = await notes(3);
  at.send(['COUNT', 'how many', { authors: [author.pubkey] }]);
  at.subscriptions.set('how many', { take() {} });
  const [, id, body] = await at.next('COUNT', 0);
  assert.equal(id, 'how many');
  assert.equal(body.count, 3);
});

test('COUNT of what is not there is 0', async () => {
  const at = await relay.connect();
  assert.equal(await at.count({ authors: [new NostrKey().pubkey] }), 0);
});

test('limit does not narrow a count', async () => {
  const { author, at } = await notes(5);
  for (const limit of [0, 1, 3, 500])
    assert.equal(await at.count({ authors: [author.pubkey], limit }), 5, `limit ${limit}`);
});

test('COUNT goes beyond the number of events that one REQ gives', async () => {
  const author = new NostrKey();
  const at = await relay.connect();
  const posts = Array.from({ length: 700 }, (_, n) => sign(author, { content: String(n) }));
  await Promise.all(posts.map((event) => at.post(event)));
  assert.equal(await at.count({ authors: [author.pubkey] }), 700);
});

test('since, until, kinds, ids and tags narrow a count', async () => {
  const { author, at, events } = await notes(6, { tags: [['t', 'x']] });
  const [authors] = [[author.pubkey]];
  const [newest, , third] = events;
  assert.equal(await at.count({ authors, since: third.created_at }), 3);
  assert.equal(await at.count({ authors, until: third.created_at }), 4);
  assert.equal(await at.count({ authors, kinds: [7] }), 0);
  assert.equal(await at.count({ authors, '#t': ['x'] }), 6);
  assert.equal(await at.count({ authors, '#t': ['y'] }), 0);
  assert.equal(await at.count({ ids: [newest.id, third.id] }), 2);
});

test('an event that several filters match is counted once', async () => {
  const { author, at, events } = await notes(4);
  const authors = [author.pubkey];
  assert.equal(await at.count({ authors }, { ids: [events[0].id] }, { kinds: [1], authors }), 4);
});

test('what is deleted, replaced or expired is not counted', async () => {
  const { author, at, events } = await notes(3);
  await at.post(sign(author, { kind: 5, tags: [['e', events[0].id]] }));
  assert.equal(await at.count({ authors: [author.pubkey], kinds: [1] }), 2);
  for (const age of [2, 1, 0])
    await at.post(sign(author, { kind: 0, created_at: now_s() - age, content: '{}' }));
  assert.equal(await at.count({ authors: [author.pubkey], kinds: [0] }), 1);
});

test('a count is no subscription: it may be asked again and nothing follows it', async () => {
  const { author, at } = await notes(1);
  const filter = { authors: [author.pubkey] };
  assert.equal(await at.count(filter), 1);
  await at.post(sign(author, { content: 'one more' }));
  await at.catch_up(at);
  assert.equal(at.messages.filter(([verb, id]) => verb === 'EVENT' && /^count/.test(id)).length, 0);
  assert.equal(await at.count(filter), 2);
});

test('a COUNT that cannot be understood is refused, and the connection goes on', async () => {
  const at = await relay.connect();
  for (const message of [
    ['COUNT'],
    ['COUNT', 'x'],
    ['COUNT', 'y', 1],
    ['COUNT', 'z', { ids: 7 }],
  ]) {
    const from = at.messages.length;
    if (message.length > 1) at.subscriptions.set(message[1], { take() {} });
    at.send(message);
    await at.wait_for(
      () => at.messages.slice(from).find(([verb]) => verb === 'NOTICE' || verb === 'CLOSED'),
      `an answer to ${JSON.stringify(message)}`,
    );
  }
  assert.equal(await at.count({ kinds: [30_999] }), 0);
});

test('members count the messages of their group, outsiders count none', async () => {
  const { h, alice, alice_at, bob_at } = await alice_and_bob(relay);
  for (const text of ['one', 'two']) await alice_at.post(await alice.message(text));
  const mallory_at = await relay.connect(new Person());
  for (const filter of [
    { kinds: [445], '#h': [h] },
    { '#h': [h], limit: 0 },
  ]) {
    assert.equal(await bob_at.count(filter), 'limit' in filter ? 3 : 2); // his invitation has an `h` too
    assert.equal(await mallory_at.count(filter), 0);
  }
  assert.equal(await mallory_at.count({ kinds: [445], '#h': [new_group_id()] }), 0);
});

test('inboxes are counted by their owners', async () => {
  const [alice, bob] = [new Person(), new Person()];
  await (await relay.connect()).post(gift_wrap(alice, bob.pubkey, { kind: 14 }));
  const inbox = { kinds: [1059], '#p': [bob.pubkey] };
  assert.equal(await (await relay.connect(bob)).count(inbox), 1);
  assert.equal(await (await relay.connect(alice)).count(inbox), 0);
});

test('a capability group is counted by naming it, and by no other filter', async () => {
  const h = new_group_id();
  const at = await relay.connect();
  const event = await at.post(opaque_message(h));
  assert.equal(await at.count({ kinds: [445], '#h': [h] }), 1);
  for (const filter of [
    { ids: [event.id] },
    { authors: [event.pubkey] },
    { since: 0, ids: [event.id] },
  ])
    assert.equal(await at.count(filter), 0, JSON.stringify(filter));
  assert.equal(await at.count({ '#h': [h], kinds: [1] }, { ids: [event.id] }), 0);
});

test('an anonymous COUNT of gated things alone is closed with auth-required', async () => {
  const { h, bob } = await alice_and_bob(relay);
  const at = await relay.connect();
  for (const filters of [
    [{ kinds: [1059] }],
    [{ kinds: [446, 450] }],
    [{ kinds: [445], '#h': [h] }],
    [{ kinds: [1059], '#p': [bob.pubkey], limit: 0 }],
    [{ kinds: [443], '#p': [bob.pubkey] }],
    [{ kinds: [1059] }, { kinds: [446] }],
  ])
    await assert.rejects(at.count(...filters), /CLOSED auth-required: /, JSON.stringify(filters));
  assert.ok(await at.challenge());
  await at.authenticate(bob);
  assert.equal(await at.count({ kinds: [1059], '#p': [bob.pubkey] }), 1);
});

test('an anonymous COUNT of mixed things counts the public ones', async () => {
  const { author, at } = await notes(2);
  const { bob } = await alice_and_bob(relay);
  assert.equal(await at.count({ kinds: [1059] }, { authors: [author.pubkey] }), 2);
  assert.equal(await at.count({ kinds: [1, 1059], authors: [author.pubkey, bob.pubkey] }), 2);
});

test('a count by one tag brings a sketch of its authors, of what may be read alone', async () => {
  const target = new NostrKey().pubkey;
  const at = await relay.connect();
  const followers = Array.from({ length: 5 }, () => new NostrKey());
  for (const follower of followers) await at.post(sign(follower, { kind: 3, tags: [['p', target]] }));
  await at.post(gift_wrap(new Person(), target, { kind: 14 }));
  const answer = async (...filters) => {
    const from = at.messages.length;
    await at.count(...filters);
    return (await at.next('COUNT', from))[2];
  };
  const { count, hll } = await answer({ '#p': [target] });
  assert.equal(count, 5);
  const offset = parseInt(target[32], 16) + 8;
  const registers = new Array(256).fill(0);
  for (const { pubkey } of followers) {
    const bytes = Buffer.from(pubkey, 'hex');
    const zeros = [...bytes.subarray(offset + 1)]
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .indexOf('1');
    registers[bytes[offset]] = Math.max(registers[bytes[offset]], zeros + 1);
  }
  assert.equal(hll, Buffer.from(registers).toString('hex'));
  assert.equal((await answer({ '#p': [target] }, { '#p': [target] })).hll, undefined);
  assert.equal((await answer({ kinds: [3] })).hll, undefined);
});

test('NIP-11 names NIP-45', async () => {
  const headers = { accept: 'application/nostr+json' };
  const { supported_nips } = await (await fetch(relay.http_url, { headers })).json();
  assert.ok(supported_nips.includes(45));
});

test('counts of many filters at once all come back', async () => {
  const { author, at } = await notes(3);
  const counts = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      at.count({ authors: [author.pubkey], ...(n % 2 ? {} : { kinds: [7] }) }),
    ),
  );
  assert.deepEqual(
    counts,
    Array.from({ length: 50 }, (_, n) => (n % 2 ? 3 : 0)),
  );
});
