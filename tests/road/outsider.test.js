import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { NoiseKey, noise_message } from './support/noise.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Relay } from './support/relay.js';

/** Every way to ask for events of this group and these people; `kinds`-only ones need no knowledge at all. */
function ways_to_ask({ h, alice, bob, events }) {
  const now = now_s();
  return {
    everything: [{}],
    'by kind': [{ kinds: [445] }],
    'by all gated kinds': [{ kinds: [443, 445, 446, 450, 1059] }],
    'by id': [{ ids: ids(events) }],
    'by id and kind': [{ ids: ids(events), kinds: [445, 446, 1059] }],
    'by one-time author': [{ authors: events.map(({ pubkey }) => pubkey) }],
    'by #h': [{ '#h': [h] }],
    'by kind and #h': [{ kinds: [445], '#h': [h] }],
    'by #h among others': [{ '#h': [new_group_id(), h, new_group_id()] }],
    'by #p': [{ '#p': [alice.pubkey, bob.pubkey] }],
    'by kind and #p': [{ kinds: [446, 1059], '#p': [bob.pubkey] }],
    'by #k': [{ '#k': ['0', '1', '2'] }],
    'by time': [{ since: now - 3 * 86_400, until: now + 60 }],
    'newest only': [{ limit: 1 }, { kinds: [445], '#h': [h], limit: 1 }],
    'with several filters': [{ kinds: [1] }, { kinds: [445], '#h': [h] }, { ids: ids(events) }],
    'with limit 0': [{ '#h': [h], limit: 0 }, { limit: 0 }],
  };
}

describe('outside a gated group', () => {
  let relay, group, mallory, mallory_at, sent;

  before(async () => {
    relay = await Relay.start();
    group = await alice_and_bob(relay);
    mallory = new Person();
    mallory_at = await relay.connect(mallory);
    const noise_key = new NoiseKey();
    sent = [group.wrap];
    for (const text of ['one', 'two'])
      sent.push(await group.alice_at.post(await group.alice.message(text)));
    sent.push(
      await group.alice_at.post(
        noise_message(group.alice, group.bob.pubkey, noise_key.public_key, 'psst'),
      ),
    );
  });
  after(() => relay?.remove());

  const secret = new Set();
  const assert_nothing_secret = (events, message) => {
    for (const { id } of sent) secret.add(id);
    assert.deepEqual(
      ids(events).filter((id) => secret.has(id)),
      [],
      message,
    );
  };

  test('Mallory gets nothing stored, however he asks', async () => {
    for (const [way, filters] of Object.entries(ways_to_ask({ ...group, events: sent }))) {
      assert_nothing_secret(await mallory_at.query(...filters), way);
    }
  });

  test('nobody gets anything without AUTH, however they ask', async () => {
    const anonymous = await relay.connect();
    for (const [way, filters] of Object.entries(ways_to_ask({ ...group, events: sent }))) {
      const subscription = anonymous.open(filters);
      await subscription
        .end_of_stored()
        .catch((error) => assert.match(error.message, /^CLOSED auth-required: /, way));
      assert_nothing_secret(subscription.events, way);
    }
  });

  test('an anonymous request that can only match gated things is closed with auth-required', async () => {
    const anonymous = await relay.connect();
    const { bob } = group;
    for (const filters of [
      [{ kinds: [1059] }],
      [{ kinds: [1059], '#p': [bob.pubkey] }],
      [{ kinds: [446] }],
      [{ kinds: [450] }],
      [{ kinds: [445] }],
      [{ kinds: [445], '#h': [group.h] }],
      [{ kinds: [445], '#h': [group.h], limit: 0 }, { kinds: [1059] }],
      [{ kinds: [446, 1059], '#p': [bob.pubkey], limit: 0 }],
      [{ kinds: [1059] }, { kinds: [446, 450] }],
    ]) {
      assert.match(
        (await anonymous.refusal(...filters)) ?? 'EOSE',
        /^auth-required: /,
        JSON.stringify(filters),
      );
    }
    assert.ok(await anonymous.challenge());
  });

  test('an anonymous request that can match public things too is served with those', async () => {
    const anonymous = await relay.connect();
    const note = await mallory_at.post(sign(mallory, { kind: 1, content: 'public' }));
    for (const filters of [
      [{ kinds: [1059] }, { ids: [note.id] }],
      [{ kinds: [1, 445, 1059], authors: [mallory.pubkey] }],
      [{ authors: [mallory.pubkey] }],
    ]) {
      assert.deepEqual(ids(await anonymous.query(...filters)), [note.id], JSON.stringify(filters));
    }
  });

  test('an authenticated outsider is told the same about a group that is there and one that is not', async () => {
    for (const h of [group.h, new_group_id()]) {
      assert.deepEqual(await mallory_at.query({ kinds: [445], '#h': [h] }), []);
    }
  });

  test('subscriptions opened before the group was there stay silent through its whole life', async () => {
    const spy = new Person();
    const spy_at = await relay.connect(spy);
    const anonymous = await relay.connect();
    const h = new_group_id();
    const marker = { kinds: [1], '#t': ['between'] };
    const before_life = [
      await spy_at.subscribe({}),
      await spy_at.subscribe({ kinds: [443, 445, 446, 450, 1059] }),
      await spy_at.subscribe({ '#h': [h] }),
      await spy_at.subscribe({ kinds: [445], '#h': [h], limit: 0 }),
      await anonymous.subscribe({}),
      await anonymous.subscribe({ limit: 0 }),
      await anonymous.subscribe({ kinds: [1059] }, marker),
    ];

    const { alice, bob, alice_at, bob_at, wrap } = await alice_and_bob(relay, { h });
    const during = [
      await spy_at.subscribe({ '#h': [h] }),
      await spy_at.subscribe({ ids: [wrap.id] }),
    ];
    const life = [wrap];
    life.push(await alice_at.post(await alice.message('live')));
    const spied = await spy_at.subscribe({ authors: [life.at(-1).pubkey] });
    life.push(await bob_at.post(await bob.message('answer')));
    life.push(
      await alice_at.post(noise_message(alice, bob.pubkey, new NoiseKey().public_key, 'aside')),
    );
    await spy_at.catch_up(alice_at);
    await anonymous.catch_up(alice_at);

    const leaked = new Set(ids(life));
    for (const subscription of [...before_life, ...during, spied]) {
      assert.deepEqual(
        ids(subscription.events).filter((id) => leaked.has(id)),
        [],
      );
    }
    assert.ok(before_life[0].live.length > 0, 'the spy was listening: the public marker came');
    assert.deepEqual(
      ids(await bob_at.query({ kinds: [445], '#h': [h] })).sort(),
      ids(life.slice(1, 3)).sort(),
    );
  });

  test('whoever authenticates on an open connection gets what is theirs from then on, not before', async () => {
    const { h, bob, alice, alice_at } = group;
    const connection = await relay.connect(new Person());
    const early = await connection.subscribe({ kinds: [445], '#h': [h], limit: 0 });
    sent.push(await alice_at.post(await alice.message('too early')));
    await connection.catch_up(alice_at);
    assert.deepEqual(early.live, []);
    await connection.authenticate(bob);
    const later = await alice_at.post(await alice.message('now it is Bob'));
    sent.push(later);
    assert.equal((await early.next()).id, later.id);
  });

  const forgeries = {
    'inviting himself': ({ h }, mallory) =>
      gift_wrap(mallory, mallory.pubkey, { kind: 444 }, invitation_tags(h)),
    'inviting an accomplice': ({ h }, mallory) =>
      gift_wrap(mallory, new NostrKey().pubkey, { kind: 444 }, invitation_tags(h)),
    'founding a group that is there': ({ h }, mallory) =>
      sign(mallory, {
        kind: 1059,
        tags: [['p', mallory.pubkey], ...invitation_tags(h)],
        content: 'mine',
      }),
    'writing a message': ({ h }) => opaque_message(h, { tags: [['k', '1']] }),
    'writing a message in his own name': ({ h }, mallory) =>
      sign(mallory, {
        kind: 445,
        tags: [
          ['h', h],
          ['k', '1'],
        ],
        content: 'AA==',
      }),
    'writing a bare Marmot message': ({ h }) => opaque_message(h),
    "publishing Alice's invitation again": ({ wrap }) => wrap,
    "publishing Alice's message again": () => sent[1],
  };
  for (const [deed, forge] of Object.entries(forgeries)) {
    test(`${deed} is refused to Mallory`, async () => {
      assert.match(await mallory_at.rejection(forge(group, mallory)), /^restricted: /);
      assert_nothing_secret(await mallory_at.query({ kinds: [445], '#h': [group.h] }));
    });
  }
  for (const deed of ['inviting himself', 'writing a message', 'writing a bare Marmot message']) {
    test(`${deed} takes AUTH first`, async () => {
      const anonymous = await relay.connect();
      assert.match(await anonymous.rejection(forgeries[deed](group, mallory)), /^auth-required: /);
    });
  }

  test('a first use in gateway dialect without AUTH founds nothing', async () => {
    const anonymous = await relay.connect();
    const h = new_group_id();
    for (const event of [
      opaque_message(h, { tags: [['k', '0']] }),
      gift_wrap(mallory, mallory.pubkey, { kind: 444 }, invitation_tags(h)),
    ]) {
      assert.match(await anonymous.rejection(event), /^auth-required: /);
    }
    await alice_and_bob(relay, { h }); // the id is still free
  });

  test('tags are counted: what names two groups or two people is refused', async () => {
    const { h, alice, bob, alice_at } = group;
    const own = new_group_id();
    const wrap = (...tags) => sign_once({ kind: 1059, tags, content: 'opaque' });
    const [p, group_tag, version] = [
      ['p', bob.pubkey],
      ['h', h],
      ['v', 'gift.1'],
    ];
    const k = ['k', '1'];
    for (const event of [
      opaque_message(h, { tags: [['h', own], k] }),
      opaque_message(own, { tags: [group_tag, k] }),
      opaque_message(h, { tags: [group_tag, k] }),
      sign_once({ kind: 445, tags: [k], content: 'AA==' }),
      opaque_message(h, { tags: [['k', '-1']] }),
      opaque_message(h, { tags: [['k', '1.5']] }),
      opaque_message(h, { tags: [['k', '9223372036854775808']] }),
      wrap(p, p, group_tag, version),
      wrap(p, ['p', alice.pubkey], group_tag, version),
      wrap(p, group_tag, group_tag, version),
      wrap(p, group_tag, ['h', own], version),
      wrap(group_tag, version),
      wrap(p, group_tag, ['v', 'gift.9']),
      wrap(p, p),
      wrap(),
      sign(alice, { kind: 446, tags: [p, p, ['v', 'noise.1']], content: 'AA==' }),
      sign(alice, { kind: 446, tags: [['v', 'noise.1']], content: 'AA==' }),
      sign(alice, { kind: 446, tags: [p, ['v', 'noise.2']], content: 'AA==' }),
    ]) {
      assert.match(await alice_at.rejection(event), /^invalid: /);
    }
  });

  test('a Welcome outside its wrap is refused to everybody, the member too', async () => {
    for (const connection of [group.alice_at, mallory_at, await relay.connect()]) {
      assert.match(
        await connection.rejection(sign(group.alice, { kind: 444, content: 'AA==' })),
        /^invalid: |^blocked: |^restricted: /,
      );
    }
    assert.deepEqual(
      await group.alice_at.query({ authors: [group.alice.pubkey], kinds: [444] }),
      [],
    );
  });

  test('Mallory deletes nothing of the group', async () => {
    const { h, bob, bob_at } = group;
    const before_deletion = ids(await bob_at.query({ '#h': [h] }));
    await mallory_at.publish(sign(mallory, { kind: 5, tags: sent.map(({ id }) => ['e', id]) }));
    assert.deepEqual(ids(await bob_at.query({ '#h': [h] })), before_deletion);
    const inbox = ids(await bob_at.query({ kinds: [446, 1059], '#p': [bob.pubkey] }));
    assert.ok(inbox.includes(group.wrap.id));
  });

  test('after all that Bob still has everything', async () => {
    const { h, bob, bob_at } = group;
    const messages = sent.filter(({ kind }) => kind === 445);
    const stored = await bob_at.query({ kinds: [445], '#h': [h] });
    assert.deepEqual(ids(stored).sort(), ids(messages).sort());
    const in_order = messages.map(({ id }) => stored.find((event) => event.id === id));
    assert.deepEqual(await bob.read_all(in_order), ['one', 'two', 'too early', 'now it is Bob']);
  });
});
