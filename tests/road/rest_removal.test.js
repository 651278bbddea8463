// The REST API: what a change of members does to everybody connected, and where a sidecar keeps them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ids } from './support/event.js';
import { group_of_two as group_of_two_on } from './support/gathering.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';
import { Rest, SERVICE_TOKEN, group_path, member_path, plain, with_api } from './support/rest.js';
import { SIDECAR_TOKEN, Sidecar } from './support/sidecar.js';

const message = (h, epoch = 1) => opaque_message(h, { tags: [['k', String(epoch)]] });

let relay;
before(async () => {
  relay = await Relay.start(with_api({}, { server: { workers: 4 } }));
});
after(() => relay?.remove());
const group_of_two = (on = relay, h) => group_of_two_on(on, h);

describe('whoever is removed over HTTP', () => {
  test('is out at once on every worker: open subscriptions, stored, counted, over HTTP', async () => {
    const { h, bob, alice_at, alice_api, bob_api } = await group_of_two();
    const connections = await Promise.all(Array.from({ length: 12 }, () => relay.connect(bob)));
    const open = await Promise.all(
      connections.map((at) => at.subscribe({ kinds: [445], '#h': [h] })),
    );
    const before = await alice_at.post(message(h));
    for (const subscription of open) assert.equal((await subscription.next()).id, before.id);
    assert.equal((await alice_api.delete(member_path(h, bob))).status, 204);
    const later = await alice_at.post(message(h));
    for (const at of connections) {
      assert.deepEqual(await at.query({ kinds: [445], '#h': [h] }), []);
      assert.equal(await at.count({ kinds: [445], '#h': [h] }), 0);
      assert.match(await at.rejection(message(h)), /^restricted: /);
    }
    for (const at of connections) await at.catch_up(alice_at);
    for (const subscription of open) assert.ok(!ids(subscription.live).includes(later.id));
    for (let n = 0; n < 12; n += 1) {
      const headers = { Connection: 'close' };
      assert.equal((await bob_api.get(group_path(h), { headers })).status, 404);
      assert.equal((await bob_api.get(group_path(h, 'members'), { headers })).status, 404);
      assert.deepEqual((await bob_api.get('/messages/missed', { headers })).body.messages, []);
    }
  });

  test('hears nothing that is said after the answer, in a stream of messages', async () => {
    const { h, bob, alice_at, alice_api } = await group_of_two();
    const hears = await Promise.all(
      Array.from({ length: 4 }, async () =>
        (await relay.connect(bob)).subscribe({ '#h': [h], limit: 0 }),
      ),
    );
    const said = [];
    let removed_after = null;
    const removal = alice_api.delete(member_path(h, bob)).then(({ status }) => {
      assert.equal(status, 204);
      removed_after = said.length;
    });
    for (let n = 0; n < 60; n += 1) {
      const event = message(h);
      said.push(event.id);
      await alice_at.post(event);
    }
    await removal;
    const forbidden = new Set(said.slice(removed_after + 1));
    for (const { connection } of hears) await connection.catch_up(alice_at);
    for (const { live } of hears)
      assert.deepEqual(
        ids(live).filter((id) => forbidden.has(id)),
        [],
      );
  });

  test('and whoever is added hears at once', async () => {
    const { h, mallory: carol, alice_at, alice_api } = await group_of_two();
    const carol_at = await relay.connect(carol);
    const open = await carol_at.subscribe({ kinds: [445], '#h': [h] });
    assert.equal((await alice_api.put(member_path(h, carol))).status, 204);
    const event = await alice_at.post(message(h));
    assert.equal((await open.next()).id, event.id);
    await carol_at.post(message(h));
  });
});

describe('with membership = "roster"', () => {
  test('the calls do what a roster event does', async (t) => {
    const other = await Relay.of(t, with_api({ membership: 'roster' }));
    const { h, mallory: carol, alice_api } = await group_of_two(other);
    assert.equal((await alice_api.put(member_path(h, carol))).status, 204);
    assert.equal((await new Rest(other, carol).get(group_path(h))).status, 200);
  });
});

describe('with a sidecar', () => {
  let sidecar, other, h, alice, bob, mallory;
  before(async () => {
    sidecar = await Sidecar.start();
    const acl = {
      membership: 'acl',
      acl_url: sidecar.url,
      acl_token: SIDECAR_TOKEN,
      group_cache_ttl: 3600,
      acl_timeout_ms: 500,
    };
    other = await Relay.start(with_api(acl));
    [alice, bob, mallory] = Array.from({ length: 3 }, () => new Person());
    h = new_group_id();
    await sidecar.set(h, alice, 'admin');
    await sidecar.set(h, bob, 'member');
    await (await other.connect(alice)).post(message(h, 3));
  });
  after(async () => {
    await other?.remove();
    await sidecar?.remove();
  });

  test('whom it names sees the group, and nobody else', async () => {
    for (const person of [alice, bob]) {
      const { status, body } = await new Rest(other, person).get(group_path(h));
      assert.equal(status, 200);
      assert.deepEqual([body.last_epoch, body.member_count], [3, null]);
    }
    const api = new Rest(other, mallory);
    assert.deepEqual(
      plain(await api.get(group_path(h))),
      plain(await api.get(group_path(new_group_id()))),
    );
  });

  test('members are its business: listing and changing them is refused, for all alike', async () => {
    for (const api of [
      new Rest(other, alice),
      new Rest(other, mallory),
      new Rest(other, SERVICE_TOKEN),
    ]) {
      for (const [method, path] of [
        ['GET', group_path(h, 'members')],
        ['PUT', member_path(h, mallory)],
        ['DELETE', member_path(new_group_id(), bob)],
      ]) {
        const { status, body } = await api.call(method, path);
        assert.equal(status, 403);
        assert.equal(body.code, 'kept_elsewhere');
      }
    }
    assert.equal((await new Rest(other, alice).get('/groups')).body.code, 'kept_elsewhere');
  });

  test('whom it drops is out once that is said, on every call', async () => {
    const api = new Rest(other, bob);
    assert.equal((await api.get(group_path(h))).status, 200);
    assert.equal((await api.get('/messages/missed')).body.messages.length, 1);
    await sidecar.set(h, bob, undefined);
    const told = await new Rest(other, SERVICE_TOKEN).post('/acl/invalidate', {
      group: h,
      member: bob.pubkey,
    });
    assert.equal(told.status, 204);
    for (let n = 0; n < 6; n += 1) {
      const headers = { Connection: 'close' };
      assert.equal((await api.get(group_path(h), { headers })).status, 404);
      assert.deepEqual((await api.get('/messages/missed', { headers })).body.messages, []);
    }
  });

  test('while it does not answer, nobody is let in, and told to come again', async () => {
    await sidecar.stop();
    await new Rest(other, SERVICE_TOKEN).post('/acl/invalidate', {});
    for (const [person, id] of [
      [alice, h],
      [mallory, h],
      [alice, new_group_id()],
    ]) {
      const { status, headers } = await new Rest(other, person).get(group_path(id));
      assert.equal(status, 503);
      assert.ok(Number(headers.get('retry-after')) > 0);
    }
    const missed = await new Rest(other, alice).get('/messages/missed');
    assert.equal(missed.status, 503, 'an empty page would look like nothing was missed');
    await sidecar.run(Number(new URL(sidecar.url).port));
  });
});
