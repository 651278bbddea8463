// Three gateways on one store (PostgreSQL, or with GATEWAY_STORE=firestore-fleet Firestore) are one relay: real MLS clients
// spread over them, and what one has acknowledged holds on all. Removals: `instances_removal`; what befalls them and the database: `chaos`.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { eventually, within } from './support/deadline.js';
import { NostrKey, ids, sign, sign_once } from './support/event.js';
import { Fleet } from './support/fleet.js';
import { alice_and_bob, group_of_two, invite } from './support/gathering.js';
import { Operator } from './support/management.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { Random } from './support/random.js';
import { named } from './support/reconcile.js';
import { Rest, with_api } from './support/rest.js';
import { roster } from './support/roster.js';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const operator_key = new NostrKey();
const settings = (gateway = {}) =>
  with_api(gateway, {
    management: { admin_keys: [operator_key.pubkey] },
    'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 0 },
  });
const message = (h) => opaque_message(h, { tags: [['k', '1']] });
const note = (t) => sign_once({ tags: [['t', t]], content: String(Math.random()) });
const new_people = (count) => Array.from({ length: count }, () => new Person());

let fleet, a, b, c;
before(async () => {
  fleet = await Fleet.start(settings());
  [a, b, c] = fleet.gateways;
});
after(() => fleet?.remove());

/** A connection of `key` to each gateway. */
const everywhere = (...keys) => Promise.all(fleet.gateways.map((gateway) => gateway.connect(...keys)));

describe('a conversation', () => {
  test('goes on between people on three gateways, who all hear all of it once and in one order', async () => {
    const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(fleet);
    const carol = new Person();
    const carol_at = await c.connect(carol);
    assert.equal(new Set([alice_at, bob_at, carol_at].map(({ url }) => url)).size, 3);
    const group = { kinds: [445], '#h': [h] };
    const hears = { alice: await alice_at.subscribe(group), bob: await bob_at.subscribe(group) };
    await carol_at.post(await carol.key_package_event());
    const { commit, wrap } = await invite(alice_at, alice, carol);
    const [invitation] = await carol_at.query({ kinds: [1059], '#p': [carol.pubkey] });
    assert.equal(invitation.id, wrap.id);
    await carol.join(invitation, h);
    assert.equal(await bob.read(await hears.bob.next()), null);
    hears.carol = await carol_at.subscribe({ ...group, limit: 0 });

    const people = { alice: [alice, alice_at], bob: [bob, bob_at], carol: [carol, carol_at] };
    const said = [commit];
    for (let n = 0; n < 10; n += 1) {
      for (const [name, [person, at]] of Object.entries(people)) {
        const event = await at.post(await person.message(`${name} says ${n}`));
        said.push(event);
        for (const [, other_at] of Object.values(people)) {
          assert.deepEqual(await other_at.query({ ids: [event.id] }), [event], 'stored, right after OK');
          assert.equal(await other_at.count(group), said.length);
        }
        for (const [reader, [who]] of Object.entries(people))
          if (reader !== name) {
            const { live } = hears[reader];
            await eventually(() => live.at(-1)?.id === event.id, `${reader} to hear`);
            assert.equal(await who.read(live.at(-1)), `${name} says ${n}`);
          }
      }
    }
    for (const [, at] of Object.values(people)) await at.catch_up(alice_at);
    assert.deepEqual(ids(hears.alice.live), ids(said));
    assert.deepEqual(ids(hears.bob.live), ids(said));
    assert.deepEqual(ids(hears.carol.live), ids(said.slice(1)));
    const everybody_missed = await new Rest(c, carol).pages('/messages/missed', 'messages');
    assert.deepEqual(new Set(ids(everybody_missed)), new Set([...ids(said), wrap.id]));
  });

  test('in one breath on all three has one order for everybody', async () => {
    const writers = new_people(3);
    const h = new_group_id();
    const ats = await Promise.all(writers.map((writer, n) => fleet.gateways[n].connect(writer)));
    await ats[0].post(roster(writers[0], h, 'bootstrap', { seq: 1, p: writers.slice(1) }));
    const hears = await Promise.all(ats.map((at) => at.subscribe({ kinds: [445], '#h': [h], limit: 0 })));
    const sent = Array.from({ length: 180 }, () => message(h));
    await Promise.all(sent.map((event, n) => ats[n % 3].post(event)));
    for (const at of ats) await at.catch_up(ats[0]);
    const [order, ...others] = hears.map(({ live }) => ids(live));
    assert.deepEqual(order.toSorted(), ids(sent).sort());
    for (const other of others) assert.deepEqual(other, order);
    for (const own of [0, 1, 2]) {
      const hers = ids(sent.filter((_, n) => n % 3 === own));
      assert.deepEqual(order.filter((id) => hers.includes(id)), hers, 'and that in which each was sent');
    }
  });
});

describe('what one gateway has acknowledged', () => {
  test('is found on the others at once, by every road', async () => {
    const { h, alice_at, bob } = await group_of_two(fleet);
    const bobs = await everywhere(bob);
    for (let n = 1; n <= 30; n += 1) {
      const { id } = await alice_at.post(message(h));
      await Promise.all(
        bobs.map(async (at, which) => {
          const filter = { kinds: [445], '#h': [h] };
          const [given, count, reconciled, missed] = await Promise.all([
            at.query(filter),
            at.count(filter),
            named(at, filter),
            new Rest(fleet.gateways[which], bob).pages('/messages/missed', 'messages'),
          ]);
          assert.ok(ids(given).includes(id) && ids(missed).includes(id));
          assert.deepEqual([given.length, count, reconciled.length, missed.length], Array(4).fill(n));
        }),
      );
    }
  });

  test('is refused as a duplicate, a second founding or an old seq by the others', async () => {
    const [alice, bob] = new_people(2);
    const h = new_group_id();
    const alice_at = await a.connect(alice);
    const bob_at = await b.connect(bob);
    const founding = await alice_at.post(roster(alice, h, 'bootstrap', { seq: 5 }));
    assert.match(await bob_at.rejection(roster(bob, h, 'bootstrap', { seq: 1 })), /^restricted: /);
    const again = await (await c.connect(alice)).publish(founding);
    assert.ok(again.accepted ? /^duplicate: /.test(again.reason) : /^(restricted|invalid): /.test(again.reason));
    const stale = roster(alice, h, 'add', { seq: 5, p: [bob] });
    assert.match(await (await b.connect(alice)).rejection(stale), /stale seq, the current one is 5/);
  });

  test('is deleted by its author on another, for everybody', async () => {
    const owner = new Person();
    const owners = await everywhere(owner);
    const readers = await everywhere(new Person());
    for (let n = 0; n < 9; n += 1) {
      const offered = await owners[n % 3].post(await owner.key_package_event());
      const filter = { kinds: [443], authors: [owner.pubkey] };
      for (const at of readers) assert.deepEqual(ids(await at.query(filter)), [offered.id]);
      await owners[(n + 1) % 3].post(sign(owner, { kind: 5, tags: [['e', offered.id]] }));
      for (const at of readers) assert.deepEqual(await at.query(filter), [], 'right after the OK');
      assert.match(await owners[(n + 2) % 3].rejection(offered), /^(blocked|invalid|deleted): /);
    }
  });

  test('is live for a recipient elsewhere, stored or ephemeral, and for nobody else', async () => {
    const [alice, bob, mallory] = new_people(3);
    const alice_at = await a.connect(alice);
    const [bobs, mallorys] = [await everywhere(bob), await everywhere(mallory)];
    const filters = [{ kinds: [1059, 21_059, 20_001], limit: 0 }];
    const bob_hears = await Promise.all(bobs.map((at) => at.subscribe(...filters)));
    const mallory_hears = await Promise.all(mallorys.map((at) => at.subscribe(...filters)));
    const letter = await alice_at.post(gift_wrap(alice, bob.pubkey, { kind: 14 }));
    const brief = await alice_at.post(sign_once({ kind: 21_059, tags: [['p', bob.pubkey]], content: 'AA==' }));
    const open = await alice_at.post(sign_once({ kind: 20_001 }));
    for (const at of [...bobs, ...mallorys]) await at.catch_up(alice_at);
    for (const { live } of bob_hears) assert.deepEqual(ids(live), ids([letter, brief, open]));
    for (const { live } of mallory_hears) assert.deepEqual(ids(live), [open.id]);
    for (const at of bobs) assert.deepEqual(ids(await at.query({ kinds: [1059, 21_059] })), [letter.id]);
    for (const at of mallorys) assert.deepEqual(await at.query({ kinds: [1059, 21_059] }), []);
  });
});

test('a ban on one gateway ends what is open on the others, and refuses the key there', async () => {
  const { h, bob, alice_at } = await group_of_two(fleet);
  const bobs = await everywhere(bob);
  const noted = await bobs[1].post(sign(bob));
  const reader = await c.connect();
  assert.equal((await reader.query({ ids: [noted.id] })).length, 1);
  const hears = await Promise.all(bobs.map((at) => at.subscribe({ kinds: [445], '#h': [h], limit: 0 })));
  await new Operator(a, operator_key).call('banpubkey', bob.pubkey);
  await alice_at.post(message(h));
  for (const at of bobs) await within(at.closed, 'the banned one to be let go');
  for (const { live } of hears) assert.deepEqual(live, []);
  assert.deepEqual(await reader.query({ ids: [noted.id] }), []);
  const anonymous = await b.connect();
  assert.match(await anonymous.rejection(sign(bob)), /^blocked: /);
  await new Operator(b, operator_key).call('unbanpubkey', bob.pubkey);
  const back = await eventually(() => c.connect(bob), 'the key to be let in again');
  await back.post(message(h));
});

for (const [packages, what] of [[34, 'more'], [12, 'fewer']]) {
  test(`thirty claimers on three gateways and ${what} packages: each is given once, but the last`, async (t) => {
    const own = await Fleet.of(t, settings({ keypackage_delivery: 'single_use' }));
    const owner = new Person();
    const owner_at = await own.connect(owner);
    const offered = [];
    for (let n = 0; n < packages; n += 1) offered.push(await owner_at.post(await owner.key_package_event()));
    const claimers = await Promise.all(new_people(30).map((person) => own.connect(person)));
    const filter = { kinds: [443], authors: [owner.pubkey] };
    const given = await Promise.all(claimers.map((at) => at.query(filter)));
    for (const events of given) assert.equal(events.length, 1, 'everybody gets exactly one');
    const given_ids = given.map(([{ id }]) => id);
    const left = ids(await owner_at.query(filter));
    const once = given_ids.filter((id) => !left.includes(id));
    assert.equal(new Set(once).size, once.length, 'none twice');
    assert.deepEqual([...once, ...left].sort(), ids(offered).sort());
    assert.equal(left.length, Math.max(1, packages - 30));
    assert.equal(once.length, Math.min(30, packages - 1));
  });
}

test('a gateway that starts later serves history, knows who belongs, and takes part', async (t) => {
  const own = await Fleet.of(t, settings(), { size: 2 });
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(own);
  const said = [];
  for (let n = 0; n < 20; n += 1) said.push(await alice_at.post(await alice.message(`word ${n}`)));
  const later = await own.grow();
  const filter = { kinds: [445], '#h': [h] };
  const [bob_there, mallory_there] = [await later.connect(bob), await later.connect(new Person())];
  const hears = await bob_there.subscribe(filter);
  assert.deepEqual(ids(hears.stored).sort(), ids(said).sort());
  assert.deepEqual(await mallory_there.query(filter), []);
  const fresh = await alice_at.post(await alice.message('are you there?'));
  assert.equal((await hears.next()).id, fresh.id);
  const heard = await bob_at.subscribe({ ...filter, limit: 0 });
  const answer = await bob_there.post(await bob.message('I am'));
  assert.equal((await heard.next()).id, answer.id);
  await alice_at.post(roster(alice, h, 'remove', { seq: 1, p: [bob] }));
  assert.deepEqual(await bob_there.query(filter), []);
});

test('one gateway drains while the others go on, and nothing that got its OK is lost', async (t) => {
  const own = await Fleet.of(t, { server: { drain_s: 1 } });
  const [leaving, ...staying] = own.gateways;
  const mark = new_group_id();
  const filter = { kinds: [1], '#t': [mark] };
  const listeners = await Promise.all(staying.map((gateway) => gateway.connect()));
  const hears = await Promise.all(listeners.map((at) => at.subscribe({ ...filter, limit: 0 })));
  const writers = await Promise.all(own.gateways.map((gateway) => gateway.connect()));
  const sent = new Set();
  let streaming = true;
  const streams = writers.map(async (writer) => {
    while (streaming) {
      const event = note(mark);
      sent.add(event.id);
      writer.send(['EVENT', event]);
      await new Promise(setImmediate);
    }
  });
  const oks = (at) => at.messages.filter(([verb, id]) => verb === 'OK' && sent.has(id));
  await eventually(() => writers.every((at) => oks(at).length > 30), 'a stream of events');
  const { code } = await leaving.stop();
  assert.equal(code, 0);
  assert.equal((await writers[0].closed).code, 1012);
  const counts = writers.map((at) => oks(at).length);
  await eventually(() => [1, 2].every((n) => oks(writers[n]).length > counts[n] + 30), 'the others to go on');
  streaming = false;
  await Promise.all(streams);
  for (const at of writers.slice(1)) await at.catch_up(at); // what was sent before is answered
  for (const at of listeners) await at.catch_up(writers[1]);
  const answers = writers.flatMap(oks);
  const taken = new Set(answers.filter(([, , accepted]) => accepted).map(([, id]) => id));
  for (const [, , accepted, reason] of [...oks(writers[1]), ...oks(writers[2])]) assert.ok(accepted, reason);
  const [heard, also] = hears.map(({ live }) => ids(live));
  assert.equal(new Set(heard).size, heard.length, 'nothing twice');
  assert.deepEqual(also, heard);
  assert.deepEqual([...taken].filter((id) => !heard.includes(id)), [], 'nothing lost');
});

test(`at the seam between stored and live nothing is lost and nothing comes twice, seed ${SEED}`, async () => {
  const random = new Random(SEED);
  const mark = new_group_id();
  const filter = { kinds: [1], '#t': [mark] };
  const [writers, readers] = [await everywhere(), await everywhere()];
  const [sent, opened, answers] = [[], [], []];
  for (let n = 0; n < 400; n += 1) {
    if (random.chance(0.7)) {
      const event = note(mark);
      sent.push(event);
      answers.push(random.one_of(writers).post(event));
    } else opened.push(random.one_of(readers).open([filter]));
    if (random.chance(0.3)) await answers.at(-random.integer(5) - 1);
  }
  await Promise.all(answers);
  for (const at of readers) await at.catch_up(writers[0]);
  for (const subscription of opened) {
    const got = ids(subscription.events);
    assert.equal(new Set(got).size, got.length, `twice, on a gateway of ${subscription.id}`);
    assert.deepEqual(got.toSorted(), ids(sent).sort());
  }
});
