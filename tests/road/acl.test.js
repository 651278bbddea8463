// membership = "acl": the reference sidecar, a process of its own, says who is in a group.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { ids, sign } from './support/event.js';
import { Person, gift_wrap, invitation_tags, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';
import { SIDECAR_TOKEN as TOKEN, Sidecar } from './support/sidecar.js';

const [alice, bob, mallory] = Array.from({ length: 3 }, () => new Person());
const h = new_group_id();
const message = (group = h) => opaque_message(group, { tags: [['k', '1']] });

let sidecar;
let relay;
let patient; // keeps answers for an hour
before(async () => {
  sidecar = await Sidecar.start({ [h]: { [alice.pubkey]: 'admin', [bob.pubkey]: 'member' } });
  relay = await Relay.start({
    'extensions.mls_gateway': {
      membership: 'acl',
      acl_url: sidecar.url,
      acl_token: TOKEN,
      acl_timeout_ms: 500,
      group_cache_ttl: 1,
    },
  });
  patient = await Relay.start({
    'extensions.mls_gateway': {
      membership: 'acl',
      acl_url: sidecar.url,
      acl_token: TOKEN,
      group_cache_ttl: 3600,
      enable_api: true,
      service_tokens: [TOKEN],
    },
  });
});
after(async () => {
  await relay?.remove();
  await patient?.remove();
  await sidecar?.remove();
});

test('whom the sidecar names write and read, stored and live; nobody else does', async () => {
  const [alice_at, bob_at, mallory_at] = await Promise.all(
    [alice, bob, mallory].map((person) => relay.connect(person)),
  );
  const to_bob = await bob_at.subscribe({ kinds: [445], '#h': [h] });
  const to_mallory = await mallory_at.subscribe({ kinds: [445], '#h': [h] });
  const sent = await alice_at.post(message());
  assert.equal((await to_bob.next()).id, sent.id);
  assert.deepEqual(ids(await bob_at.query({ kinds: [445], '#h': [h] })), [sent.id]);
  assert.equal((await mallory_at.count({ kinds: [445], '#h': [h] })).count ?? 0, 0);
  assert.deepEqual(await mallory_at.query({ '#h': [h] }), []);
  assert.deepEqual(await mallory_at.query({ ids: [sent.id] }), []);
  assert.match(await mallory_at.rejection(message()), /^restricted: /);
  assert.deepEqual(to_mallory.live, []);
});

test('a subscription that names no group gets what its viewer turns out to be a member of', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  await sidecar.set(group, bob, 'member');
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const wide = await bob_at.subscribe({ kinds: [445], limit: 0 });
  const sent = await alice_at.post(message(group));
  assert.equal((await wide.next()).id, sent.id);
  const stored = await bob_at.query({ kinds: [445] });
  assert.ok(ids(stored).includes(sent.id));
});

test('who is removed there loses access on an open subscription, once the answer has aged', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  await sidecar.set(group, bob, 'member');
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const to_bob = await bob_at.subscribe({ kinds: [445], '#h': [group] });
  const first = await alice_at.post(message(group));
  assert.equal((await to_bob.next()).id, first.id);
  await sidecar.set(group, bob, undefined);
  const removed = async () => (await bob_at.query({ kinds: [445], '#h': [group] })).length === 0;
  await eventually(removed, 'the removal');
  const later = await alice_at.post(message(group));
  await bob_at.catch_up(alice_at);
  assert.ok(!ids(to_bob.live).includes(later.id));
});

const invalidate = (body, token = TOKEN) =>
  fetch(`${patient.url.replace('ws', 'http')}/api/v1/mls/acl/invalidate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });

for (const [what, body] of [
  ['of one member', (group) => ({ group, member: bob.pubkey })],
  ['of a group', (group) => ({ group })],
  ['of everybody', () => ({})],
]) {
  test(`answers ${what} are dropped at once on every worker when the service says so`, async () => {
    const group = new_group_id();
    await sidecar.set(group, alice, 'admin');
    await sidecar.set(group, bob, 'member');
    const alice_at = await patient.connect(alice);
    const bobs = await Promise.all(Array.from({ length: 6 }, () => patient.connect(bob)));
    const open = await Promise.all(bobs.map((at) => at.subscribe({ kinds: [445], '#h': [group] })));
    const first = await alice_at.post(message(group));
    for (const subscription of open) assert.equal((await subscription.next()).id, first.id);
    await sidecar.set(group, bob, undefined);
    assert.equal((await invalidate(body(group))).status, 204);
    const later = await alice_at.post(message(group));
    for (const [i, at] of bobs.entries()) {
      await at.catch_up(alice_at);
      assert.ok(!ids(open[i].live).includes(later.id));
      assert.deepEqual(await at.query({ kinds: [445], '#h': [group] }), []);
    }
  });
}

test('only bearers of a service token may drop answers, and only in words it knows', async () => {
  assert.equal((await invalidate({}, 'x'.repeat(TOKEN.length))).status, 401);
  assert.equal((await invalidate({}, '')).status, 401);
  assert.equal((await invalidate({ group: 1 })).status, 400);
  assert.equal((await invalidate({ member: bob.pubkey })).status, 400);
  assert.equal((await invalidate([])).status, 400);
});

test('rosters and invitations change nothing: the sidecar alone decides', async () => {
  const alice_at = await relay.connect(alice);
  const of_alice = roster(alice, h, 'add', { seq: 1, p: [mallory] });
  assert.match(await alice_at.rejection(of_alice), /^restricted: /);
  await alice_at.post(gift_wrap(alice, mallory.pubkey, { kind: 444 }, invitation_tags(h)));
  const mallory_at = await relay.connect(mallory);
  assert.deepEqual(await mallory_at.query({ kinds: [445], '#h': [h] }), []);
  const wrap = gift_wrap(mallory, mallory.pubkey, { kind: 444 }, invitation_tags(h));
  assert.match(await mallory_at.rejection(wrap), /^restricted: /);
});

test('nobody founds a group that the sidecar does not know', async () => {
  const mallory_at = await relay.connect(mallory);
  assert.match(await mallory_at.rejection(message(new_group_id())), /^restricted: /);
  const bare = opaque_message(new_group_id());
  await mallory_at.post(bare); // a capability group asks no sidecar
});

test('a sidecar that does not answer is a no, and its return a yes again', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  const alice_at = await relay.connect(alice);
  await alice_at.post(message(group));
  const { port } = new URL(sidecar.url);
  await sidecar.stop();
  const late_at = await relay.connect(alice);
  for (const at of [late_at, alice_at]) {
    const refused = async () => (await at.publish(message(group))).reason.startsWith('restricted: ');
    await eventually(refused, 'the last answer to age');
  }
  const said = relay.log_lines.filter(({ message: text }) => text.startsWith('the sidecar gave no'));
  assert.ok(said.length >= 1 && said.length <= 2, 'once a worker');
  assert.equal(said[0].fields.reason, 'unreachable');
  assert.deepEqual(await late_at.query({ kinds: [445], '#h': [group] }), []);
  await sidecar.run(port);
  const last = await late_at.post(message(group));
  assert.ok(ids(await late_at.query({ kinds: [445], '#h': [group] })).includes(last.id));
});

test('answers that are kept do not keep the relay from stopping', async () => {
  const group = new_group_id();
  await sidecar.set(group, alice, 'admin');
  await (await patient.connect(alice)).post(message(group));
  const asked_at = Date.now();
  await patient.stop();
  assert.ok(Date.now() - asked_at < 5000);
});

test('public events need no sidecar', async () => {
  const mallory_at = await relay.connect(mallory);
  const note = await mallory_at.post(sign(mallory, { content: 'hello' }));
  assert.deepEqual(ids(await mallory_at.query({ ids: [note.id] })), [note.id]);
});
