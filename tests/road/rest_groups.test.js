// The REST API: groups and their members.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { now_s } from './support/event.js';
import { group_of_two as group_of_two_on } from './support/gathering.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { Relay } from './support/relay.js';
import { Rest, SERVICE_TOKEN, group_path, member_path, plain, with_api } from './support/rest.js';
import { roster } from './support/roster.js';

const message = (h, epoch = 1) => opaque_message(h, { tags: [['k', String(epoch)]] });

let relay, operator;
before(async () => {
  relay = await Relay.start(with_api({}, { server: { workers: 4 } }));
  operator = new Rest(relay, SERVICE_TOKEN);
});
after(() => relay?.remove());

const group_of_two = (on = relay, h) => group_of_two_on(on, h);
const roles = async (api, h) => {
  const { status, body, text } = await api.get(group_path(h, 'members'));
  assert.equal(status, 200, text);
  return Object.fromEntries(body.members.map(({ pubkey, role }) => [pubkey, role]));
};
const seq_of = async (api, h) => (await api.get(group_path(h, 'members'))).body.roster_seq;

describe('a group', () => {
  test('is shown as the specification has it, to its members and the operator', async () => {
    const began = now_s();
    const { h, alice, alice_at, alice_api, bob_api } = await group_of_two();
    await alice_at.post(roster(alice, h, 'rename', { seq: 2, name: 'Team "Chat" ☕' }));
    await alice_at.post(message(h, 42));
    for (const api of [alice_api, bob_api, operator]) {
      const { status, body } = await api.get(group_path(h));
      assert.equal(status, 200);
      const { created_at, ...rest } = body;
      const named = {
        group_id: h,
        display_name: 'Team "Chat" ☕',
        member_count: 2,
        last_epoch: 42,
      };
      assert.deepEqual(rest, named);
      assert.match(created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const time = Date.parse(created_at) / 1000;
      assert.ok(time >= began && time <= now_s());
    }
  });

  test('may have any id that a tag may have', async () => {
    for (const id of ['a/b', 'a b?c=d&e#f', '%2F', '✓'.repeat(42), 'grp_abc123', '..']) {
      const { h, alice_api, mallory_api } = await group_of_two(
        relay,
        `${id}${new_group_id().slice(0, 2)}`,
      );
      assert.equal((await alice_api.get(group_path(h))).body.group_id, h);
      assert.equal((await mallory_api.get(group_path(h))).status, 404);
    }
  });

  test('is, to everybody else, one that is not there: byte for byte, on every call', async () => {
    const { h, alice, mallory, mallory_api } = await group_of_two();
    const none = new_group_id();
    const calls = (id) => [
      ['GET', group_path(id)],
      ['GET', group_path(id, 'members')],
      ['PUT', member_path(id, mallory)],
      ['PUT', member_path(id, alice), { role: 'member' }],
      ['PUT', `${member_path(id, mallory)}?seq=2`, { role: 'admin' }],
      ['DELETE', member_path(id, alice)],
      ['DELETE', `${member_path(id, mallory)}?seq=1`],
    ];
    const [hidden, missing] = [calls(h), calls(none)];
    for (const [index, [method, path, body]] of hidden.entries()) {
      const there = await mallory_api.call(method, path, { body });
      const [, other] = missing[index];
      assert.equal(there.status, 404, `${method} ${path}`);
      assert.deepEqual(plain(there), plain(await mallory_api.call(method, other, { body })));
    }
    assert.deepEqual((await mallory_api.get('/groups')).body.groups, []);
  });

  test('whose id is its credential is nobody’s over HTTP, but the operator’s', async () => {
    const [erin, h] = [new Person(), new_group_id()];
    const erin_at = await relay.connect(erin);
    await erin_at.post(opaque_message(h));
    for (const api of [new Rest(relay, erin), new Rest(relay, new Person())])
      for (const path of [group_path(h), group_path(h, 'members')])
        assert.equal((await api.get(path)).status, 404);
    assert.equal((await operator.get(group_path(h))).body.member_count, 0);
    assert.equal((await operator.put(member_path(h, erin))).status, 404, 'it has no members');
    await erin_at.post(roster(erin, h, 'bootstrap', { seq: 1 }));
    assert.equal((await new Rest(relay, erin).get(group_path(h))).status, 200, 'gated now');
  });
});

describe('the groups of a viewer', () => {
  test('are its own, page by page, each once', async () => {
    const person = new Person();
    const at = await relay.connect(person);
    const groups = Array.from({ length: 7 }, new_group_id);
    for (const h of groups) await at.post(roster(person, h, 'bootstrap', { seq: 1 }));
    await group_of_two();
    const api = new Rest(relay, person);
    for (const limit of [1, 3, 7, 100]) {
      const listed = await api.pages(`/groups?limit=${limit}`, 'groups', ({ groups: page }) =>
        assert.ok(page.length <= limit),
      );
      assert.deepEqual(
        listed.map(({ group_id }) => group_id),
        [...groups].sort(),
      );
    }
    await at.post(roster(person, groups[0], 'promote', { seq: 2, p: [new Person()] }));
    await at.post(roster(person, groups[0], 'leave'));
    const left = (await api.get('/groups')).body.groups;
    assert.ok(!left.some(({ group_id }) => group_id === groups[0]));
  });

  test('come about by invitation as well', async () => {
    const { h, bob_api } = await (async () => {
      const [alice, bob] = [new Person(), new Person()];
      const id = new_group_id();
      await (
        await relay.connect(alice)
      ).post(gift_wrap(alice, bob.pubkey, { kind: 444 }, invitation_tags(id)));
      return { h: id, bob_api: new Rest(relay, bob) };
    })();
    const { body } = await bob_api.get('/groups');
    assert.deepEqual(
      body.groups.map(({ group_id, member_count }) => [group_id, member_count]),
      [[h, 2]],
    );
  });
});

describe('the members of a group', () => {
  test('are listed with their roles, page by page, each once', async () => {
    const { h, alice, alice_at, alice_api, bob_api } = await group_of_two();
    const others = Array.from({ length: 8 }, () => new Person());
    await alice_at.post(roster(alice, h, 'add', { seq: 5, p: others }));
    for (const api of [alice_api, bob_api, operator]) {
      const listed = await api.pages(`${group_path(h, 'members')}?limit=3`, 'members', (page) =>
        assert.deepEqual([page.group_id, page.roster_seq], [h, 5]),
      );
      assert.equal(listed.length, 10);
      assert.equal(new Set(listed.map(({ pubkey }) => pubkey)).size, 10);
      assert.deepEqual(
        listed.filter(({ role }) => role === 'admin').map(({ pubkey }) => pubkey),
        [alice.pubkey],
      );
    }
  });

  test('are changed by an admin and by the operator, named in hex or as npub', async () => {
    const { npubEncode } = await import('nostr-tools/nip19');
    const { h, bob, alice_api } = await group_of_two();
    const [carol, dave] = [new Person(), new Person()];
    assert.equal((await alice_api.put(member_path(h, carol))).status, 204);
    assert.equal(
      (await operator.put(member_path(h, npubEncode(dave.pubkey)), { role: 'admin' })).status,
      204,
    );
    let now = await roles(alice_api, h);
    assert.equal(now[carol.pubkey], 'member');
    assert.equal(now[dave.pubkey], 'admin');
    const dave_api = new Rest(relay, dave);
    assert.equal((await dave_api.put(member_path(h, bob), { role: 'admin' })).status, 204);
    assert.equal((await dave_api.put(member_path(h, bob))).status, 204);
    assert.equal(
      (await roles(alice_api, h))[bob.pubkey],
      'admin',
      'without a role it keeps what it has',
    );
    assert.equal((await dave_api.put(member_path(h, bob), { role: 'member' })).status, 204);
    assert.equal((await dave_api.delete(member_path(h, npubEncode(carol.pubkey)))).status, 204);
    now = await roles(alice_api, h);
    assert.equal(now[bob.pubkey], 'member');
    assert.equal(now[carol.pubkey], undefined);
    assert.equal((await alice_api.get(group_path(h))).body.member_count, 3);
  });

  test('are not changed by a member that is no admin', async () => {
    const { h, bob, bob_api, alice } = await group_of_two();
    for (const [method, key, body] of [
      ['PUT', new Person()],
      ['PUT', bob, { role: 'admin' }],
      ['DELETE', alice],
      ['DELETE', bob],
    ]) {
      const { status, body: error } = await bob_api.call(method, member_path(h, key), { body });
      assert.equal(status, 403, method);
      assert.match(error.error, /only an admin/);
    }
    assert.deepEqual(await roles(bob_api, h), { [alice.pubkey]: 'admin', [bob.pubkey]: 'member' });
  });

  test('have an admin, whatever is asked', async () => {
    const { h, alice, bob, alice_api } = await group_of_two();
    for (const api of [alice_api, operator]) {
      for (const change of [
        () => api.delete(member_path(h, alice)),
        () => api.put(member_path(h, alice), { role: 'member' }),
      ]) {
        const { status, body } = await change();
        assert.equal(status, 409);
        assert.match(body.error, /a group needs an admin; promote another one first/);
      }
    }
    assert.equal((await alice_api.put(member_path(h, bob), { role: 'admin' })).status, 204);
    assert.equal((await alice_api.delete(member_path(h, alice))).status, 204);
    assert.equal((await alice_api.get(group_path(h))).status, 404);
  });

  test('change by one step of the roster’s seq, and one that was signed before is stale', async () => {
    const { h, alice, alice_at, alice_api } = await group_of_two();
    const carol = new Person();
    const prepared = roster(alice, h, 'replace', { seq: 2, p: [alice, carol] });
    assert.equal((await alice_api.put(member_path(h, carol))).status, 204);
    assert.equal(await seq_of(alice_api, h), 2);
    assert.match(await alice_at.rejection(prepared), /^invalid: stale seq, the current one is 2/);
    assert.equal((await alice_api.put(member_path(h, carol))).status, 204);
    assert.equal((await alice_api.delete(member_path(h, new Person()))).status, 204);
    assert.equal(await seq_of(alice_api, h), 2, 'what changes nothing is no step');
  });

  test('change only from the seq that is named, where one is', async () => {
    const { h, alice, alice_at, alice_api } = await group_of_two();
    const [carol, dave] = [new Person(), new Person()];
    await alice_at.post(roster(alice, h, 'add', { seq: 7, p: [carol] }));
    for (const seq of [1, 7]) {
      const { status, body } = await alice_api.put(`${member_path(h, dave)}?seq=${seq}`);
      assert.equal(status, 409);
      assert.match(body.error, /stale seq, the current one is 7/);
    }
    const ahead = await alice_api.put(`${member_path(h, dave)}?seq=9000000000000000000`);
    assert.match(ahead.body.error, /too far ahead/);
    assert.equal((await alice_api.delete(`${member_path(h, carol)}?seq=10`)).status, 204);
    assert.equal(await seq_of(alice_api, h), 10);
  });

  test('are changed by one of several who race for the same seq', async () => {
    const { h, alice_api } = await group_of_two();
    const newcomers = Array.from({ length: 12 }, () => new Person());
    const answers = await Promise.all(
      newcomers.map((key) => alice_api.put(`${member_path(h, key)}?seq=2`)),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, ...Array(11).fill(409)]);
    const without = await Promise.all(newcomers.map((key) => alice_api.put(member_path(h, key))));
    assert.ok(
      without.every(({ status }) => status === 204),
      'without a seq all get in',
    );
    assert.equal((await alice_api.get(group_path(h))).body.member_count, 14);
  });

  test('leave it with an admin when two admins remove each other at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { h, alice, bob, alice_api, bob_api } = await group_of_two();
      await alice_api.put(member_path(h, bob), { role: 'admin' });
      await Promise.all([
        alice_api.delete(member_path(h, bob)),
        bob_api.delete(member_path(h, alice)),
      ]);
      const left = await roles(operator, h);
      assert.deepEqual(Object.values(left), ['admin']);
    }
  });

  test('stay as they are across a restart', async (t) => {
    const other = await Relay.of(t, with_api());
    const { h, bob, alice_api, bob_api } = await group_of_two(other);
    const carol = new Person();
    await alice_api.put(member_path(h, carol), { role: 'admin' });
    await alice_api.delete(member_path(h, bob));
    await other.restart();
    assert.equal((await roles(alice_api, h))[carol.pubkey], 'admin');
    assert.equal((await bob_api.get(group_path(h))).status, 404);
    assert.equal(await seq_of(alice_api, h), 3);
  });
});
