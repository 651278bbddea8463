// Kind 443 in the gateway's dialect: whose they are, who reads them, how long they live.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

test('key packages are read by anybody who authenticated, and by nobody else', async () => {
  const owner = new Person();
  const owner_at = await relay.connect(owner);
  const event = await owner_at.post(await owner.key_package_event());
  const anonymous = await relay.connect();
  for (const filter of [
    { kinds: [443] },
    { ids: [event.id] },
    { authors: [owner.pubkey] },
    { '#p': [owner.pubkey] },
    {},
  ]) {
    const subscription = anonymous.open([filter]);
    await subscription
      .end_of_stored()
      .catch((error) => assert.match(error.message, /^CLOSED auth-required: /));
    assert.ok(!ids(subscription.events).includes(event.id), JSON.stringify(filter));
  }
  const stranger_at = await relay.connect(new Person());
  assert.deepEqual(ids(await stranger_at.query({ kinds: [443], authors: [owner.pubkey] })), [
    event.id,
  ]);
});

test('key packages are written by their owner alone', async () => {
  const owner = new Person();
  const event = await owner.key_package_event();
  const anonymous = await (await relay.connect()).publish(event);
  assert.equal(anonymous.accepted, false);
  assert.match(anonymous.reason, /^auth-required: /);
  const stranger = await (await relay.connect(new Person())).publish(event);
  assert.equal(stranger.accepted, false);
  assert.match(stranger.reason, /^restricted: /);
  await (await relay.connect(owner)).post(event);
});

test('key packages are refused with a foreign owner tag, a bad expiry or a used reference', async () => {
  const owner = new Person();
  const owner_at = await relay.connect(owner);
  const good = await owner.key_package_event();
  const changed = (change) => sign(owner, { ...good, tags: good.tags.map(change) });
  const set = (name, value) => changed((tag) => (tag[0] === name ? [name, value] : tag));
  for (const event of [
    set('p', new NostrKey().pubkey),
    sign(owner, { ...good, tags: [...good.tags, ['p', owner.pubkey]] }),
    set('exp', String(now_s() - 10)),
    set('exp', 'tomorrow'),
    set('exp', '-5'),
  ]) {
    assert.match(await owner_at.rejection(event), /^invalid: /);
  }
  await owner_at.post(good);
  const again = await owner_at.publish(sign(owner, { ...good, created_at: good.created_at - 1 }));
  assert.equal(again.accepted, false);
  assert.match(again.reason, /^invalid: /);
});

test('key packages are hidden after keypackage_ttl, however far their exp lies', async (t) => {
  const short = await Relay.of(t, { 'extensions.mls_gateway': { keypackage_ttl: 3 } });
  const owner = new Person();
  const owner_at = await short.connect(owner);
  await owner_at.post(await owner.key_package_event({ expires_in_s: 86_400 }));
  const filter = { kinds: [443], authors: [owner.pubkey] };
  assert.equal((await owner_at.query(filter)).length, 1);
  const gone = async () => (await owner_at.query(filter)).length === 0;
  await eventually(gone, 'the package to expire', { every_ms: 50 });
});

test('a deleted key package is gone, and its reference is free again', async () => {
  const owner = new Person();
  const owner_at = await relay.connect(owner);
  const event = await owner_at.post(await owner.key_package_event());
  await owner_at.post(sign(owner, { kind: 5, tags: [['e', event.id]] }));
  assert.deepEqual(await owner_at.query({ kinds: [443], authors: [owner.pubkey] }), []);
  assert.equal((await owner_at.publish(event)).accepted, false);
  await owner_at.post(sign(owner, { ...event, created_at: event.created_at - 1 }));
});

test('two packages with one reference, sent in one breath, leave one', async () => {
  const owner = new Person();
  const owner_at = await relay.connect(owner);
  const event = await owner.key_package_event();
  const twins = [0, 1, 2].map((age) => sign(owner, { ...event, created_at: now_s() - age }));
  const answers = await Promise.all(twins.map((twin) => owner_at.publish(twin)));
  assert.deepEqual(
    answers.map(({ accepted }) => accepted),
    [true, false, false],
  );
  assert.equal((await owner_at.query({ kinds: [443], authors: [owner.pubkey] })).length, 1);
});
