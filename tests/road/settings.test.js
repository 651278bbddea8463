// What an operator may choose in [extensions.mls_gateway].
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './support/deadline.js';
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

const with_gateway = (t, settings, more = {}) =>
  Relay.of(t, { 'extensions.mls_gateway': settings, ...more });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));

test('marmot = "off" refuses bare group messages', async (t) => {
  const strict = await with_gateway(t, { marmot: 'off' });
  for (const connection of [await strict.connect(), await strict.connect(new Person())]) {
    assert.match(
      await connection.rejection(opaque_message(new_group_id())),
      /^(auth-required|restricted|blocked|invalid): /,
    );
  }
  await alice_and_bob(strict);
});

test('marmot = "require-auth" serves Marmot groups to whoever authenticated', async (t) => {
  const strict = await with_gateway(t, { marmot: 'require-auth' });
  const h = new_group_id();
  const anonymous = await strict.connect();
  const refused = await anonymous.publish(opaque_message(h));
  assert.equal(refused.accepted, false);
  assert.match(refused.reason, /^auth-required: /);
  assert.match(await anonymous.refusal({ kinds: [445], '#h': [h] }), /^auth-required: /);
  const authenticated = await strict.connect(new Person());
  const event = await authenticated.post(opaque_message(h));
  const reader = await strict.connect(new Person());
  assert.deepEqual(ids(await reader.query({ kinds: [445], '#h': [h] })), [event.id]);
});

test('p_hint = "narrow" delivers a message with p tags to those members alone', async (t) => {
  const narrow = await with_gateway(t, { p_hint: 'narrow' });
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(narrow);
  const tags = (...people) => [['k', '1'], ...people.map(({ pubkey }) => ['p', pubkey])];
  const for_alice = await alice_at.post(opaque_message(h, { tags: tags(alice) }));
  const for_bob = await alice_at.post(opaque_message(h, { tags: tags(bob) }));
  const for_all = await alice_at.post(opaque_message(h, { tags: tags() }));
  const filter = { kinds: [445], '#h': [h] };
  assert.deepEqual(ids(await bob_at.query(filter)).sort(), ids([for_bob, for_all]).sort());
  assert.deepEqual(ids(await alice_at.query(filter)).sort(), ids([for_alice, for_all]).sort());
});

test('invite_by = "admins" lets members talk but not invite', async (t) => {
  const strict = await with_gateway(t, { invite_by: 'admins' });
  const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(strict);
  const carol = new Person();
  assert.match(await bob_at.rejection(invitation(bob, carol, h)), /^restricted: /);
  await bob_at.post(await bob.message('fine'));
  await alice_at.post(invitation(alice, carol, h));
  const carol_at = await strict.connect(carol);
  assert.equal((await carol_at.query({ kinds: [445], '#h': [h] })).length, 1);
});

test('group_creation = "admins" lets only admin_keys found gated groups', async (t) => {
  const admin = new Person();
  const strict = await with_gateway(t, { group_creation: 'admins', admin_keys: [admin.pubkey] });
  const stranger = new Person();
  const stranger_at = await strict.connect(stranger);
  for (const event of [
    invitation(stranger, admin, new_group_id()),
    opaque_message(new_group_id(), { tags: [['k', '0']] }),
    sign(stranger, { kind: 445, tags: [['h', new_group_id()]] }),
  ]) {
    assert.match(await stranger_at.rejection(event), /^restricted: /);
  }
  const h = new_group_id();
  await (await strict.connect(admin)).post(invitation(admin, stranger, h));
  await stranger_at.post(opaque_message(h, { tags: [['k', '1']] }));
});

test('group_creation = "allowlist" lets only the pubkey_whitelist found gated groups', async (t) => {
  const [listed, stranger] = [new Person(), new Person()];
  const auth = { pubkey_whitelist: [listed.pubkey] };
  const strict = await with_gateway(t, { group_creation: 'allowlist' }, { auth });
  await (await strict.connect(listed)).post(invitation(listed, stranger, new_group_id()));
  const connection = await strict.connect();
  const { accepted } = await connection.auth(stranger);
  const reason = await connection.rejection(invitation(stranger, listed, new_group_id()));
  assert.match(reason, accepted ? /^restricted: / : /^auth-required: /);
});

test('welcome_ttl hides an invitation from then on, and the member stays one', async (t) => {
  const short = await with_gateway(t, { welcome_ttl: 4 });
  const { h, alice, bob, alice_at, bob_at, wrap } = await alice_and_bob(short);
  const inbox = { kinds: [1059], '#p': [bob.pubkey] };
  const gone = async () => (await bob_at.query(inbox)).length === 0;
  await eventually(gone, 'the invitation to expire', { every_ms: 50 });
  assert.deepEqual(await bob_at.query({ ids: [wrap.id] }), []);
  await alice_at.post(await alice.message('still here?'));
  const [event] = await bob_at.query({ kinds: [445], '#h': [h] });
  assert.equal(await bob.read(event), 'still here?');
});

test('keypackage_validation = "strict" refuses what is no good RFC 9420 key package', async (t) => {
  const strict = await with_gateway(t, { keypackage_validation: 'strict' });
  const lax = await with_gateway(t, { keypackage_validation: 'log' });
  const owner = new Person();
  const [strict_at, lax_at] = [await strict.connect(owner), await lax.connect(owner)];
  const good = await owner.key_package_event();
  const bytes = Buffer.from(good.content, 'base64');
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 1] ^= 1;
  const other_suite = good.tags.map((tag) =>
    tag[0] === 'cs' ? ['cs', 'MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448'] : tag,
  );
  const foreign = await new Person().key_package_event();
  const broken = {
    'no content': { content: '' },
    'no bytes at all': { content: 'hello there' },
    'half a package': { content: bytes.subarray(0, 100).toString('base64') },
    'a wrong signature': { content: flipped.toString('base64') },
    'another cipher suite than its tag says': { tags: other_suite },
    "somebody else's package": { content: foreign.content },
    'a second object behind it': { content: Buffer.concat([bytes, bytes]).toString('base64') },
  };
  for (const [what, change] of Object.entries(broken)) {
    const tags = (change.tags ?? good.tags).map((tag) => (tag[0] === 'kpr' ? ['kpr', what] : tag));
    const event = sign(owner, { ...good, ...change, tags });
    await lax_at.post(event);
    await assert.rejects(strict_at.post(event), /invalid: /, what);
  }
  await strict_at.post(good);
  await strict_at.post(await owner.key_package_event({ encoding: 'hex' }));
  await strict_at.post(await owner.marmot_key_package_event(443));
  await strict_at.post(await owner.marmot_key_package_event(30443));
});

test('max_keypackages_per_user refuses one more, until one is deleted', async (t) => {
  const small = await with_gateway(t, { max_keypackages_per_user: 2 });
  const owner = new Person();
  const owner_at = await small.connect(owner);
  const first = await owner_at.post(await owner.key_package_event());
  await owner_at.post(await owner.key_package_event());
  const third = await owner.key_package_event();
  assert.match(await owner_at.rejection(third), /^blocked: /);
  await owner_at.post(sign(owner, { kind: 5, tags: [['e', first.id]] }));
  await owner_at.post(third);
  assert.match(await owner_at.rejection(await owner.key_package_event()), /^blocked: /);
  const other = new Person();
  await (await small.connect(other)).post(await other.key_package_event());
});

test('max_keypackages_per_user counts live packages: expired ones make room', async (t) => {
  const small = await with_gateway(t, { max_keypackages_per_user: 1, keypackage_ttl: 2 });
  const owner = new Person();
  const owner_at = await small.connect(owner);
  await owner_at.post(await owner.key_package_event());
  const filter = { kinds: [443], authors: [owner.pubkey] };
  const gone = async () => (await owner_at.query(filter)).length === 0;
  await eventually(gone, 'the package to expire', { every_ms: 50 });
  await owner_at.post(await owner.key_package_event());
});

test('enabled = false makes a plain relay: group kinds are events like others', async (t) => {
  const plain = await with_gateway(t, { enabled: false });
  const connection = await plain.connect();
  for (const kind of [443, 445, 446, 1059]) {
    const event = await connection.post(sign(new NostrKey(), { kind, tags: [['h', 'x']] }));
    assert.deepEqual(ids(await connection.query({ kinds: [kind] })), [event.id]);
  }
});
