// Kind 446 and ephemeral gift wraps: for their recipient alone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ids, sign_once } from './support/event.js';
import { NoiseKey, noise_message, read_noise } from './support/noise.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

test('Noise messages reach their recipient, stored and live, and nobody else, the sender neither', async () => {
  const [alice, bob, mallory] = [new Person(), new Person(), new Person()];
  const noise_key = new NoiseKey();
  const alice_at = await relay.connect(alice);
  const bob_at = await relay.connect(bob);
  const mallory_at = await relay.connect(mallory);
  const others = [];
  for (const connection of [alice_at, mallory_at]) {
    others.push(await connection.subscribe({ kinds: [446] }));
    others.push(await connection.subscribe({ '#p': [bob.pubkey] }));
    others.push(await connection.subscribe({ authors: [alice.pubkey] }));
  }
  const bob_hears = await bob_at.subscribe({ kinds: [446], '#p': [bob.pubkey] });

  const event = await alice_at.post(
    noise_message(alice, bob.pubkey, noise_key.public_key, 'for you alone'),
  );
  assert.equal(read_noise(await bob_hears.next(), noise_key), 'for you alone');
  const [stored] = await bob_at.query({ kinds: [446] });
  assert.equal(read_noise(stored, noise_key), 'for you alone');

  for (const connection of [alice_at, mallory_at]) {
    await connection.catch_up(alice_at);
    for (const filter of [{ kinds: [446] }, { ids: [event.id] }, { '#p': [bob.pubkey] }, {}]) {
      assert.ok(!ids(await connection.query(filter)).includes(event.id), JSON.stringify(filter));
    }
  }
  for (const subscription of others) assert.ok(!ids(subscription.events).includes(event.id));
});

test('Noise messages take AUTH to write and to read', async () => {
  const [alice, bob] = [new Person(), new Person()];
  const anonymous = await relay.connect();
  const event = noise_message(alice, bob.pubkey, new NoiseKey().public_key, 'hello?');
  assert.match((await anonymous.publish(event)).reason, /^auth-required: /);
  assert.match(await anonymous.refusal({ kinds: [446], '#p': [bob.pubkey] }), /^auth-required: /);
});

test('ephemeral gift wraps reach their recipient alone', async () => {
  const [recipient, mallory] = [new Person(), new Person()];
  const recipient_at = await relay.connect(recipient);
  const mallory_at = await relay.connect(mallory);
  const anonymous = await relay.connect();
  const hears = await recipient_at.subscribe({ kinds: [21059], '#p': [recipient.pubkey] });
  const spies = [
    await mallory_at.subscribe({ kinds: [21059] }),
    await mallory_at.subscribe({}),
    await anonymous.subscribe({ limit: 0 }),
  ];
  const wrap = sign_once({ kind: 21059, tags: [['p', recipient.pubkey]], content: 'opaque' });
  await anonymous.post(wrap);
  assert.equal((await hears.next()).id, wrap.id);
  await mallory_at.catch_up(anonymous);
  await anonymous.catch_up(anonymous);
  for (const spy of spies) assert.ok(!ids(spy.events).includes(wrap.id));
  assert.match(await anonymous.refusal({ kinds: [21059] }), /^auth-required: /);
});
