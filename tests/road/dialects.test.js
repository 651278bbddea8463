import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ids, now_s, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
  wrapped_welcome,
} from './support/person.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

/** A Marmot group of two whose clients never authenticate for it. */
async function marmot_group() {
  const [alice, bob] = [new Person(), new Person()];
  const alice_at = await relay.connect();
  const bob_at = await relay.connect();
  await bob_at.post(await bob.marmot_key_package_event());
  const [package_event] = await alice_at.query({ kinds: [30443], authors: [bob.pubkey] });
  await alice.create_group(new_group_id());
  const { welcome } = await alice.add(package_event);
  const wrap = await alice_at.post(
    wrapped_welcome(alice, bob.pubkey, { welcome, key_package_id: package_event.id }),
  );
  return { h: alice.h, alice, bob, alice_at, bob_at, wrap };
}

describe('a Marmot group', () => {
  test('is joined by a client that authenticates only when asked to', async () => {
    const { h, alice, bob, alice_at, bob_at, wrap } = await marmot_group();
    const inbox = { kinds: [1059], '#p': [bob.pubkey] };
    assert.match(await bob_at.refusal(inbox), /^auth-required: /);
    await bob_at.authenticate(bob);
    const [invitation] = await bob_at.query(inbox);
    assert.deepEqual(invitation, wrap);
    await bob.join(invitation, h);

    const bob_hears = await bob_at.subscribe({ kinds: [445], '#h': [h] });
    await alice_at.post(await alice.marmot_message('hello from Marmot'));
    assert.equal(await bob.read_marmot(await bob_hears.next()), 'hello from Marmot');
    const alice_hears = await alice_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
    await bob_at.post(await bob.marmot_message('and back'));
    assert.equal(await alice.read_marmot(await alice_hears.next()), 'and back');
  });

  test('may be subscribed to before its first message', async () => {
    const h = new_group_id();
    const [writer, reader] = [await relay.connect(), await relay.connect()];
    const hears = await reader.subscribe({ kinds: [445], '#h': [h] });
    const event = await writer.post(opaque_message(h));
    assert.equal((await hears.next()).id, event.id);
  });

  test('survives a restart', async () => {
    const { h, alice, bob, alice_at, bob_at, wrap } = await marmot_group();
    await bob_at.authenticate(bob);
    await bob.join(wrap, h);
    const said = await alice_at.post(await alice.marmot_message('kept'));
    await relay.restart();
    const back = await relay.connect();
    const stored = await back.query({ kinds: [445], '#h': [h] });
    assert.deepEqual(ids(stored), [said.id]);
    assert.equal(await bob.read_marmot(stored[0]), 'kept');
    await back.post(opaque_message(h));
  });

  test('is delivered only through a filter that names its exact h', async () => {
    const h = new_group_id();
    const anonymous = await relay.connect();
    const authenticated = await relay.connect(new Person());
    const early = [];
    for (const connection of [anonymous, authenticated]) {
      early.push(await connection.subscribe({}));
      early.push(await connection.subscribe({ kinds: [1, 445] }));
      early.push(
        await connection.subscribe(
          { '#h': [h.slice(0, 63), h.toUpperCase()] },
          { since: now_s() - 60 },
        ),
      );
    }
    const named = await anonymous.subscribe({ '#h': [h] });
    const event = await anonymous.post(opaque_message(h));
    assert.equal((await named.next()).id, event.id);

    for (const connection of [anonymous, authenticated]) {
      await connection.catch_up(anonymous);
      for (const filter of [
        {},
        { kinds: [1, 445] },
        { ids: [event.id] },
        { authors: [event.pubkey] },
        { since: now_s() - 60 },
        { '#h': [new_group_id()] },
        { '#t': [h] },
      ]) {
        assert.deepEqual(
          ids(await connection.query(filter)).filter((id) => id === event.id),
          [],
          JSON.stringify(filter),
        );
      }
      for (const filter of [
        { '#h': [h] },
        { kinds: [445], '#h': [h], since: now_s() - 60 },
        { ids: [event.id], '#h': [h] },
        { authors: [event.pubkey], '#h': [h, new_group_id()] },
      ]) {
        assert.deepEqual(ids(await connection.query(filter)), [event.id], JSON.stringify(filter));
      }
      const two = await connection.query({ ids: [event.id] }, { kinds: [445], '#h': [h] });
      assert.deepEqual(ids(two), [event.id], 'one of several filters names it');
    }
    for (const subscription of early) assert.ok(!ids(subscription.events).includes(event.id));
  });

  test('may be asked for together with others in one filter, gated ones included', async () => {
    const gated = await alice_and_bob(relay);
    const secret = await gated.alice_at.post(await gated.alice.message('gated'));
    const [one, two] = [new_group_id(), new_group_id()];
    const anonymous = await relay.connect();
    const open = [
      await anonymous.post(opaque_message(one)),
      await anonymous.post(opaque_message(two)),
    ];

    const filter = { kinds: [445], '#h': [one, gated.h, two] };
    assert.deepEqual(ids(await anonymous.query(filter)).sort(), ids(open).sort());
    assert.deepEqual(ids(await gated.bob_at.query(filter)).sort(), ids([...open, secret]).sort());

    const hears = await anonymous.subscribe({ ...filter, limit: 0 });
    await gated.alice_at.post(await gated.alice.message('gated, live'));
    const live = await anonymous.post(opaque_message(two));
    assert.equal((await hears.next()).id, live.id);
  });

  test('is not touched by an invitation in gateway dialect', async () => {
    const h = new_group_id();
    const anonymous = await relay.connect();
    await anonymous.post(opaque_message(h));
    const mallory = new Person();
    const mallory_at = await relay.connect(mallory);
    assert.match(
      await mallory_at.rejection(
        gift_wrap(mallory, mallory.pubkey, { kind: 444 }, invitation_tags(h)),
      ),
      /^restricted: /,
    );
    await anonymous.post(opaque_message(h));
  });

  test('keeps messages with an expiration until then', async () => {
    const h = new_group_id();
    const anonymous = await relay.connect();
    const event = opaque_message(h, { tags: [['expiration', String(now_s() + 3600)]] });
    await anonymous.post(event);
    assert.deepEqual(ids(await anonymous.query({ '#h': [h] })), [event.id]);
  });

  test('accepts messages with old created_at: members publish after days offline', async () => {
    const h = new_group_id();
    const anonymous = await relay.connect();
    const event = await anonymous.post(opaque_message(h, { created_at: now_s() - 30 * 86_400 }));
    assert.deepEqual(ids(await anonymous.query({ kinds: [445], '#h': [h] })), [event.id]);
  });
});

describe('a gift wrap without h', () => {
  test('is accepted from anybody and delivered to its recipient alone', async () => {
    const [sender, recipient] = [new Person(), new Person()];
    const anonymous = await relay.connect();
    const recipient_at = await relay.connect(recipient);
    const mallory_at = await relay.connect(new Person());
    const sender_at = await relay.connect(sender);
    const hears = await recipient_at.subscribe({ kinds: [1059], '#p': [recipient.pubkey] });
    const spies = [
      await mallory_at.subscribe({}),
      await sender_at.subscribe({}),
      await anonymous.subscribe({}),
    ];

    const wrap = await anonymous.post(
      gift_wrap(sender, recipient.pubkey, { kind: 14, content: 'hi' }),
    );
    assert.equal((await hears.next()).id, wrap.id);
    assert.deepEqual(ids(await recipient_at.query({ ids: [wrap.id] })), [wrap.id]);
    for (const connection of [mallory_at, sender_at]) {
      await connection.catch_up(anonymous);
      assert.deepEqual(await connection.query({ kinds: [1059], '#p': [recipient.pubkey] }), []);
      assert.deepEqual(await connection.query({ ids: [wrap.id] }), []);
    }
    await anonymous.catch_up(anonymous);
    for (const subscription of spies) assert.ok(!ids(subscription.events).includes(wrap.id));
  });

  test('never makes anybody a member', async () => {
    const { h, alice, alice_at } = await alice_and_bob(relay);
    const outsider = new Person();
    const outsider_at = await relay.connect(outsider);
    await alice_at.post(gift_wrap(alice, outsider.pubkey, { kind: 444, content: h }));
    await alice_at.post(await alice.message('members only'));
    assert.deepEqual(await outsider_at.query({ '#h': [h] }), []);
  });

  test('may be deleted by its recipient and by nobody else', async () => {
    const [sender, recipient] = [new Person(), new Person()];
    const recipient_at = await relay.connect(recipient);
    const sender_at = await relay.connect(sender);
    const wrap = await sender_at.post(gift_wrap(sender, recipient.pubkey, { kind: 14 }));
    await sender_at.publish(sign(sender, { kind: 5, tags: [['e', wrap.id]] }));
    assert.deepEqual(ids(await recipient_at.query({ ids: [wrap.id] })), [wrap.id]);
    await recipient_at.post(sign(recipient, { kind: 5, tags: [['e', wrap.id]] }));
    assert.deepEqual(await recipient_at.query({ ids: [wrap.id] }), []);
    assert.equal((await sender_at.publish(wrap)).accepted, false);
  });
});

describe("Marmot's public kinds", () => {
  test('key packages 30443 and 443 without p are public and need no AUTH', async () => {
    const owner = new Person();
    const anonymous = await relay.connect();
    const addressable = await anonymous.post(await owner.marmot_key_package_event(30443));
    const legacy = await anonymous.post(await owner.marmot_key_package_event(443));
    assert.deepEqual(ids(await anonymous.query({ kinds: [443], authors: [owner.pubkey] })), [
      legacy.id,
    ]);
    const [, reference] = addressable.tags.find(([name]) => name === 'i');
    assert.deepEqual(ids(await anonymous.query({ kinds: [30443], '#i': [reference] })), [
      addressable.id,
    ]);
    assert.deepEqual(ids(await anonymous.query({ kinds: [30443], authors: [owner.pubkey] })), [
      addressable.id,
    ]);
  });

  test('a newer key package of the same slot replaces the older one', async () => {
    const owner = new Person();
    const anonymous = await relay.connect();
    const old = await owner.marmot_key_package_event(30443);
    await anonymous.post(sign(owner, { ...old, created_at: now_s() - 60 }));
    const renewed = await anonymous.post(sign(owner, { ...old, created_at: now_s() }));
    assert.deepEqual(ids(await anonymous.query({ kinds: [30443], authors: [owner.pubkey] })), [
      renewed.id,
    ]);
  });
});
