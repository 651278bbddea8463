// NIP-42: who a connection has proved to be.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Person, gift_wrap } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

/** A wrap for `recipient`, and whether this connection may read it: the test of being authenticated. */
async function letter_to(recipient) {
  const sender = new Person();
  return (await relay.connect()).post(
    gift_wrap(sender, recipient.pubkey, { kind: 14, content: 'hi' }),
  );
}
async function reads(connection, letter) {
  const subscription = connection.open([{ ids: [letter.id] }, { kinds: [1], limit: 0 }]);
  await subscription.end_of_stored();
  subscription.close();
  return subscription.stored.length === 1;
}

test('the challenge comes on connecting and differs from connection to connection', async () => {
  const challenges = [];
  for (let n = 0; n < 3; n += 1) challenges.push(await (await relay.connect()).challenge());
  assert.equal(new Set(challenges).size, 3);
  for (const challenge of challenges) assert.ok(challenge.length >= 16);
});

test('a challenge was sent before anything is refused for want of AUTH', async () => {
  const connection = await relay.connect();
  await connection.refusal({ kinds: [1059] });
  const verbs = connection.messages.map(([verb]) => verb);
  assert.ok(verbs.includes('AUTH') && verbs.indexOf('AUTH') < verbs.indexOf('CLOSED'));
});

const key = new NostrKey();
const wrong = {
  'another kind': { kind: 1 },
  'another relay': { relay: 'wss://elsewhere.example' },
  'another port': { relay: 'ws://127.0.0.1:1' },
  'no relay at all': { relay: '' },
  'a relay that only starts like ours': { relay: 'ws://127.0.0.1.elsewhere.example' },
  'another challenge': { challenge: 'guessed' },
  'an empty challenge': { challenge: '' },
  'a time long ago': { created_at: now_s() - 1800 },
  'a time far ahead': { created_at: now_s() + 1800 },
  'a forged signature': { tamper: (event) => ({ ...event, sig: sign(key).sig }) },
  "somebody else's name": { tamper: (event) => ({ ...event, pubkey: new NostrKey().pubkey }) },
};
for (const [what, part] of Object.entries(wrong)) {
  test(`AUTH with ${what} proves nothing, and the connection goes on`, async () => {
    const letter = await letter_to(key);
    const connection = await relay.connect();
    const { accepted, reason } = await connection.auth(key, part);
    assert.equal(accepted, false);
    assert.match(reason, /^[a-z-]+: /);
    assert.equal(await reads(connection, letter), false);
    await connection.authenticate(key);
    assert.equal(await reads(connection, letter), true);
  });
}

test("one relay's challenge is not taken on another connection", async () => {
  const [one, other] = [await relay.connect(), await relay.connect()];
  const { accepted } = await other.auth(key, { challenge: await one.challenge() });
  assert.equal(accepted, false);
});

test('a refusal for the relay tag names the URLs that would do', async () => {
  const connection = await relay.connect();
  const { reason } = await connection.auth(key, { relay: 'wss://elsewhere.example' });
  assert.ok(reason.includes(`127.0.0.1:${relay.port}`), reason);
});

for (const variant of [
  (url) => `${url}/`,
  (url) => url.toUpperCase().replace('WS:', 'ws:'),
  (url) => url.replace('ws:', 'wss:'),
]) {
  test(`the relay tag may be written like ${variant('ws://host.example')}`, async () => {
    const connection = await relay.connect();
    const { accepted, reason } = await connection.auth(key, { relay: variant(relay.url) });
    assert.ok(accepted, reason);
  });
}

test('all keys that passed stay, and a failed one removes nothing', async () => {
  const people = [new Person(), new Person(), new Person()];
  const letters = await Promise.all(people.map(letter_to));
  const connection = await relay.connect(...people);
  assert.equal((await connection.auth(new NostrKey(), { challenge: 'wrong' })).accepted, false);
  for (const letter of letters) assert.equal(await reads(connection, letter), true);
  const inbox = await connection.query({ kinds: [1059], '#p': people.map(({ pubkey }) => pubkey) });
  assert.deepEqual(ids(inbox).sort(), ids(letters).sort());
});

test('what follows an AUTH on the wire is answered with that key proved', async () => {
  const person = new Person();
  const letter = await letter_to(person);
  for (let round = 0; round < 10; round += 1) {
    const connection = await relay.connect();
    const challenge = await connection.challenge();
    const proved = connection.auth(person, { challenge });
    const inbox = connection.open([{ kinds: [1059], '#p': [person.pubkey] }]);
    const written = connection.publish(sign(person, { tags: [['-']], content: `${round}` }));
    assert.equal((await proved).accepted, true);
    assert.deepEqual(ids(await inbox.end_of_stored()), [letter.id]);
    assert.equal((await written).accepted, true);
  }
});

test('AUTH events are never stored, served or passed on, sent as EVENT neither', async () => {
  const person = new Person();
  const connection = await relay.connect();
  const listener = await relay.connect();
  const hears = await listener.subscribe({ kinds: [22_242] }, { authors: [person.pubkey] });
  const tags = [
    ['relay', relay.url],
    ['challenge', await connection.challenge()],
  ];
  const event = sign(person, { kind: 22_242, tags });
  const { accepted } = await connection.publish(event);
  assert.equal(accepted, false);
  assert.equal(await reads(connection, await letter_to(person)), false);
  await connection.authenticate(person);
  await listener.catch_up(connection);
  assert.deepEqual(hears.events, []);
  assert.deepEqual(await listener.query({ kinds: [22_242] }), []);
});

test('an AUTH that is no event is refused without ending the connection', async () => {
  const connection = await relay.connect();
  for (const body of [{}, [], 7, null, { id: 'x' }]) connection.send(['AUTH', body]);
  await connection.query({ limit: 0 });
});

test('each AUTH gets exactly one OK', async () => {
  const connection = await relay.connect();
  await connection.auth(key);
  await connection.auth(key);
  await connection.query({ limit: 0 });
  assert.equal(connection.messages.filter(([verb]) => verb === 'OK').length, 2);
});

describe('with [auth] required', () => {
  test('nothing is read or written before AUTH', async (t) => {
    const strict = await Relay.of(t, { auth: { required: true } });
    const connection = await strict.connect();
    assert.match(await connection.rejection(sign(key, { content: 'hello' })), /^auth-required: /);
    assert.match(await connection.refusal({ kinds: [1] }), /^auth-required: /);
    await connection.authenticate(key);
    const event = await connection.post(sign(key, { content: 'hello' }));
    assert.deepEqual(ids(await connection.query({ kinds: [1] })), [event.id]);
    const info = await (
      await fetch(strict.http_url, { headers: { Accept: 'application/nostr+json' } })
    ).json();
    assert.equal(info.limitation.auth_required, true);
  });
});

describe('with a pubkey_whitelist', () => {
  test('others than the listed are told restricted', async (t) => {
    const listed = new NostrKey();
    const strict = await Relay.of(t, {
      auth: { required: true, pubkey_whitelist: [listed.pubkey] },
    });
    const stranger = new NostrKey();
    const connection = await strict.connect();
    const auth = await connection.auth(stranger);
    const event = await connection.publish(sign(stranger));
    assert.equal(event.accepted, false);
    assert.match(`${auth.accepted ? '' : auth.reason} ${event.reason}`, /restricted: /);
    await (await strict.connect(listed)).post(sign(listed));
  });
});

describe('with relay_urls', () => {
  test('the public address of the relay is taken too', async (t) => {
    const behind_proxy = await Relay.of(t, { auth: { relay_urls: ['wss://relay.example/'] } });
    const connection = await behind_proxy.connect();
    for (const relay of ['wss://relay.example', 'wss://RELAY.example:443/']) {
      const { accepted, reason } = await connection.auth(key, { relay });
      assert.ok(accepted, reason);
    }
    assert.equal(
      (await connection.auth(key, { relay: 'wss://relay.example:8443' })).accepted,
      false,
    );
  });
});
