// A running relay takes over a changed configuration, and drops nobody.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { within } from './support/deadline.js';
import { NostrKey, ids, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

const note = (key, content) => sign(key, { kind: 1, content });

test('SIGHUP changes limits for connections that are open, and keeps them open', async (t) => {
  const relay = await Relay.of(t);
  const connection = await relay.connect();
  await connection.query({ kinds: [1], limit: 1 });
  await connection.post(note(new NostrKey(), 'before'));
  await relay.reconfigure({ limits: { max_event_tags: 1 } });
  const many = sign(new NostrKey(), { kind: 1, tags: [['t', 'a'], ['t', 'b']] });
  assert.match(await connection.rejection(many), /^invalid: /);
  await relay.reconfigure({ limits: { max_event_tags: 2 } });
  await connection.post(many);
});

test('saving the file is enough', async (t) => {
  const relay = await Relay.of(t);
  const [listed, stranger] = [new NostrKey(), new NostrKey()];
  const connection = await relay.connect();
  await connection.post(note(stranger, 'before'));
  await relay.reconfigure({ auth: { pubkey_whitelist: [listed.pubkey] } }, { signal: null });
  assert.match(await connection.rejection(note(stranger, 'after')), /^auth-required: /);
  await connection.post(note(listed, 'after'));
});

test('whoever is taken off the list of keys is ended, and whoever stays on it stays', async (t) => {
  const [stays, goes] = [new NostrKey(), new NostrKey()];
  const listed = (...keys) => ({ auth: { pubkey_whitelist: keys.map(({ pubkey }) => pubkey) } });
  const relay = await Relay.of(t, listed(stays, goes));
  const [one, other] = [await relay.connect(stays), await relay.connect(goes)];
  await other.subscribe({ kinds: [1] });
  await relay.reconfigure(listed(stays));
  const { code, reason } = await within(other.closed, 'the end of the connection');
  assert.equal(code, 1008);
  assert.match(reason, /^restricted: /);
  await one.post(note(stays, 'still here'));
});

test('a file with errors changes nothing, and the log says what is wrong', async (t) => {
  const relay = await Relay.of(t, { limits: { max_event_tags: 1 } });
  await relay.reconfigure(
    { limits: { max_event_tags: 2, max_limit: -1 } },
    { told: /configuration not reloaded/ },
  );
  assert.match(relay.log, /limits\.max_limit/);
  const connection = await relay.connect();
  const many = sign(new NostrKey(), { kind: 1, tags: [['t', 'a'], ['t', 'b']] });
  assert.match(await connection.rejection(many), /^invalid: /);
  await relay.reconfigure({ limits: { max_event_tags: 2, max_limit: 5000 } });
  await connection.post(many);
});

test('what needs a restart is named and left as it is', async (t) => {
  const relay = await Relay.of(t);
  const connection = await relay.connect();
  await relay.reconfigure(
    { server: { port: 1, workers: 7 }, info: { name: 'renamed' } },
    { told: /changed: info\.name"/ },
  );
  assert.match(relay.log, /server\.port: has changed, and takes effect after a restart/);
  assert.match(relay.log, /server\.workers: has changed/);
  await connection.post(note(new NostrKey(), 'still here'));
  const answer = await fetch(relay.http_url, { headers: { accept: 'application/nostr+json' } });
  assert.equal((await answer.json()).name, 'renamed');
});

test('rules of the gateway change on open subscriptions too', async (t) => {
  const relay = await Relay.of(t);
  const { h, alice_at, bob, bob_at } = await alice_and_bob(relay);
  const for_alice = opaque_message(h, { tags: [['k', '1'], ['p', 'a'.repeat(64)]] });
  await alice_at.post(for_alice);
  const filter = { kinds: [445], '#h': [h] };
  assert.deepEqual(ids(await bob_at.query(filter)), [for_alice.id]);
  const open = await bob_at.subscribe(filter);
  await relay.reconfigure({ 'extensions.mls_gateway': { p_hint: 'narrow' } });
  assert.deepEqual(ids(await bob_at.query(filter)), []);
  await alice_at.post(opaque_message(h, { tags: [['k', '2'], ['p', 'a'.repeat(64)]] }));
  const for_bob = opaque_message(h, { tags: [['k', '3'], ['p', bob.pubkey]] });
  await alice_at.post(for_bob);
  assert.equal((await open.next()).id, for_bob.id);
});
