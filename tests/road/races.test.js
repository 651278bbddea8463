// Several workers, many clients, one moment: what must have one outcome has one.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ids, sign } from './support/event.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Gateway } from './support/fleet.js';
import { roster } from './support/roster.js';

const CLAIMERS = 32;
const workers = { server: { workers: 4 } };
let relay;
before(async () => (relay = await Gateway.start(workers)));
after(() => relay?.remove());

const people = (count) => Array.from({ length: count }, () => new Person());
const connect = (all, on = relay) => Promise.all(all.map((person) => on.connect(person)));
const message = (h) => opaque_message(h, { tags: [['k', '1']] });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));
const accepted = (answers) => answers.map((answer) => answer.accepted);

/** All claimers ask for one package of one owner at once; what each got. */
async function claim(t, package_count) {
  const settings = { keypackage_delivery: 'single_use' };
  const own = await Gateway.of(t, { ...workers, 'extensions.mls_gateway': settings });
  const owner = new Person();
  const owner_at = await own.connect(owner);
  const packages = [];
  for (let n = 0; n < package_count; n += 1)
    packages.push(await owner_at.post(await owner.key_package_event()));
  const claimers = await connect(people(CLAIMERS), own);
  const filter = { kinds: [443], authors: [owner.pubkey] };
  const given = await Promise.all(claimers.map((at) => at.query(filter)));
  for (const events of given) assert.equal(events.length, 1, 'everybody gets exactly one');
  const left = ids(await owner_at.query(filter));
  return { packages: ids(packages), given: given.map(([{ id }]) => id), left };
}

test('of many claimers and more packages each gets one of their own', async (t) => {
  const { packages, given, left } = await claim(t, CLAIMERS + 4);
  assert.equal(new Set(given).size, CLAIMERS);
  assert.deepEqual([...given, ...left].sort(), packages.sort());
});

test('of many claimers and few packages only the last one is given twice', async (t) => {
  const { packages, given, left } = await claim(t, 8);
  assert.equal(left.length, 1);
  const shared = given.filter((id) => id === left[0]);
  const once = given.filter((id) => id !== left[0]);
  assert.equal(once.length, 7);
  assert.equal(new Set(once).size, 7);
  assert.equal(shared.length, CLAIMERS - 7);
  assert.deepEqual([...once, ...left].sort(), packages.sort());
});

test('of many claimers and as many packages every package is given', async (t) => {
  const { packages, given } = await claim(t, CLAIMERS);
  assert.deepEqual([...new Set(given)].sort(), packages.sort());
});

test('of two admins with one seq exactly one wins, and the other is told the number', async () => {
  const [alice, bob] = people(2);
  const connections = await connect([alice, bob]);
  const h = new_group_id();
  await connections[0].post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
  await connections[0].post(roster(alice, h, 'promote', { seq: 2, p: [bob] }));
  for (let seq = 3; seq < 23; seq += 1) {
    const invited = people(2);
    const answers = await Promise.all(
      [alice, bob].map((admin, index) =>
        connections[index].publish(roster(admin, h, 'add', { seq, p: [invited[index]] })),
      ),
    );
    assert.deepEqual(accepted(answers).sort(), [false, true]);
    const lost = answers.findIndex((answer) => !answer.accepted);
    assert.equal(answers[lost].reason, `invalid: stale seq, the current one is ${seq}`);
    const writes = await Promise.all((await connect(invited)).map((at) => at.publish(message(h))));
    assert.deepEqual(accepted(writes), accepted(answers), 'the effect is the winner’s alone');
  }
});

test('of two admins who demote each other one remains', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [alice, bob] = people(2);
    const connections = await connect([alice, bob]);
    const h = new_group_id();
    await connections[0].post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
    await connections[0].post(roster(alice, h, 'promote', { seq: 2, p: [bob] }));
    const answers = await Promise.all([
      connections[0].publish(roster(alice, h, 'demote', { seq: 3, p: [bob] })),
      connections[1].publish(roster(bob, h, 'demote', { seq: 4, p: [alice] })),
    ]);
    const [winner] = accepted(answers).flatMap((won, index) => (won ? [index] : []));
    assert.equal(accepted(answers).filter(Boolean).length, 1);
    const admin = [alice, bob][winner];
    await connections[winner].post(roster(admin, h, 'rename', { seq: 5, name: 'mine' }));
  }
});

test('of two admins who leave at once one stays', async () => {
  for (let round = 0; round < 5; round += 1) {
    const both = people(2);
    const connections = await connect(both);
    const h = new_group_id();
    await connections[0].post(roster(both[0], h, 'bootstrap', { seq: 1, p: [both[1]] }));
    await connections[0].post(roster(both[0], h, 'promote', { seq: 2, p: [both[1]] }));
    const answers = await Promise.all(
      both.map((admin, index) => connections[index].publish(roster(admin, h, 'leave'))),
    );
    assert.deepEqual(accepted(answers).sort(), [false, true]);
    assert.match(answers.find((answer) => !answer.accepted).reason, /^invalid: /);
  }
});

test('a removal in a stream of messages cuts it off, and everybody else hears all in one order', async () => {
  const [alice, bob, carol, dave] = people(4);
  const [alice_at, bob_at, dave_at] = await connect([alice, bob, dave]);
  const carol_ats = await connect(Array(4).fill(carol)); // on every worker
  const h = new_group_id();
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob, carol, dave] }));
  // A gateway that has not heard of it yet would give it as new.
  for (const at of [bob_at, dave_at, ...carol_ats]) await at.catch_up(alice_at);
  const filters = [{ kinds: [445, 450], '#h': [h], limit: 0 }];
  const heard_by = (connections) => Promise.all(connections.map((at) => at.subscribe(...filters)));
  const members_hear = await heard_by([alice_at, bob_at, dave_at]);
  const carol_hears = await heard_by(carol_ats);

  const before_removal = Array.from({ length: 150 }, () => message(h));
  const stream = before_removal.map((event, index) => [bob_at, dave_at][index % 2].post(event));
  await stream[40];
  const removal = await alice_at.post(roster(alice, h, 'remove', { seq: 2, p: [carol] }));
  const after_removal = Array.from({ length: 50 }, () => message(h));
  stream.push(...after_removal.map((event, index) => [bob_at, dave_at][index % 2].post(event)));
  const sent = [...(await Promise.all(stream)), removal];

  for (const at of [alice_at, bob_at, dave_at, ...carol_ats]) await at.catch_up(alice_at);
  const [order, ...others] = members_hear.map(({ live }) => ids(live));
  assert.deepEqual([...order].sort(), ids(sent).sort());
  for (const other of others) assert.deepEqual(other, order, 'one order for everybody');
  const cut = order.indexOf(removal.id);
  for (const { live } of carol_hears) {
    assert.ok(live.length <= cut, `${live.length} heard, ${cut} said before the removal`);
    assert.deepEqual(ids(live), order.slice(0, live.length), 'what was said before, without gaps');
  }
  const late = new Set(ids(after_removal));
  for (const { live } of carol_hears) assert.ok(!ids(live).some((id) => late.has(id)));
});

test('one who is removed and added again and again hears exactly what was said in between', async () => {
  const [alice, carol] = people(2);
  const [alice_at, carol_at] = await connect([alice, carol]);
  const h = new_group_id();
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1 }));
  const hears = await carol_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
  const hers = [];
  for (let seq = 2; seq < 22; seq += 1) {
    const inside = seq % 2 === 0;
    await alice_at.post(roster(alice, h, inside ? 'add' : 'remove', { seq, p: [carol] }));
    const event = await alice_at.post(message(h));
    if (inside) hers.push(event.id);
  }
  await carol_at.catch_up(alice_at);
  assert.deepEqual(ids(hears.live), hers);
});

test('what a removed member sent in the same breath is taken or refused, never half', async () => {
  const [alice, carol] = people(2);
  const [alice_at, carol_at] = await connect([alice, carol]);
  const h = new_group_id();
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1, p: [carol] }));
  const events = Array.from({ length: 40 }, () => message(h));
  const [answers] = await Promise.all([
    Promise.all(events.map((event) => carol_at.publish(event))),
    alice_at.post(roster(alice, h, 'remove', { seq: 2, p: [carol] })),
  ]);
  const first_refused = accepted(answers).indexOf(false);
  const taken = first_refused < 0 ? events.length : first_refused;
  assert.ok(accepted(answers.slice(taken)).every((taken_later) => !taken_later));
  for (const { reason } of answers.slice(taken)) assert.match(reason, /^restricted: /);
  const stored = await alice_at.query({ kinds: [445], '#h': [h] });
  assert.deepEqual(ids(stored).sort(), ids(events.slice(0, taken)).sort());
});

const firsts = {
  'two bootstraps': [
    (who, h) => roster(who, h, 'bootstrap', { seq: 1 }),
    (who, h) => roster(who, h, 'bootstrap', { seq: 1 }),
  ],
  'a bootstrap and an invitation': [
    (who, h) => roster(who, h, 'bootstrap', { seq: 1 }),
    (who, h) => invitation(who, new Person(), h),
  ],
  'a bootstrap and a message': [
    (who, h) => roster(who, h, 'bootstrap', { seq: 1 }),
    (who, h) => message(h),
  ],
  'a message and an invitation': [
    (who, h) => sign(who, { kind: 445, tags: [['h', h]] }),
    (who, h) => invitation(who, new Person(), h),
  ],
};
for (const [what, makers] of Object.entries(firsts)) {
  test(`of ${what} that found one group at once one wins, and the other is no member`, async () => {
    for (let round = 0; round < 10; round += 1) {
      const rivals = people(2);
      const connections = await connect(rivals);
      const h = new_group_id();
      const answers = await Promise.all(
        connections.map((at, index) => at.publish(makers[index](rivals[index], h))),
      );
      assert.deepEqual(accepted(answers).sort(), [false, true]);
      assert.match(answers.find((answer) => !answer.accepted).reason, /^restricted: /);
      const writes = await Promise.all(connections.map((at) => at.publish(message(h))));
      assert.deepEqual(accepted(writes), accepted(answers));
    }
  });
}

test('of a bootstrap and a bare message at once either makes the group its own kind', async () => {
  for (let round = 0; round < 10; round += 1) {
    const founder = new Person();
    const founder_at = await relay.connect(founder);
    const anonymous = await relay.connect();
    const h = new_group_id();
    const [gated, open] = accepted(
      await Promise.all([
        founder_at.publish(roster(founder, h, 'bootstrap', { seq: 1 })),
        anonymous.publish(opaque_message(h)),
      ]),
    );
    assert.notEqual(gated, open);
    assert.equal((await anonymous.publish(opaque_message(h))).accepted, open);
    assert.equal((await founder_at.query({ kinds: [450], '#h': [h] })).length, gated ? 1 : 0);
  }
});
