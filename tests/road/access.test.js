// [extensions.access] and [extensions.count]: who may publish what, from where; COUNT's switch.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NostrKey, sign, sign_once } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';

const with_lists = (t, lists) => Relay.of(t, { 'extensions.access': lists });

async function information(relay) {
  const headers = { accept: 'application/nostr+json' };
  return (await fetch(relay.http_url, { headers })).json();
}

test('writers on the list publish without AUTH, strangers read', async (t) => {
  const writer = new NostrKey();
  const relay = await with_lists(t, { allow_pubkeys: [writer.pubkey], open_kinds: ['10002'] });
  const at = await relay.connect();
  const event = await at.post(sign(writer));
  assert.match(await at.rejection(sign_once({})), /^auth-required: /);
  await at.post(sign_once({ kind: 10_002 }));
  assert.equal((await at.query({ ids: [event.id] })).length, 1);
  const stranger = await relay.connect(new Person());
  assert.match(await stranger.rejection(sign_once({})), /^restricted: /);
  assert.equal((await information(relay)).limitation.restricted_writes, true);
});

test('a group lives on a relay of listed writers, because its kinds are open', async (t) => {
  const relay = await with_lists(t, {
    allow_pubkeys: [new NostrKey().pubkey],
    open_kinds: ['443-446', '1059', '30443'],
  });
  await alice_and_bob(relay);
});

test('a denied key can neither publish nor authenticate', async (t) => {
  const mallory = new Person();
  const relay = await with_lists(t, { deny_pubkeys: [mallory.pubkey] });
  const at = await relay.connect();
  assert.match(await at.rejection(sign(mallory)), /^blocked: /);
  const { accepted, reason } = await at.auth(mallory);
  assert.equal(accepted, false);
  assert.match(reason, /^blocked: /);
  await at.post(sign_once({}));
});

test('denied kinds are refused by number', async (t) => {
  const relay = await with_lists(t, { deny_kinds: ['4', '20000-29999'] });
  const at = await relay.connect();
  const refusal = await at.rejection(sign_once({ kind: 4 }));
  assert.equal(refusal, 'blocked: this relay does not take kind 4');
  assert.match(await at.rejection(sign_once({ kind: 20_001 })), /^blocked: /);
  await at.post(sign_once({ kind: 1 }));
});

test('a denied address is told why and closed; HTTP still answers it', async (t) => {
  const relay = await with_lists(t, { deny_addresses: ['127.0.0.0/8'] });
  const at = await relay.connect();
  assert.deepEqual(await at.closed, {
    code: 1008,
    reason: 'blocked: this address may not use this relay',
  });
  assert.deepEqual(at.messages, []);
  assert.equal((await information(relay)).name, 'mls-gateway');
});

test('where only other addresses are allowed, this one is not', async (t) => {
  const relay = await with_lists(t, { allow_addresses: ['192.0.2.0/24'] });
  const { code, reason } = await (await relay.connect()).closed;
  assert.equal(code, 1008);
  assert.match(reason, /^restricted: /);
});

test('COUNT that is switched off is closed as unsupported and not advertised', async (t) => {
  const relay = await Relay.of(t, { 'extensions.count': { enabled: false } });
  const at = await relay.connect();
  await assert.rejects(at.count({ kinds: [1] }), /CLOSED unsupported: /);
  assert.deepEqual(await at.query({ kinds: [30_999] }), []);
  assert.ok(!(await information(relay)).supported_nips.includes(45));
});

test('a reload ends open connections of a denied key, and of a denied address', async (t) => {
  const relay = await Relay.of(t);
  const mallory = new Person();
  const [mallorys, other] = [await relay.connect(mallory), await relay.connect(new Person())];
  await relay.reconfigure({ 'extensions.access': { deny_pubkeys: [mallory.pubkey] } });
  assert.deepEqual(await mallorys.closed, {
    code: 1008,
    reason: 'blocked: this key may not use this relay',
  });
  await other.post(sign_once({}));
  await relay.reconfigure({ 'extensions.access': { deny_addresses: ['127.0.0.1'] } });
  assert.equal((await other.closed).code, 1008);
});

test('a reload switches COUNT off', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  assert.equal(await at.count({ kinds: [30_999] }), 0);
  await relay.reconfigure({ 'extensions.count': { enabled: false } });
  await assert.rejects(at.count({ kinds: [30_999] }), /CLOSED unsupported: /);
  assert.ok(!(await information(relay)).supported_nips.includes(45));
});
