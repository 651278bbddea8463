// NIP-70: protected events.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, sign } from './support/event.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const author = new NostrKey();
const protected_note = () => sign(author, { tags: [['-']], content: 'mine to publish' });

test('a protected event takes AUTH', async () => {
  assert.match(await (await relay.connect()).rejection(protected_note()), /^auth-required: /);
});

test('a protected event is refused from anybody but its author', async () => {
  const { accepted, reason } = await (
    await relay.connect(new NostrKey())
  ).publish(protected_note());
  assert.equal(accepted, false);
  assert.match(reason, /^restricted: /);
});

test('a protected event is accepted from its author and served to all', async () => {
  const event = await (await relay.connect(new NostrKey(), author)).post(protected_note());
  assert.deepEqual(ids(await (await relay.connect()).query({ ids: [event.id] })), [event.id]);
});

test('a protected event that is here already tells nobody else so', async () => {
  const event = protected_note();
  await (await relay.connect(author)).post(event);
  assert.match(await (await relay.connect(new NostrKey())).rejection(event), /^restricted: /);
});

test('a protected key package is accepted from its owner', async () => {
  const owner = new Person();
  const event = await owner.marmot_key_package_event(443);
  const with_dash = sign(owner, { ...event, tags: [...event.tags, ['-']] });
  assert.match((await (await relay.connect()).publish(with_dash)).reason, /^auth-required: /);
  await (await relay.connect(owner)).post(with_dash);
});

test('a repost that carries a protected event is refused', async () => {
  const event = protected_note();
  for (const kind of [6, 16]) {
    const repost = sign(new NostrKey(), {
      kind,
      tags: [['e', event.id]],
      content: JSON.stringify(event),
    });
    assert.match(
      await (await relay.connect()).rejection(repost),
      /^(blocked|restricted|invalid|auth-required): /,
    );
  }
  const text_only = sign(new NostrKey(), { kind: 6, content: 'about ["-"]' });
  await (await relay.connect()).post(text_only);
});
