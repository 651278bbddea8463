// Three gateways on one store (PostgreSQL, or with GATEWAY_STORE=firestore-fleet Firestore): whom one of them has removed
// gets nothing from the others, from the OK on, by any road.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { ids } from './support/event.js';
import { Fleet } from './support/fleet.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { Random } from './support/random.js';
import { NegError, named } from './support/reconcile.js';
import { Rest, group_path, member_path, with_api } from './support/rest.js';
import { roster } from './support/roster.js';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const TRIES = 50;
const message = (h) => opaque_message(h, { tags: [['k', '1']] });

let fleet;
before(async () => {
  const unlimited = { 'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 0 } };
  fleet = await Fleet.start(with_api({}, unlimited));
});
after(() => fleet?.remove());

/** Alice's group, which Carol is in and out of; both have a connection to each gateway. */
class Group {
  h = new_group_id();
  seq = 0;
  carol = new Person();
  alice = new Person();
  filters = [{ kinds: [445, 450], '#h': [this.h] }];

  async begin() {
    const everywhere = (key) => Promise.all(fleet.gateways.map((gateway) => gateway.connect(key)));
    this.alices = await everywhere(this.alice);
    this.carols = await everywhere(this.carol);
    await this.decide(0, 'bootstrap');
    return this;
  }

  /** On gateway `n`. */
  decide(n, op, ...p) {
    this.seq += 10; // changes over HTTP take numbers as well
    return this.alices[n].post(roster(this.alice, this.h, op, { seq: this.seq, p }));
  }

  say(n) {
    return this.alices[n].post(message(this.h));
  }

  /** What Carol is given by gateway `n`, asked by every road. */
  async shown(n) {
    const at = this.carols[n];
    const api = new Rest(fleet.gateways[n], this.carol);
    const [given, count, reconciled, missed, group, listed] = await Promise.all([
      at.query(...this.filters),
      at.count(...this.filters),
      named(at, this.filters[0]),
      api.pages('/messages/missed', 'messages'),
      api.get(group_path(this.h)),
      api.get('/groups'),
    ]);
    return {
      given: given.length,
      count,
      reconciled: reconciled.length,
      missed: missed.length,
      status: group.status,
      listed: listed.body.groups.length,
    };
  }
}

const NOTHING = { given: 0, count: 0, reconciled: 0, missed: 0, status: 404, listed: 0 };

test(`a removal that one gateway has acknowledged is true on all, ${TRIES} times, seed ${SEED}`, async () => {
  const random = new Random(SEED);
  const group = await new Group().begin();
  const { carol, carols } = group;
  const hears = await Promise.all(
    carols.map((at) => at.subscribe({ kinds: [445], '#h': [group.h], limit: 0 })),
  );
  const hers = []; // said while she was in
  const heard = []; // those of them that had reached her before she was removed
  const later = new Set(); // said while she was not
  const beside = []; // subscriptions
  for (let n = 0; n < TRIES; n += 1) {
    await group.decide(random.integer(3), 'add', carol);
    const { id } = await group.say(random.integer(3));
    hers.push(id);
    if (random.chance(0.5)) {
      for (const { live } of hears) await eventually(() => live.at(-1)?.id === id, 'her to hear it');
      heard.push(id);
    }
    const before = new Set(ids(await carols[random.integer(3)].query(...group.filters)));

    const where = random.integer(3);
    const racing = [];
    const ask = () => carols.forEach((at) => racing.push(at.open(group.filters)));
    const first = random.chance(0.5);
    if (first) ask();
    const removed = group.decide(where, 'remove', carol);
    if (!first) ask();
    await removed;
    const right_after = carols.map((at) => at.open(group.filters));
    const secret = group.say((where + 1) % 3);
    const [elsewhere] = await Promise.all([group.shown((where + 1) % 3), group.shown((where + 2) % 3), secret]);
    later.add((await secret).id);
    assert.deepEqual(elsewhere, NOTHING, `try ${n}`);
    assert.deepEqual(await group.shown(where), NOTHING, `try ${n}`);
    for (const subscription of right_after)
      assert.deepEqual(ids(await subscription.end_of_stored()), [], `try ${n}: a REQ right after the OK`);
    for (const subscription of racing) {
      const got = ids(await subscription.end_of_stored());
      assert.ok(got.every((id) => before.has(id)), `try ${n}: a REQ beside the removal`);
      assert.equal(new Set(got).size, got.length);
    }
    beside.push(...racing, ...right_after);
    for (const { connection, id } of [...racing, ...right_after]) connection.send(['CLOSE', id]);
  }
  for (const at of carols) await at.catch_up(group.alices[0]);
  for (const { live } of beside)
    assert.ok(!ids(live).some((told) => later.has(told)), 'live, on what was opened beside a removal');
  for (const { live } of hears) {
    // What was said while she was in may be overtaken by her removal; nothing comes twice, late or out of order.
    const got = ids(live);
    assert.deepEqual(got, hers.filter((id) => got.includes(id)));
    assert.ok(heard.every((id) => got.includes(id)));
  }
});

test('a removal over HTTP on one gateway, and leaving on another, are true on all as well', async () => {
  const group = await new Group().begin();
  const { carol } = group;
  for (let n = 0; n < 12; n += 1) {
    await group.decide(n % 3, 'add', carol);
    await group.say(0);
    if (n % 2) {
      const tags = [['nonce', String(n)]]; // else it is one event with the last one of this second
      await group.carols[n % 3].post(roster(carol, group.h, 'leave', { tags }));
    } else {
      const hers = new Rest(fleet.gateways[n % 3], group.alice);
      assert.equal((await hers.delete(member_path(group.h, carol))).status, 204);
    }
    const shown = await Promise.all([0, 1, 2].map((where) => group.shown(where)));
    assert.deepEqual(shown, [NOTHING, NOTHING, NOTHING], `try ${n}`);
    assert.match(await group.carols[(n + 1) % 3].rejection(message(group.h)), /^restricted: /);
  }
});

test('a removal in a stream of messages on all gateways cuts it off everywhere at one place', async () => {
  const group = await new Group().begin();
  const { carol, carols, alices } = group;
  await group.decide(0, 'add', carol);
  for (const at of [...alices, ...carols]) await at.catch_up(alices[0]);
  const filter = { kinds: [445, 450], '#h': [group.h], limit: 0 };
  const alice_hears = await Promise.all(alices.map((at) => at.subscribe(filter)));
  const carol_hears = await Promise.all(carols.map((at) => at.subscribe(filter)));
  const stream = Array.from({ length: 120 }, (_, n) => group.say(n % 3));
  await stream[30];
  const removal = await group.decide(1, 'remove', carol);
  const late = Array.from({ length: 30 }, (_, n) => group.say(n % 3));
  await Promise.all([...stream, ...late]);
  for (const at of [...alices, ...carols]) await at.catch_up(alices[2]);
  const [order, ...others] = alice_hears.map(({ live }) => ids(live));
  for (const other of others) assert.deepEqual(other, order, 'one order for everybody');
  const cut = order.indexOf(removal.id);
  for (const { live } of carol_hears) {
    assert.ok(live.length <= cut, `${live.length} heard, ${cut} said before the removal`);
    assert.ok(live.length >= 30, 'what was acknowledged long before it');
    assert.deepEqual(ids(live), order.slice(0, live.length), 'what was said before, without gaps');
  }
});

test('a reconciliation that is open elsewhere ends with the removal', async () => {
  const group = await new Group().begin();
  const { carol, carols } = group;
  for (let n = 0; n < 10; n += 1) {
    await group.decide(0, 'add', carol);
    await group.say(1);
    assert.ok((await named(carols[1], group.filters[0])).length > 0);
    const answered = (from) =>
      carols[1].wait_for(
        () => carols[1].messages.slice(from).find(([verb, id]) => verb.startsWith('NEG') && id === `left-open-${n}`),
        'an answer to it',
      );
    const opened = carols[1].messages.length;
    carols[1].send(['NEG-OPEN', `left-open-${n}`, group.filters[0], '6100000200']);
    await answered(opened);
    await group.decide(2, 'remove', carol);
    const from = carols[1].messages.length;
    carols[1].send(['NEG-MSG', `left-open-${n}`, '6100000200']);
    const told = await answered(from);
    assert.ok(told[0] === 'NEG-ERR' || told[2] === '6100000200', `named after the removal: ${told}`);
    carols[1].send(['NEG-CLOSE', `left-open-${n}`]);
    assert.deepEqual(await named(carols[1], group.filters[0]).catch((error) => {
      if (error instanceof NegError) return [];
      throw error;
    }), []);
  }
});
