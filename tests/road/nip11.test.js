// NIP-11: what the relay says about itself, and that it is true.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const ask = (accept) => fetch(relay.http_url, { headers: { Accept: accept } });

for (const accept of [
  'application/nostr+json',
  'text/html;q=0.5, application/nostr+json',
  'application/nostr+json;q=0.9, */*',
]) {
  test(`Accept: ${accept} gets the document, readable from any web page`, async () => {
    const answer = await ask(accept);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('content-type'), /^application\/nostr\+json/);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.ok(answer.headers.get('access-control-allow-headers'));
    assert.match(answer.headers.get('access-control-allow-methods'), /GET/);
    assert.equal(typeof (await answer.json()), 'object');
  });
}

test('the preflight of a browser is answered', async () => {
  const answer = await fetch(relay.http_url, {
    method: 'OPTIONS',
    headers: { Origin: 'https://client.example', 'Access-Control-Request-Method': 'GET' },
  });
  assert.ok([200, 204].includes(answer.status));
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
});

test('software, version, NIPs and limits are named', async () => {
  const info = await (await ask('application/nostr+json')).json();
  assert.equal(typeof info.name, 'string');
  assert.match(info.software, /mls-gateway/);
  assert.equal(typeof info.version, 'string');
  for (const nip of [1, 9, 11, 40, 42, 59, 70])
    assert.ok(info.supported_nips.includes(nip), `NIP-${nip}`);
  assert.ok(info.limitation.max_message_length >= 256 * 1024);
  assert.ok(info.limitation.max_subscriptions >= 200);
  assert.equal(info.limitation.auth_required, false);
});

test('max_subid_length and max_message_length are what the relay does', async () => {
  const { limitation } = await (await ask('application/nostr+json')).json();
  const connection = await relay.connect();
  await connection.open([{ limit: 0 }], 'x'.repeat(limitation.max_subid_length)).end_of_stored();
  const room = limitation.max_message_length - 1000;
  await connection.post(sign_once({ content: 'x'.repeat(room) }));
});

test('max_limit and default_limit are what the relay does', async (t) => {
  const small = await Relay.of(t, { limits: { default_limit: 5, max_limit: 8 } });
  const { limitation } = await (
    await fetch(small.http_url, { headers: { Accept: 'application/nostr+json' } })
  ).json();
  assert.equal(limitation.default_limit, 5);
  assert.equal(limitation.max_limit, 8);
  const connection = await small.connect();
  for (let n = 0; n < 10; n += 1) await connection.post(sign_once({ content: `${n}` }));
  assert.equal((await connection.query({})).length, 5);
  assert.equal((await connection.query({ limit: 100 })).length, 8);
});

test('/health says healthy, the version and the uptime', async () => {
  const health = await (await fetch(`${relay.http_url}/health`)).json();
  assert.equal(health.status, 'healthy');
  assert.equal(typeof health.version, 'string');
  assert.ok(Number.isInteger(health.uptime_seconds));
});

test('an unknown path is 404, an unknown method 405', async () => {
  assert.equal((await fetch(`${relay.http_url}/nowhere`)).status, 404);
  assert.equal((await fetch(`${relay.http_url}/health`, { method: 'DELETE' })).status, 405);
});
