// Alice, Bob and Carol talk in a gated group, Erin and Frank in a capability group; Noise messages and Welcomes go
// about. Mallory has an account, Anonymous has none, both know the ids and try every road. Every rule of the gateway
// has a check here that fails when that rule alone is switched off; the message says which road leaked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { noise_message, read_noise } from './support/noise.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Gateway } from './support/fleet.js';
import { Rest, group_path, member_path, with_api } from './support/rest.js';
import { roster } from './support/roster.js';
import { Secrets, Spy, first_roads, knowing_roads } from './support/secrets.js';
import { Town } from './support/town.js';

const k = ['k', '1'];
const message = (h) => opaque_message(h, { tags: [k] });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));
const founding = (author, h) =>
  sign(author, { kind: 1059, tags: [['p', author.pubkey], ...invitation_tags(h)], content: 'x' });

describe('whatever an outsider tries', () => {
  const [mallory, accomplice, latecomer] = [new Person(), new Person(), new Person()];
  let relay, town, secrets, said, h, near, wrap; // `wrap`: Bob's invitation
  let alice, bob, carol, erin, frank, people, alice_at, bob_at, carol_at, erin_at;
  let spies, mallory_at, anonymous_at, member_spies, hears;

  const settle = async () => {
    for (const { connection } of [...spies, ...member_spies]) await connection.catch_up(alice_at);
  };
  const no_leaks = async (...of) => {
    await settle();
    const leaks = of.flatMap((spy) => secrets.leaks(spy));
    assert.deepEqual(leaks.slice(0, 20), []); // the first show which rule is broken
  };
  const everybody_listens = async (phase, roads) => {
    for (const spy of [...spies, ...member_spies]) await spy.listen(phase, roads);
  };
  const all_roads = () => knowing_roads({ h, people, near, events: secrets.events });

  before(async () => {
    relay = await Gateway.start(with_api());
    town = new Town(relay);
    ({ secrets, said, h, near, carol, erin, frank } = town);
    mallory_at = await relay.connect(mallory, accomplice);
    anonymous_at = await relay.connect();
    const late_at = await relay.connect();
    spies = [
      new Spy('Mallory', mallory_at, mallory, accomplice),
      new Spy('Anonymous', anonymous_at),
      new Spy('the latecomer', late_at, latecomer), // proves a key after subscribing
    ];
    member_spies = [];
    await everybody_listens('before', first_roads({ h, people: [carol, erin, frank] }));

    await town.begin();
    ({ alice, bob, people, wrap, alice_at, bob_at, carol_at, erin_at } = town);
    member_spies = [
      new Spy('Bob', await relay.connect(bob), bob),
      new Spy('Carol', await relay.connect(carol), carol),
    ];
    await everybody_listens('during', all_roads());
    await late_at.authenticate(latecomer);
    hears = {};
    for (const [name, at] of Object.entries({ alice: alice_at, bob: bob_at, carol: carol_at }))
      hears[name] = await at.subscribe({ kinds: [445], '#h': [h], limit: 0 });

    await town.go_on();
    await settle();
  });
  after(() => relay?.remove());

  describe('to read', () => {
    for (const index of [0, 1, 2]) {
      const name = ['Mallory', 'Anonymous', 'the latecomer'][index];

      test(`${name} hears nothing live`, async () => {
        await no_leaks(spies[index]);
      });

      test(`${name} gets nothing stored`, async () => {
        await spies[index].listen('stored', all_roads());
        await no_leaks(spies[index]);
      });

      test(`${name} counts nothing but what a REQ gives`, async () => {
        const { connection } = spies[index];
        for (const [road, filters] of Object.entries(all_roads())) {
          const unlimited = filters.map(({ limit, ...rest }) => rest); // it does not narrow a count
          const refusal = await connection.refusal(...unlimited);
          if (refusal !== null) {
            await assert.rejects(connection.count(...filters), { reason: refusal }, road);
            continue;
          }
          const given = new Set(ids(await connection.query(...unlimited)));
          assert.equal(await connection.count(...filters), given.size, `counted ${road}`);
        }
      });
    }

    test('Mallory counts 0 of every gated kind, and of a group that is not there alike', async () => {
      for (const filter of [
        { kinds: [444] },
        { kinds: [445] },
        { kinds: [446] },
        { kinds: [450] },
        { kinds: [1059] },
        { kinds: [445, 446, 450, 1059], since: 0 },
        { '#h': [h] },
        { kinds: [445], '#h': [h] },
        { kinds: [445], '#h': [new_group_id()] },
        { kinds: [446, 1059], '#p': [alice.pubkey, bob.pubkey, frank.pubkey] },
        { ids: ids(secrets.events).filter((id) => !id.startsWith('0')), kinds: [445, 446, 1059] },
      ]) {
        assert.equal(await mallory_at.count(filter), 0, JSON.stringify(filter).slice(0, 200));
        assert.deepEqual(await mallory_at.query(filter), [], JSON.stringify(filter).slice(0, 200));
      }
    });

    test('Anonymous is told to authenticate, by REQ and by COUNT, where all is gated', async () => {
      for (const filters of [
        [{ kinds: [1059] }],
        [{ kinds: [446] }, { kinds: [450] }],
        [{ kinds: [445], '#h': [h] }],
        [{ kinds: [443], '#p': [bob.pubkey] }],
      ]) {
        const what = JSON.stringify(filters);
        assert.match((await anonymous_at.refusal(...filters)) ?? 'EOSE', /^auth-required: /, what);
        await assert.rejects(anonymous_at.count(...filters), /CLOSED auth-required: /, what);
      }
    });

    test('members hear nothing that is for other members', async () => {
      for (const spy of member_spies) await spy.listen('stored', all_roads());
      await no_leaks(...member_spies);
    });

    test('what is hidden takes no place under a limit', async () => {
      const long_ago = now_s() - 3 * 86_400; // nothing else is that old
      const marker = await mallory_at.post(sign(mallory, { created_at: long_ago }));
      const newer = { tags: [k], created_at: long_ago + 1 };
      const event = await alice_at.post(opaque_message(h, newer));
      said.push({ event });
      secrets.tell(event, 'an old message', { readers: people });
      for (const filter of [{}, { kinds: [1, 445] }, { since: long_ago }]) {
        const last = { ...filter, until: long_ago + 1, limit: 1 };
        assert.deepEqual(ids(await mallory_at.query(last)), [marker.id], JSON.stringify(last));
      }
    });

    test('one of several groups in a filter neither opens nor closes the others', async () => {
      const own = new_group_id();
      const mine = await mallory_at.post(message(own));
      const filter = { kinds: [445], '#h': [h, own] };
      assert.deepEqual(ids(await mallory_at.query(filter)), [mine.id]);
      assert.equal(await mallory_at.count(filter), 1);
    });

    test('a reconciliation (NIP-77) names nothing that is not for them', async () => {
      for (const spy of [...spies, ...member_spies]) {
        for (const [road, filters] of Object.entries(all_roads()))
          filters.forEach((filter, i) => spy.reconcile(`${road}, ${i}`, filter));
        assert.ok(await spy.connection.ping());
      }
      const named = (spy) =>
        spy.connection.messages.filter(([verb, , text]) => verb === 'NEG-MSG' && text.length > 12);
      assert.ok(named(member_spies[0]).length > 0, 'members are told their events');
      await no_leaks(...spies, ...member_spies);
    });

    test('HTTP gives whoever signs the call what a REQ gives, of groups their own, and Anonymous nothing', async () => {
      for (const person of [mallory, accomplice, latecomer, ...people, frank]) {
        const api = new Rest(relay, person);
        const missed = await api.pages('/messages/missed?limit=500', 'messages');
        assert.deepEqual(secrets.leaks_over_http(person, missed), []);
        const listed = (await api.get('/groups')).body.groups.map(({ group_id }) => group_id);
        for (const id of [h, near, new_group_id()]) {
          const inside = id === h && people.includes(person);
          assert.equal(listed.includes(id), inside);
          for (const path of [group_path(id), group_path(id, 'members')])
            assert.equal((await api.get(path)).status, inside ? 200 : 404, path);
        }
      }
      const anonymous = new Rest(relay);
      for (const path of ['/groups', group_path(h), group_path(near), '/messages/missed', `/keypackages?owner=${bob.pubkey}`])
        assert.equal((await anonymous.get(path)).status, 401, path);
      const bobs = await new Rest(relay, bob).pages('/messages/missed', 'messages');
      assert.ok(bobs.some(({ kind }) => kind === 445) && bobs.some(({ kind }) => kind === 1059));
    });

    test('verbs and fields that the relay does not know leak nothing', async () => {
      for (const { connection } of spies) {
        connection.send(['HAVE', ids(secrets.events)]);
        connection.send(['COUNT', { kinds: [445] }]);
        connection.send(['REQ', { '#h': [h] }]);
        connection.send(['GET', h]);
        assert.ok(await connection.ping());
      }
      await no_leaks(...spies);
    });

    test('the capability group is read by whoever names it exactly, without AUTH', async () => {
      const events = secrets.events.filter(({ tags }) => tags[0][1] === near);
      const at = await relay.connect();
      const filter = { kinds: [445], '#h': [near] };
      assert.deepEqual(ids(await at.query(filter)).sort(), ids(events).sort());
      assert.equal(await at.count(filter), events.length);
    });
  });

  describe('to write', () => {
    const own = new_group_id(); // Mallory's own group
    before(() => mallory_at.post(founding(mallory, own)));

    const forgeries = {
      'invite himself': () => invitation(mallory, mallory, h),
      'invite an accomplice': () => invitation(mallory, new Person(), h),
      'found the group again': () => founding(mallory, h),
      'write a message': () => message(h),
      'write in his own name': () => sign(mallory, { kind: 445, tags: [['h', h], k] }),
      'write a bare Marmot message': () => opaque_message(h),
      'bootstrap the group again': () => roster(mallory, h, 'bootstrap', { seq: 9, p: [mallory] }),
      'add himself': () => roster(mallory, h, 'add', { seq: 9, p: [mallory] }),
      'add himself under a stale seq': () => roster(mallory, h, 'add', { seq: 0, p: [mallory] }),
      'add himself by delegation (NIP-26)': () => {
        const delegation = ['delegation', alice.pubkey, 'kind=450', '00'.repeat(64)];
        return roster(mallory, h, 'add', { seq: 9, p: [mallory], tags: [delegation] });
      },
      'promote himself': () => roster(mallory, h, 'promote', { seq: 9, p: [mallory] }),
      'remove Bob': () => roster(mallory, h, 'remove', { seq: 9, p: [bob] }),
      'demote Alice': () => roster(mallory, h, 'demote', { seq: 9, p: [alice] }),
      'replace everybody': () => roster(mallory, h, 'replace', { seq: 9, p: [mallory] }),
      'rename the group': () => roster(mallory, h, 'rename', { seq: 9, name: 'mine' }),
      'leave a group he is not in': () => roster(mallory, h, 'leave'),
      'invite into the capability group': () => invitation(mallory, accomplice, near),
      'take the capability group over': () =>
        roster(mallory, near, 'bootstrap', { seq: 1, p: [mallory] }),
    };
    for (const [deed, forge] of Object.entries(forgeries)) {
      test(`to ${deed} is refused to Mallory, and to Anonymous without AUTH`, async () => {
        assert.match(await mallory_at.rejection(forge()), /^restricted: /);
        const reason = await anonymous_at.rejection(forge());
        assert.match(reason, /^(auth-required|restricted): /);
        assert.deepEqual(await mallory_at.query({ kinds: [445, 450], '#h': [h] }), []);
      });
    }

    for (const [deed, change] of Object.entries({
      'add himself': (api, id) => api.put(member_path(id, mallory)),
      'make himself an admin': (api, id) => api.put(member_path(id, mallory), { role: 'admin' }),
      'remove Bob': (api, id) => api.delete(member_path(id, bob)),
      'demote Alice': (api, id) => api.put(member_path(id, alice), { role: 'member' }),
    })) {
      test(`to ${deed} over HTTP is refused to Mallory as in no group at all, to Anonymous without a signature`, async () => {
        const answers = [];
        for (const id of [h, near, new_group_id()]) {
          const { status, text } = await change(new Rest(relay, mallory), id);
          answers.push(`${status} ${text}`);
          assert.equal((await change(new Rest(relay), id)).status, 401);
        }
        assert.equal(new Set(answers).size, 1, answers.join());
        assert.match(answers[0], /^404 /);
        assert.deepEqual(await mallory_at.query({ kinds: [445, 450], '#h': [h] }), []);
      });
    }

    const captured = {
      "Bob's invitation": () => wrap,
      "Alice's message": () => said.find(({ text }) => text === 'first').event,
      "Bob's key package": () => secrets.events.find(({ kind }) => kind === 443),
      'a roster event that Alice never sent': () =>
        roster(alice, h, 'add', { seq: 9, p: [mallory] }),
      'a bootstrap that Alice meant for another relay': () =>
        roster(alice, new_group_id(), 'bootstrap', { seq: 1, p: [mallory] }),
    };
    for (const [what, event] of Object.entries(captured)) {
      test(`${what}, captured, is refused to Mallory as restricted, to Anonymous for want of AUTH`, async () => {
        assert.match(await mallory_at.rejection(event()), /^restricted: /);
        assert.match(await anonymous_at.rejection(event()), /^auth-required: /);
        assert.deepEqual(await mallory_at.query({ kinds: [445, 450], '#h': [h] }), []);
      });
    }

    test('refusals do not tell what the relay has from what it has not', async () => {
      const known = said.find(({ text }) => text === 'first').event;
      for (const [one, other] of [
        [known, message(h)],
        [wrap, invitation(alice, bob, h)],
        [wrap, invitation(alice, new Person(), h)],
      ]) {
        for (const at of [mallory_at, anonymous_at])
          assert.equal(await at.rejection(one), await at.rejection(other));
      }
      const nowhere = message(new_group_id());
      assert.equal(await anonymous_at.rejection(known), await anonymous_at.rejection(nowhere));
    });

    test('nor do refusals of what is decided only when it would be stored', async () => {
      const known = said.find(({ text }) => text === 'first').event;
      const own = () => sign(mallory, { kind: 1, content: `${Math.random()}` });
      // Behind events of its own that are on their way into the store; more than once, as they may be fast.
      for (const event of [known, wrap, message(h), known, wrap, known, wrap]) {
        const before = [own(), own(), own()].map((other) => mallory_at.publish(other));
        const [reason] = await Promise.all([mallory_at.rejection(event), ...before]);
        assert.match(reason, /^restricted: you are neither/);
      }
    });

    test('AUTH with an event captured from Alice proves nothing', async () => {
      let captured_auth;
      const alice_elsewhere = await relay.connect();
      await alice_elsewhere.auth(alice, { tamper: (event) => (captured_auth = event) });
      const thief_at = await relay.connect();
      const { accepted } = await thief_at.auth(mallory, { tamper: () => captured_auth });
      assert.equal(accepted, false);
      assert.match(await thief_at.rejection(message(h)), /^auth-required: /);
    });

    test('an AUTH event is no event: refused as one, served to nobody', async () => {
      const tags = [['relay', relay.url]];
      const event = sign(mallory, { kind: 22_242, tags });
      secrets.tell(event, 'an AUTH event');
      assert.equal((await mallory_at.publish(event)).accepted, false);
      await no_leaks(...spies, ...member_spies);
    });

    test('a Welcome outside its wrap is refused to everybody', async () => {
      for (const [at, who] of [
        [mallory_at, mallory],
        [anonymous_at, new NostrKey()],
        [alice_at, alice],
      ]) {
        const event = sign(who, { kind: 444, tags: [['h', h]], content: 'AA==' });
        secrets.tell(event, 'a bare Welcome');
        assert.equal((await at.publish(event)).accepted, false);
      }
      assert.deepEqual(await alice_at.query({ kinds: [444] }), []);
      await no_leaks(...spies, ...member_spies);
    });

    test('a Noise message takes AUTH', async () => {
      const event = noise_message(mallory, bob.pubkey, town.bobs_noise.public_key, 'spam');
      assert.match(await anonymous_at.rejection(event), /^auth-required: /);
    });

    const twice = {
      'a message to his group and this one': () => opaque_message(own, { tags: [['h', h], k] }),
      'a message to this group and his': () => opaque_message(h, { tags: [['h', own], k] }),
      'a message with one group twice': () => opaque_message(own, { tags: [['h', own], k] }),
      'an invitation to his group and this one': (p) => [p, ['h', own], ['h', h]],
      'an invitation with one group twice': (p) => [p, ['h', own], ['h', own]],
      'an invitation of two people': (p) => [p, ['p', mallory.pubkey], ['h', own]],
      'an invitation of one person twice': (p) => [p, p, ['h', own]],
      'a wrap for two people': (p) => [p, ['p', mallory.pubkey]],
      'a wrap for one person twice': (p) => [p, p],
    };
    for (const [what, make] of Object.entries(twice)) {
      test(`${what} is refused: tags are counted`, async () => {
        const made = make(['p', bob.pubkey]);
        const event = Array.isArray(made)
          ? sign_once({ kind: 1059, tags: made, content: 'x' })
          : made;
        for (const at of [mallory_at, alice_at])
          assert.match(await at.rejection(event), /^invalid: /);
      });
    }
    test('Noise messages, key packages and rosters with a tag twice are refused too', async () => {
      const p = ['p', bob.pubkey];
      const own_p = ['p', mallory.pubkey];
      for (const event of [
        sign(mallory, { kind: 446, tags: [p, p], content: 'AA==' }),
        sign(mallory, { kind: 446, tags: [p, own_p], content: 'AA==' }),
        sign(mallory, { kind: 443, tags: [own_p, own_p], content: 'AA==' }),
        sign(mallory, { kind: 443, tags: [own_p, p], content: 'AA==' }),
        sign(mallory, { kind: 443, tags: [p], content: 'AA==' }),
        roster(mallory, own, 'add', { seq: 9, p: [bob], tags: [['h', h]] }),
        roster(mallory, own, 'add', { seq: 9, p: [bob], tags: [['h', own]] }),
      ]) {
        assert.match(await mallory_at.rejection(event), /^invalid: /, JSON.stringify(event.tags));
      }
    });

    test('Mallory deletes nothing, neither after nor before it is there', async () => {
      const unborn = await alice.message('unborn');
      const all = [...secrets.events, unborn];
      for (const who of [mallory, accomplice]) {
        await mallory_at.publish(
          sign(who, {
            kind: 5,
            tags: [
              ...all.map(({ id }) => ['e', id]),
              ...[443, 445, 446, 450, 1059].map((kind) => ['k', String(kind)]),
              ...people.map(({ pubkey }) => ['a', `30443:${pubkey}:x`]),
              ...people.map(({ pubkey }) => ['p', pubkey]),
            ],
          }),
        );
      }
      const vandal = new NostrKey();
      await mallory_at.publish(
        sign(vandal, {
          kind: 62,
          tags: [['relay', 'ALL_RELAYS'], ...people.map(({ pubkey }) => ['p', pubkey])],
        }),
      );
      await alice_at.post(unborn);
      said.push({ event: unborn, text: 'unborn', person: alice });
      secrets.tell(unborn, 'a message deleted before it was sent', { readers: people });
      const inbox = await bob_at.query({ kinds: [446, 1059], '#p': [bob.pubkey] });
      assert.equal(inbox.length, 2);
    });

    test('nobody but its recipient deletes a wrap', async () => {
      const letter = gift_wrap(alice, bob.pubkey, { kind: 14 });
      secrets.tell(await alice_at.post(letter), 'a letter to Bob', { readers: [bob] });
      const deletion = (who) => sign(who, { kind: 5, tags: [['e', letter.id]] });
      for (const [who, at] of [
        [mallory, mallory_at],
        [alice, alice_at],
        [carol, carol_at],
      ])
        await at.publish(deletion(who));
      assert.equal((await bob_at.query({ ids: [letter.id] })).length, 1);
    });

    test('writing to the capability group does not make it Mallory’s', async () => {
      await mallory_at.post(sign(mallory, { kind: 445, tags: [['h', near], k], content: 'AA==' }));
      await town.say_openly(await relay.connect());
      const at = await relay.connect();
      assert.ok((await at.query({ kinds: [445], '#h': [near] })).length >= 3);
      await no_leaks(...spies);
    });

    test('a first use in gateway dialect without AUTH founds nothing', async () => {
      const free = new_group_id();
      for (const event of [
        message(free),
        invitation(mallory, mallory, free),
        roster(mallory, free, 'bootstrap', { seq: 1, p: [mallory] }),
      ])
        assert.match(await anonymous_at.rejection(event), /^auth-required: /);
      await alice_at.post(founding(alice, free));
      assert.match(await mallory_at.rejection(message(free)), /^restricted: /);
    });
  });

  describe('inside the group', () => {
    let seq = 0; // of the last roster event; invitations have none
    const decide = async (op, more) => {
      const event = await alice_at.post(roster(alice, h, op, { seq: seq + 1, ...more }));
      seq += 1;
      return secrets.tell(event, `the roster event "${op}"`, { readers: [alice, bob] });
    };

    test('a plain member decides nothing, in nobody’s name', async () => {
      const next = seq + 1;
      for (const [op, more] of Object.entries({
        add: { p: [mallory] },
        remove: { p: [carol] },
        promote: { p: [bob] },
        demote: { p: [alice] },
        replace: { p: [bob] },
        rename: { name: 'mine' },
      })) {
        const of_bob = roster(bob, h, op, { seq: next, ...more });
        assert.match(await bob_at.rejection(of_bob), /^restricted: /, op);
        const of_alice = roster(alice, h, op, { seq: next, ...more });
        assert.match(await bob_at.rejection(of_alice), /^restricted: /, `${op}, captured`);
      }
      await decide('rename', { name: 'the three' }); // nothing of it has moved the seq
    });

    test('nor over HTTP', async () => {
      const api = new Rest(relay, bob);
      for (const change of [
        () => api.put(member_path(h, mallory)),
        () => api.put(member_path(h, bob), { role: 'admin' }),
        () => api.put(member_path(h, alice), { role: 'member' }),
        () => api.delete(member_path(h, carol)),
      ])
        assert.equal((await change()).status, 403);
      await decide('rename', { name: 'the three of us' });
    });

    test('a roster event of the past is refused with the current number', async () => {
      await decide('rename', { name: 'us three' });
      for (const stale of [seq, seq - 1]) {
        const event = roster(alice, h, 'add', { seq: stale, p: [mallory] });
        const reason = await alice_at.rejection(event);
        assert.equal(reason, `invalid: stale seq, the current one is ${seq}`);
      }
      assert.match(await mallory_at.rejection(message(h)), /^restricted: /);
      const told = await mallory_at.rejection(roster(mallory, h, 'add', { seq, p: [bob] }));
      assert.match(told, /^restricted: /);
      assert.doesNotMatch(told, /seq|\d/);
    });

    test('the last admin stays one', async () => {
      const next = seq + 1;
      for (const event of [
        roster(alice, h, 'leave'),
        roster(alice, h, 'remove', { seq: next, p: [alice] }),
        roster(alice, h, 'demote', { seq: next, p: [alice] }),
      ])
        assert.match(await alice_at.rejection(event), /^invalid: /, event.tags[1][1]);
      const api = new Rest(relay, alice);
      assert.equal((await api.delete(member_path(h, alice))).status, 409);
      assert.equal((await api.put(member_path(h, alice), { role: 'member' })).status, 409);
      await decide('rename', { name: 'still hers' });
    });

    test('Carol, removed, gets nothing from then on: open, stored or counted', async () => {
      const everything = [445, 450, 1059];
      const open = await carol_at.subscribe({ kinds: everything, '#h': [h], limit: 0 });
      const by_nothing = await carol_at.subscribe({ limit: 0 });
      await decide('remove', { p: [carol] });
      const event = await town.say(alice, alice_at, 'she is gone', [alice, bob]);
      for (const { event: told } of said)
        secrets.tell(told, 'old words', { readers: [alice, bob] });
      const fresh = new Spy('Carol, removed,', await relay.connect(carol), carol);
      await carol_at.catch_up(alice_at);
      for (const subscription of [open, by_nothing, hears.carol])
        assert.ok(!ids(subscription.live).includes(event.id), 'on an open subscription');
      await fresh.listen('removed', all_roads());
      await no_leaks(fresh);
      const api = new Rest(relay, carol);
      const missed = await api.pages('/messages/missed?limit=500', 'messages');
      assert.deepEqual(secrets.leaks_over_http(carol, missed), []);
      assert.equal((await api.get(group_path(h))).status, 404);
      assert.deepEqual(await carol_at.query({ kinds: [445, 450], '#h': [h] }), []);
      assert.equal(await carol_at.count({ kinds: [445, 450], '#h': [h] }), 0);
      for (const forged of [message(h), invitation(carol, carol, h), event])
        assert.match(await carol_at.rejection(forged), /^restricted: /);
    });

    test('who is removed and invited again hears from then on', async () => {
      const open = await carol_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
      await alice_at.post(invitation(alice, carol, h));
      const event = await town.say(bob, bob_at, 'welcome back');
      assert.equal((await open.next()).id, event.id);
    });
  });

  test('the capability group, made gated by its founder, is closed to those who named it', async () => {
    const named = { kinds: [445], '#h': [near] };
    const open = [await mallory_at.subscribe(named), await anonymous_at.subscribe(named)];
    assert.ok(open[0].stored.length > 0, 'until now its id is enough');
    const upgrade = roster(erin, near, 'bootstrap', { seq: 1, p: [frank] });
    assert.match(await mallory_at.rejection(upgrade), /^restricted: /);
    await erin_at.post(upgrade);
    await erin_at.post(message(near));
    for (const at of [mallory_at, anonymous_at]) await at.catch_up(alice_at);
    assert.deepEqual(
      open.map(({ live }) => live),
      [[], []],
    );
    assert.deepEqual(await mallory_at.query(named), []);
    assert.equal(await mallory_at.count(named), 0);
    assert.match((await anonymous_at.refusal(named)) ?? 'EOSE', /^auth-required: /);
    for (const at of [mallory_at, anonymous_at])
      assert.equal((await at.publish(message(near))).accepted, false);
    const frank_at = await relay.connect(frank);
    assert.ok((await frank_at.query(named)).length > 3, 'Frank reads old and new messages');
  });

  test('after all that the members have everything, once, in order, and nothing forged', async () => {
    for (const at of [alice_at, bob_at, carol_at]) await at.catch_up(alice_at);
    const live = said.slice(said.findIndex(({ text }) => text === 'second'));
    for (const name of ['alice', 'bob'])
      assert.deepEqual(ids(hears[name].live), ids(live.map(({ event }) => event)), name);
    const stored = await bob_at.query({ kinds: [445], '#h': [h] });
    assert.deepEqual(ids(stored).sort(), ids(said.map(({ event }) => event)).sort());
    assert.equal(await bob_at.count({ kinds: [445], '#h': [h] }), said.length);
    for (const { event, text, person } of said) {
      if (typeof text === 'string' && person !== bob) assert.equal(await bob.read(event), text);
    }
    const [letter] = await bob_at.query({ kinds: [446], '#p': [bob.pubkey] });
    assert.equal(read_noise(letter, town.bobs_noise), 'psst, Bob');
    assert.deepEqual(ids(await bob_at.query({ ids: [wrap.id] })), [wrap.id]);
  });

  test('and in the end nobody has heard a thing that was not for them', async () => {
    await settle();
    const leaks = spies.flatMap((spy) => secrets.leaks(spy));
    assert.deepEqual(
      leaks.filter((line) => !line.includes('a capability message')),
      [],
    );
    for (const spy of spies) {
      const [everything] = [...spy.connection.subscriptions.values()];
      assert.ok(everything.live.length > 0, `${spy.name} was listening: public markers came`);
    }
  });
});

describe('with stricter settings an outsider', () => {
  let relay, group, mallory, mallory_at;
  const settings = {
    keypackage_delivery: 'single_use',
    invite_by: 'admins',
    p_hint: 'narrow',
  };
  before(async () => {
    relay = await Gateway.start(with_api(settings));
    group = await alice_and_bob(relay);
    mallory = new Person();
    mallory_at = await relay.connect(mallory);
  });
  after(() => relay?.remove());

  test('gets a key package by asking its owner’s name, once, and by no other road', async () => {
    const [owner, other] = [new Person(), new Person()];
    const [owner_at, other_at] = [await relay.connect(owner), await relay.connect(other)];
    const spy = new Spy('Mallory', mallory_at, mallory);
    const secrets = new Secrets();
    const authors = [owner.pubkey];
    const roads = () => ({
      everything: [{}],
      'by kind': [{ kinds: [443] }],
      'by kinds': [{ kinds: [443, 1], authors }],
      'by author': [{ authors }],
      'by time': [{ kinds: [443], authors, since: 0 }],
      'live alone': [{ kinds: [443], limit: 0 }],
      'by id': [{ ids: ids(secrets.events) }],
      'by id and kind': [{ kinds: [443], ids: ids(secrets.events) }],
      'by id and author': [{ kinds: [443], authors, ids: ids(secrets.events) }],
    });
    await spy.listen('before', roads());
    const standing = await mallory_at.subscribe({ kinds: [443], authors });
    const packages = [];
    for (let n = 0; n < 3; n += 1) {
      packages.push(await owner_at.post(await owner.key_package_event()));
      secrets.tell(packages[n], `key package ${n}`, { readers: [owner] });
    }
    await spy.listen('after', roads());
    await mallory_at.catch_up(owner_at);
    assert.deepEqual(secrets.leaks(spy), []);
    assert.deepEqual(standing.live, [], 'a subscription hands out nothing later');
    const api = new Rest(relay, mallory);
    const told = (await api.get(`/keypackages?owner=${owner.pubkey}`)).body.keypackages;
    assert.deepEqual(told, [], 'over HTTP there is no more to see');
    for (const filters of Object.values(roads())) await mallory_at.count(...filters);

    const [first] = await mallory_at.query({ kinds: [443], authors });
    const [second] = await other_at.query({ kinds: [443], '#p': authors });
    assert.notEqual(first.id, second.id);
    for (const at of [mallory_at, other_at, owner_at])
      assert.deepEqual(await at.query({ ids: [first.id, second.id] }), [], 'consumed');
    assert.match(await owner_at.rejection(first), /^invalid: /);
    const renewed = sign(owner, { ...first, created_at: first.created_at - 1 });
    assert.match(await owner_at.rejection(renewed), /^invalid: /);
    const [third] = await mallory_at.query({ kinds: [443], authors });
    assert.equal(new Set(ids([first, second, third])).size, 3);
    const [last] = await other_at.query({ kinds: [443], authors });
    assert.equal(last.id, third.id, 'the last one is not consumed');
    assert.deepEqual(ids(await owner_at.query({ kinds: [443], authors })), [third.id]);
  });

  test('drains nobody: there are 10 hand-outs in an hour', async () => {
    const { bob } = group;
    const filter = { kinds: [443], authors: [bob.pubkey] };
    const refusals = [];
    for (let n = 0; n < 11; n += 1) refusals.push(await mallory_at.refusal(filter));
    assert.deepEqual(refusals.slice(0, 10), Array(10).fill(null));
    assert.match(refusals[10] ?? 'EOSE', /^rate-limited: /);
  });

  test('is invited by an admin alone', async () => {
    const { h, bob, bob_at } = group;
    assert.match(await bob_at.rejection(invitation(bob, mallory, h)), /^restricted: /);
    assert.match(await mallory_at.rejection(message(h)), /^restricted: /);
  });

  test('like any other member gets no message that names somebody else', async () => {
    const { h, alice, bob, alice_at, bob_at } = group;
    const open = await bob_at.subscribe({ '#h': [h], limit: 0 });
    const tags = [k, ['p', alice.pubkey]];
    const narrow = await alice_at.post(opaque_message(h, { tags }));
    await bob_at.catch_up(alice_at);
    assert.deepEqual(open.live, []);
    assert.deepEqual(ids((await new Rest(relay, bob).get('/messages/missed')).body.messages).includes(narrow.id), false);
    for (const filter of [{ '#h': [h] }, { ids: [narrow.id] }, { '#p': [alice.pubkey] }])
      assert.ok(!ids(await bob_at.query(filter)).includes(narrow.id), JSON.stringify(filter));
    assert.equal(await bob_at.count({ kinds: [445], '#h': [h] }), 0);
  });
});
