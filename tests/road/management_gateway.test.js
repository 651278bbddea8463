// NIP-86 and the gateway: what an operator's lists mean for changes and hand-outs that no event brings.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids } from './support/event.js';
import { group_of_two } from './support/gathering.js';
import { Operator } from './support/management.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';
import { Rest, SERVICE_TOKEN, member_path, with_api } from './support/rest.js';

const operator_key = new NostrKey();
const settings = (gateway) =>
  with_api(gateway, {
    server: { workers: 4 },
    management: { admin_keys: [operator_key.pubkey] },
  });

describe('the packages of a banned owner', () => {
  for (const keypackage_delivery of ['shared', 'single_use']) {
    test(`are neither given nor used up with "${keypackage_delivery}"`, async (t) => {
      const relay = await Relay.of(t, settings({ keypackage_delivery }));
      const operator = new Operator(relay, operator_key);
      const mallory = new Person();
      const at = await relay.connect(mallory);
      const packages = [];
      for (let n = 0; n < 3; n += 1) packages.push(await at.post(await mallory.key_package_event()));
      await operator.call('banpubkey', mallory.pubkey);

      const claim = (owner) =>
        new Rest(relay, new Person()).post('/keypackages/claim', { owner: owner.pubkey });
      const refused = await claim(mallory);
      assert.equal(refused.status, 404);
      assert.equal(refused.text, (await claim(new Person())).text, 'as of an empty pool');
      for (const filter of [
        { kinds: [443], authors: [mallory.pubkey] },
        { kinds: [443], '#p': [mallory.pubkey] },
      ])
        assert.deepEqual(await (await relay.connect(new Person())).query(filter), []);

      await operator.call('unbanpubkey', mallory.pubkey);
      const own = await (await relay.connect(mallory)).query({ kinds: [443], authors: [mallory.pubkey] });
      assert.deepEqual(ids(own).sort(), ids(packages).sort());
      assert.deepEqual((await claim(mallory)).body, packages[0]);
    });
  }
});

describe('a change of members over HTTP', () => {
  let relay;
  let operator;
  before(async () => {
    relay = await Relay.start(settings());
    operator = new Operator(relay, operator_key);
  });
  after(() => relay?.remove());

  /** Alice, who may not write a 450 now, can change nobody; the operator's service can. */
  async function is_refused({ h, bob, alice_api }, code, text) {
    for (const change of [
      () => alice_api.put(member_path(h, new Person())),
      () => alice_api.put(member_path(h, bob), { role: 'admin' }),
      () => alice_api.delete(member_path(h, bob)),
    ]) {
      const { status, body } = await change();
      assert.deepEqual([status, body.code], [403, code]);
      assert.match(body.error, text);
    }
    const service = new Rest(relay, SERVICE_TOKEN);
    const { body } = await service.get(`/groups/${encodeURIComponent(h)}/members`);
    assert.equal(body.members.length, 2);
    assert.equal((await service.put(member_path(h, new Person()))).status, 204);
  }

  test('is for keys that may write', async () => {
    const group = await group_of_two(relay);
    const friend = new NostrKey().pubkey;
    await operator.call('allowpubkey', friend);
    await is_refused(group, 'restricted', /a list of keys may publish here/);
    await operator.call('unallowpubkey', friend);
    assert.equal((await group.alice_api.delete(member_path(group.h, group.bob))).status, 204);
  });

  test('is of a kind that may be written', async () => {
    const group = await group_of_two(relay);
    await operator.call('disallowkind', 450);
    await is_refused(group, 'blocked', /does not take kind 450/);
    await operator.call('allowkind', 450);
    await relay.reconfigure({ 'extensions.access': { deny_kinds: ['450'] } });
    const other = await group.alice_api.delete(member_path(group.h, group.bob));
    assert.deepEqual([other.status, other.body.code], [403, 'blocked']);
    await relay.reconfigure({ 'extensions.access': { deny_kinds: [] } });
    assert.equal((await group.alice_api.delete(member_path(group.h, group.bob))).status, 204);
  });

  test('is nobody’s who is banned', async () => {
    const { h, alice, alice_api } = await group_of_two(relay);
    const calls = Array.from({ length: 40 }, () => alice_api.put(member_path(h, new Person())));
    await operator.call('banpubkey', alice.pubkey);
    assert.equal((await alice_api.put(member_path(h, new Person()))).status, 403);
    for (const { status } of await Promise.all(calls)) assert.ok([204, 403].includes(status));
  });
});
