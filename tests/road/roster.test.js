// Kind 450: admins say who belongs to a gated group, and it counts from the OK on.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const people = (count) => Array.from({ length: count }, () => new Person());
const message = (h) => opaque_message(h, { tags: [['k', '1']] });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));
const of_group = (h) => ({ kinds: [445, 450], '#h': [h] });

/** A founder with members, by one bootstrap of seq 1; everybody connected: {h, founder, at, others: [{who, at}]}. */
async function founded(count, on = relay) {
  const [founder, ...members] = people(count + 1);
  const h = new_group_id();
  const at = await on.connect(founder);
  const event = await at.post(roster(founder, h, 'bootstrap', { seq: 1, p: members }));
  const others = [];
  for (const who of members) others.push({ who, at: await on.connect(who) });
  return { h, founder, at, others, event };
}

const is_member = async (at, h) => (await at.publish(message(h))).accepted;
const is_admin = async (who, at, h, seq) =>
  (await at.publish(roster(who, h, 'rename', { seq, name: 'x' }))).accepted;

describe('bootstrap', () => {
  test('founds a group: the author is admin and member, its p tags are members', async () => {
    const { h, founder, at, others } = await founded(2);
    const stranger_at = await relay.connect(new Person());
    for (const member of [at, others[0].at, others[1].at]) assert.ok(await is_member(member, h));
    assert.ok(!(await is_member(stranger_at, h)));
    assert.ok(!(await is_admin(others[0].who, others[0].at, h, 2)));
    assert.ok(await is_admin(founder, at, h, 2));
  });

  test('founds a group of one where it has no p tag', async () => {
    const { h, at } = await founded(0);
    assert.ok(await is_member(at, h));
  });

  test('makes the author admin, not the first proved key', async () => {
    const [first, author] = people(2);
    const at = await relay.connect(first, author);
    const h = new_group_id();
    await at.post(roster(author, h, 'bootstrap', { seq: 1 }));
    assert.ok(!(await is_member(await relay.connect(first), h)));
    assert.ok(await is_member(await relay.connect(author), h));
  });

  test('takes AUTH as its author', async () => {
    const [author, other] = people(2);
    const event = roster(author, new_group_id(), 'bootstrap', { seq: 1 });
    assert.match(await (await relay.connect()).rejection(event), /^auth-required: /);
    assert.match(await (await relay.connect(other)).rejection(event), /^restricted: /);
    await (await relay.connect(author)).post(event);
  });

  test('of a group that is there is refused, to outsiders and members restricted', async () => {
    const { h, founder, at, others } = await founded(1);
    const outsider = new Person();
    const outsider_at = await relay.connect(outsider);
    const again = (who) => roster(who, h, 'bootstrap', { seq: 9, p: [who] });
    assert.match(await outsider_at.rejection(again(outsider)), /^restricted: /);
    assert.match(await others[0].at.rejection(again(others[0].who)), /^restricted: /);
    assert.match(await at.rejection(again(founder)), /^invalid: /);
    assert.ok(!(await is_member(outsider_at, h)));
    assert.ok(!(await is_admin(others[0].who, others[0].at, h, 10)));
  });

  test('is the only operation that founds', async () => {
    const author = new Person();
    const at = await relay.connect(author);
    const h = new_group_id();
    for (const op of ['add', 'remove', 'promote', 'demote', 'replace'])
      assert.ok(!(await at.publish(roster(author, h, op, { seq: 1, p: [author] }))).accepted, op);
    for (const op of ['rename', 'leave'])
      assert.ok(!(await at.publish(roster(author, h, op, { seq: 1, name: 'x' }))).accepted, op);
    const other = new Person();
    await (await relay.connect(other)).post(roster(other, h, 'bootstrap', { seq: 1 }));
  });
});

describe('an admin', () => {
  test('adds several people at once, who read what is there and what comes', async () => {
    const { h, founder, at } = await founded(0);
    const newcomers = people(3);
    const before_them = await at.post(message(h));
    const open = await (await relay.connect(newcomers[0])).subscribe(of_group(h));
    assert.deepEqual(open.stored, []);
    await at.post(roster(founder, h, 'add', { seq: 2, p: newcomers }));
    const next = await at.post(message(h));
    const heard = [await open.next()];
    if (heard[0].kind === 450) heard.push(await open.next());
    assert.equal(heard.at(-1).id, next.id);
    for (const who of newcomers) {
      const stored = await (await relay.connect(who)).query({ kinds: [445], '#h': [h] });
      assert.deepEqual(ids(stored).sort(), ids([before_them, next]).sort());
    }
  });

  test('adds who is an admin already without a demotion', async () => {
    const { h, founder, at, others } = await founded(1);
    const [{ who, at: who_at }] = others;
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [who] }));
    await at.publish(roster(founder, h, 'add', { seq: 3, p: [who] }));
    assert.ok(await is_admin(who, who_at, h, 9));
  });

  test('removes members: on open subscriptions, in queries, counts and writes', async () => {
    const { h, founder, at, others } = await founded(2);
    const [gone, kept] = others;
    const opened = [];
    for (const filter of [of_group(h), { '#h': [h] }, { kinds: [445], limit: 0 }, { limit: 0 }])
      opened.push(await gone.at.subscribe(filter));
    const kept_hears = await kept.at.subscribe({ ...of_group(h), limit: 0 });
    const heard = await at.post(message(h));
    const removal = await at.post(roster(founder, h, 'remove', { seq: 2, p: [gone.who] }));
    const unheard = await at.post(message(h));
    await gone.at.catch_up(at);
    for (const { live } of opened) {
      const group = live.filter(({ kind }) => kind !== 1);
      assert.deepEqual(ids(group), [heard.id]);
    }
    assert.deepEqual(ids(await kept_hears.next_of(3)), ids([heard, removal, unheard]));
    for (const filter of [of_group(h), { ids: [heard.id, unheard.id, removal.id] }])
      assert.deepEqual(await gone.at.query(filter), []);
    assert.equal(await gone.at.count(of_group(h)), 0);
    assert.match(await gone.at.rejection(message(h)), /^restricted: /);
    assert.match(await gone.at.rejection(heard), /^restricted: /);
    const again = invitation(gone.who, gone.who, h);
    assert.match(await gone.at.rejection(again), /^restricted: /);
  });

  test('may remove itself where another one remains', async () => {
    const { h, founder, at, others } = await founded(1);
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [others[0].who] }));
    await at.post(roster(founder, h, 'remove', { seq: 3, p: [founder] }));
    assert.ok(!(await is_member(at, h)));
    assert.ok(await is_admin(others[0].who, others[0].at, h, 4));
  });

  test('promotes a member, and a stranger, who is a member then', async () => {
    const { h, founder, at, others } = await founded(1);
    const stranger = new Person();
    const stranger_at = await relay.connect(stranger);
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [others[0].who, stranger] }));
    assert.ok(await is_member(stranger_at, h));
    assert.ok(await is_admin(stranger, stranger_at, h, 3));
    assert.ok(await is_admin(others[0].who, others[0].at, h, 4));
  });

  test('demotes an admin to a plain member, the founder too', async () => {
    const { h, founder, at, others } = await founded(1);
    const [{ who, at: who_at }] = others;
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [who] }));
    await who_at.post(roster(who, h, 'demote', { seq: 3, p: [founder] }));
    assert.ok(await is_member(at, h));
    assert.match(
      await at.rejection(roster(founder, h, 'add', { seq: 4, p: [new Person()] })),
      /^restricted: /,
    );
  });

  test('renames the group, which changes nobody', async () => {
    const { h, founder, at, others } = await founded(1);
    const event = await at.post(roster(founder, h, 'rename', { seq: 2, name: 'Ключи' }));
    assert.deepEqual(ids(await others[0].at.query({ ids: [event.id] })), [event.id]);
    assert.ok(await is_member(others[0].at, h));
  });

  test('proves its key on the connection that publishes', async () => {
    const { h, founder, others } = await founded(1);
    const event = roster(founder, h, 'add', { seq: 2, p: [new Person()] });
    assert.match(await (await relay.connect()).rejection(event), /^auth-required: /);
    assert.match(await others[0].at.rejection(event), /^restricted: /);
    const both = await relay.connect(others[0].who, founder);
    await both.post(event);
  });

  test('that the roster made may do all this in a group founded by a gift wrap', async () => {
    const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
    const carol = new Person();
    const carol_at = await relay.connect(carol);
    assert.match(
      await bob_at.rejection(roster(bob, h, 'add', { seq: 1, p: [carol] })),
      /^restricted: /,
    );
    await alice_at.post(roster(alice, h, 'promote', { seq: 1, p: [bob] }));
    await bob_at.post(roster(bob, h, 'add', { seq: 2, p: [carol] }));
    assert.ok(await is_member(carol_at, h));
    await alice_at.post(roster(alice, h, 'remove', { seq: 3, p: [bob] }));
    assert.ok(!(await is_member(bob_at, h)));
  });
});

describe('replace', () => {
  test('makes exactly its p tags members; admins among them stay admins', async () => {
    const { h, founder, at, others } = await founded(3);
    const [second, kept, gone] = others;
    const newcomer = new Person();
    const newcomer_at = await relay.connect(newcomer);
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [second.who] }));
    const p = [founder, second.who, kept.who, newcomer];
    await at.post(roster(founder, h, 'replace', { seq: 3, p }));
    for (const connection of [at, second.at, kept.at, newcomer_at])
      assert.ok(await is_member(connection, h));
    assert.ok(!(await is_member(gone.at, h)));
    assert.ok(await is_admin(founder, at, h, 4));
    assert.ok(await is_admin(second.who, second.at, h, 5));
    assert.ok(!(await is_admin(kept.who, kept.at, h, 6)));
    assert.ok(!(await is_admin(newcomer, newcomer_at, h, 6)));
  });

  test('without its author leaves the other admins in charge', async () => {
    const { h, founder, at, others } = await founded(2);
    const [second, third] = others;
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [second.who] }));
    await at.post(roster(founder, h, 'replace', { seq: 3, p: [second.who, third.who] }));
    assert.ok(!(await is_member(at, h)));
    assert.ok(await is_admin(second.who, second.at, h, 4));
    assert.ok(!(await is_admin(third.who, third.at, h, 5)));
  });

  test('that would leave no admin makes all of its p tags admins', async () => {
    const { h, founder, at } = await founded(0);
    const next = people(2);
    await at.post(roster(founder, h, 'replace', { seq: 2, p: next }));
    assert.ok(!(await is_member(at, h)));
    for (const [index, who] of next.entries())
      assert.ok(await is_admin(who, await relay.connect(who), h, 3 + index));
  });

  test('ends an open subscription’s share for whoever is left out', async () => {
    const { h, founder, at, others } = await founded(1);
    const open = await others[0].at.subscribe({ ...of_group(h), limit: 0 });
    await at.post(roster(founder, h, 'replace', { seq: 2, p: [founder] }));
    await at.post(message(h));
    await others[0].at.catch_up(at);
    assert.deepEqual(open.live, []);
  });
});

describe('leave', () => {
  test('is a member’s own, without seq, and counts at once', async () => {
    const { h, at, others } = await founded(2);
    const [{ who, at: who_at }] = others;
    const open = await who_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
    await who_at.post(roster(who, h, 'leave'));
    await at.post(message(h));
    await who_at.catch_up(at);
    assert.deepEqual(open.live, []);
    assert.ok(!(await is_member(who_at, h)));
    assert.ok(await is_member(others[1].at, h));
  });

  test('does not move the seq', async () => {
    const { h, founder, at, others } = await founded(1);
    await others[0].at.post(roster(others[0].who, h, 'leave'));
    await at.post(roster(founder, h, 'rename', { seq: 2, name: 'fewer' }));
  });

  test('on somebody’s behalf is refused', async () => {
    const { h, at, others } = await founded(2);
    const forged = roster(others[0].who, h, 'leave');
    assert.match(await others[1].at.rejection(forged), /^restricted: /);
    assert.match(await at.rejection(forged), /^restricted: /);
    const outsider = new Person();
    const outsider_at = await relay.connect(outsider);
    assert.match(await outsider_at.rejection(roster(outsider, h, 'leave')), /^restricted: /);
    assert.ok(await is_member(others[0].at, h));
  });
});

describe('the last admin', () => {
  for (const [deed, make] of [
    ['be removed', (founder, h) => roster(founder, h, 'remove', { seq: 2, p: [founder] })],
    ['be demoted', (founder, h) => roster(founder, h, 'demote', { seq: 2, p: [founder] })],
    ['leave', (founder, h) => roster(founder, h, 'leave')],
    [
      'be removed among others',
      (founder, h, other) => roster(founder, h, 'remove', { seq: 2, p: [other, founder] }),
    ],
  ]) {
    test(`cannot ${deed}, and the refusal changes nothing`, async () => {
      const { h, founder, at, others } = await founded(1);
      assert.match(await at.rejection(make(founder, h, others[0].who)), /^invalid: /);
      assert.ok(await is_member(others[0].at, h));
      assert.ok(await is_admin(founder, at, h, 2), 'the seq did not move');
    });
  }

  test('can leave once another one is promoted', async () => {
    const { h, founder, at, others } = await founded(1);
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [others[0].who] }));
    await at.post(roster(founder, h, 'leave'));
    assert.ok(!(await is_member(at, h)));
  });

  test('is not left by two who go in one event', async () => {
    const { h, founder, at, others } = await founded(1);
    await at.post(roster(founder, h, 'promote', { seq: 2, p: [others[0].who] }));
    const both = { seq: 3, p: [founder, others[0].who] };
    assert.match(await at.rejection(roster(founder, h, 'remove', both)), /^invalid: /);
    assert.match(await at.rejection(roster(founder, h, 'demote', both)), /^invalid: /);
    assert.ok(await is_admin(founder, at, h, 3));
  });
});

describe('the seq', () => {
  test('must rise: a stale one is told the current, and has no effect', async () => {
    const { h, founder, at } = await founded(0);
    await at.post(roster(founder, h, 'rename', { seq: 7, name: 'gaps are fine' }));
    const stranger = new Person();
    for (const seq of [0, 6, 7]) {
      assert.equal(
        await at.rejection(roster(founder, h, 'add', { seq, p: [stranger] })),
        'invalid: stale seq, the current one is 7',
      );
    }
    assert.ok(!(await is_member(await relay.connect(stranger), h)));
    await at.post(roster(founder, h, 'add', { seq: 8, p: [stranger] }));
  });

  test('is not told to outsiders', async () => {
    const { h } = await founded(0);
    const outsider = new Person();
    const at = await relay.connect(outsider);
    for (const seq of [0, 1, 2])
      assert.match(
        await at.rejection(roster(outsider, h, 'add', { seq, p: [outsider] })),
        /^restricted: \D*$/,
      );
  });

  test('is a decimal number, once', async () => {
    const { h, founder, at } = await founded(0);
    for (const seq of ['', '-1', '1.5', 'two', '0x3', '9223372036854775808'])
      assert.match(
        await at.rejection(roster(founder, h, 'rename', { seq, name: 'x' })),
        /^invalid: /,
        JSON.stringify(seq),
      );
    assert.match(await at.rejection(roster(founder, h, 'rename', { name: 'x' })), /^invalid: /);
    const twice = roster(founder, h, 'rename', { seq: 2, name: 'x', tags: [['seq', '3']] });
    assert.match(await at.rejection(twice), /^invalid: /);
  });

  test('outlives a restart, as membership and roles do', async (t) => {
    const own = await Relay.of(t);
    const { h, founder, others } = await founded(2, own);
    const at = await own.connect(founder);
    await at.post(roster(founder, h, 'promote', { seq: 5, p: [others[0].who] }));
    await at.post(roster(founder, h, 'remove', { seq: 6, p: [others[1].who] }));
    await own.restart();
    const back = await own.connect(others[0].who);
    assert.equal(
      await back.rejection(roster(others[0].who, h, 'rename', { seq: 6, name: 'x' })),
      'invalid: stale seq, the current one is 6',
    );
    assert.ok(await is_admin(others[0].who, back, h, 7));
    assert.ok(!(await is_member(await own.connect(others[1].who), h)));
  });

  test('of events sent in one breath: each sees the one before', async () => {
    const { h, founder, at } = await founded(0);
    const stranger = new Person();
    const answers = await Promise.all([
      at.publish(roster(founder, h, 'add', { seq: 2, p: [stranger] })),
      at.publish(roster(founder, h, 'rename', { seq: 2, name: 'late' })),
      at.publish(roster(founder, h, 'remove', { seq: 3, p: [stranger] })),
      at.publish(roster(founder, h, 'add', { seq: 3, p: [stranger] })),
    ]);
    assert.deepEqual(
      answers.map(({ accepted }) => accepted),
      [true, false, true, false],
    );
    assert.equal(answers[1].reason, 'invalid: stale seq, the current one is 2');
    assert.ok(!(await is_member(await relay.connect(stranger), h)));
  });
});

test('roster events are stored for members alone', async () => {
  const { h, founder, at, others, event } = await founded(1);
  const outsider_at = await relay.connect(new Person());
  const anonymous = await relay.connect();
  const open = await outsider_at.subscribe({ limit: 0 });
  const second = await at.post(roster(founder, h, 'rename', { seq: 2, name: 'ours' }));
  for (const filter of [
    { kinds: [450], '#h': [h] },
    { '#h': [h] },
    { authors: [founder.pubkey] },
  ]) {
    const stored = await others[0].at.query(filter);
    assert.deepEqual(ids(stored).sort(), ids([event, second]).sort());
    assert.deepEqual(await outsider_at.query(filter), []);
    assert.equal(await outsider_at.count(filter), 0);
  }
  await outsider_at.catch_up(at);
  assert.ok(!ids(open.live).includes(second.id));
  assert.match(await anonymous.refusal({ kinds: [450], '#h': [h] }), /^auth-required: /);
  assert.deepEqual(await anonymous.query({ ids: [event.id, second.id] }), []);
});

test('roster events of a shape that says nothing are refused', async () => {
  const { h, founder, at, others } = await founded(1);
  const who = others[0].who;
  const base = [
    ['h', h],
    ['seq', '2'],
  ];
  const with_tags = (...tags) => sign(founder, { kind: 450, tags });
  for (const event of [
    with_tags(...base, ['p', who.pubkey]),
    with_tags(...base, ['op', 'expel'], ['p', who.pubkey]),
    with_tags(...base, ['op', 'add'], ['op', 'remove'], ['p', who.pubkey]),
    with_tags(['seq', '2'], ['op', 'add'], ['p', who.pubkey]),
    with_tags(...base, ['h', h], ['op', 'add'], ['p', who.pubkey]),
    ...['add', 'remove', 'promote', 'demote'].map((op) => with_tags(...base, ['op', op])),
    with_tags(...base, ['op', 'rename']),
    with_tags(...base, ['op', 'add'], ['p', 'nobody']),
    with_tags(...base, ['op', 'add'], ['p', who.pubkey], ['p', who.pubkey]),
    with_tags(...base, ['op', 'add'], ['p', who.pubkey.toUpperCase()]),
  ]) {
    assert.match(await at.rejection(event), /^invalid: /, JSON.stringify(event.tags.slice(2)));
  }
  assert.ok(await is_admin(founder, at, h, 2), 'nothing of it counted');
});

test('groups whose ids are alike are different groups', async () => {
  const alike = ['grp', 'grp ', 'Grp', 'grp/', 'grp%2F', 'grp:m', 'gr', 'p', 'ключ', 'ключ🔑'];
  const founders = people(alike.length);
  const connections = await Promise.all(founders.map((who) => relay.connect(who)));
  for (const [n, h] of alike.entries())
    await connections[n].post(roster(founders[n], h, 'bootstrap', { seq: 1 }));
  for (const [n, at] of connections.entries()) {
    for (const [m, h] of alike.entries()) assert.equal(await is_member(at, h), n === m, h);
    const seen = await at.query({ kinds: [445, 450] });
    assert.deepEqual([...new Set(seen.map(({ tags }) => tags[0][1]))], [alike[n]]);
  }
});

test('a group id that is empty, longer than 128 bytes or holds control characters is refused', async () => {
  const founder = new Person();
  const at = await relay.connect(founder);
  for (const h of ['', 'x'.repeat(129), 'a\u0001b', 'a\nb'])
    assert.match(await at.rejection(roster(founder, h, 'bootstrap', { seq: 1 })), /^invalid: /);
});

test('a thousand members come by one event and go by one', async () => {
  const { h, founder, at } = await founded(0);
  const crowd = Array.from({ length: 1000 }, () => new NostrKey());
  await at.post(roster(founder, h, 'add', { seq: 2, p: crowd }));
  const last_at = await relay.connect(crowd.at(-1));
  assert.ok(await is_member(last_at, h));
  await at.post(roster(founder, h, 'replace', { seq: 3, p: [founder, crowd[0]] }));
  assert.ok(!(await is_member(last_at, h)));
  assert.ok(await is_member(await relay.connect(crowd[0]), h));
});

describe('a capability group', () => {
  const open_group = async (...founders) => {
    const h = new_group_id();
    const event = await (await relay.connect(...founders)).post(opaque_message(h));
    return { h, event };
  };

  test('becomes gated by a bootstrap of the account that began it', async () => {
    const [founder, member, outsider] = people(3);
    const { h, event } = await open_group(founder);
    const filter = { kinds: [445], '#h': [h] };
    const named = await (await relay.connect(outsider)).subscribe(filter);
    assert.deepEqual(ids(named.stored), [event.id]);
    const at = await relay.connect(founder);
    await at.post(roster(founder, h, 'bootstrap', { seq: 1, p: [member] }));
    const next = await at.post(opaque_message(h));
    await named.connection.catch_up(at);
    assert.deepEqual(named.live, []);
    assert.deepEqual(await named.connection.query(filter), []);
    const member_at = await relay.connect(member);
    assert.deepEqual(ids(await member_at.query(filter)).sort(), ids([event, next]).sort());
    for (const any of [{ kinds: [445] }, { ids: [event.id] }])
      assert.ok(ids(await member_at.query(any)).includes(event.id), 'like any gated message');
    assert.match(await (await relay.connect()).rejection(opaque_message(h)), /^auth-required: /);
  });

  test('stays one for everybody else, whatever they send', async () => {
    const [founder, stranger] = people(2);
    const { h } = await open_group(founder);
    const stranger_at = await relay.connect(stranger);
    const founder_at = await relay.connect(founder);
    const both = await relay.connect(founder, stranger);
    for (const at of [stranger_at, both])
      assert.match(
        await at.rejection(roster(stranger, h, 'bootstrap', { seq: 1 })),
        /^restricted: /,
      );
    for (const op of ['add', 'remove', 'promote', 'demote', 'replace']) {
      const event = (who) => roster(who, h, op, { seq: 1, p: [who] });
      assert.match(await stranger_at.rejection(event(stranger)), /^restricted: /, op);
      assert.ok(!(await founder_at.publish(event(founder))).accepted, op);
    }
    await (await relay.connect()).post(opaque_message(h));
  });

  test('begun without AUTH is nobody’s to gate', async () => {
    const { h } = await open_group();
    const claimant = new Person();
    const at = await relay.connect(claimant);
    assert.match(await at.rejection(roster(claimant, h, 'bootstrap', { seq: 1 })), /^restricted: /);
    await (await relay.connect()).post(opaque_message(h));
  });
});

describe('membership = "roster"', () => {
  let strict;
  before(async () => {
    strict = await Relay.start({ 'extensions.mls_gateway': { membership: 'roster' } });
  });
  after(() => strict?.remove());

  test('an invitation is delivered and makes nobody a member', async () => {
    const { h, at, others } = await founded(1, strict);
    const guest = new Person();
    const guest_at = await strict.connect(guest);
    const wrap = await others[0].at.post(invitation(others[0].who, guest, h));
    const inbox = { kinds: [1059], '#p': [guest.pubkey] };
    assert.deepEqual(ids(await guest_at.query(inbox)), [wrap.id]);
    await at.post(message(h));
    assert.deepEqual(await guest_at.query(of_group(h)), []);
    assert.match(await guest_at.rejection(message(h)), /^restricted: /);
  });

  test('an invitation takes a member to send it, and founds nothing', async () => {
    const { h } = await founded(0, strict);
    const outsider = new Person();
    const at = await strict.connect(outsider);
    assert.match(await at.rejection(invitation(outsider, outsider, h)), /^restricted: /);
    const free = new_group_id();
    assert.match(await at.rejection(invitation(outsider, outsider, free)), /^restricted: /);
    const founder = new Person();
    const founder_at = await strict.connect(founder);
    await founder_at.post(roster(founder, free, 'bootstrap', { seq: 1 }));
    assert.match(await at.rejection(message(free)), /^restricted: /);
  });

  test('rosters work as ever', async () => {
    const { h, founder, at } = await founded(0, strict);
    const guest = new Person();
    const guest_at = await strict.connect(guest);
    await at.post(roster(founder, h, 'add', { seq: 2, p: [guest] }));
    assert.ok(await is_member(guest_at, h));
    await at.post(roster(founder, h, 'remove', { seq: 3, p: [guest] }));
    assert.ok(!(await is_member(guest_at, h)));
  });
});

test('a seq that leaps to the end of all numbers is refused, so that the group can go on', async () => {
  const { h, founder, at } = await founded(0);
  for (const seq of ['9223372036854775807', String(2 ** 52)])
    assert.match(await at.rejection(roster(founder, h, 'rename', { seq, name: 'x' })), /^invalid: /);
  assert.ok(await is_admin(founder, at, h, Date.now() * 1000));
});

test('an operator may gate a capability group, whoever founded it', async () => {
  const operator = new Person();
  const ruled = await Relay.start({ 'extensions.mls_gateway': { admin_keys: [operator.pubkey] } });
  try {
    const [stranger, member] = people(2);
    const h = new_group_id();
    const anonymous_at = await ruled.connect();
    const bare = await anonymous_at.post(opaque_message(h));
    const stranger_at = await ruled.connect(stranger);
    const bootstrap = (who) => roster(who, h, 'bootstrap', { seq: 1, p: [member] });
    assert.match(await stranger_at.rejection(bootstrap(stranger)), /^restricted: /);
    await (await ruled.connect(operator)).post(bootstrap(operator));
    assert.deepEqual(await stranger_at.query(of_group(h)), []);
    const member_at = await ruled.connect(member);
    assert.ok(ids(await member_at.query(of_group(h))).includes(bare.id));
  } finally {
    await ruled.remove();
  }
});
