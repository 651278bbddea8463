// NIP-11: what the relay says about itself, and that it is true.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { eventually } from './support/deadline.js';
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

test('HEAD is answered like GET, without a body', async () => {
  const answer = await fetch(relay.http_url, {
    method: 'HEAD',
    headers: { Accept: 'application/nostr+json' },
  });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type'), /^application\/nostr\+json/);
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.equal(await answer.text(), '');
});

test('everything the operator says is passed on, and nothing else', async (t) => {
  const said = {
    name: 'A relay',
    description: 'for tests',
    pubkey: 'aa'.repeat(32),
    self: 'bb'.repeat(32),
    contact: 'mailto:operator@example.com',
    icon: 'https://example.com/icon.png',
    banner: 'https://example.com/banner.png',
    terms_of_service: 'https://example.com/terms',
    privacy_policy: 'https://example.com/privacy',
    posting_policy: 'https://example.com/posting',
    relay_countries: ['CA', 'US'],
    language_tags: ['en', 'en-419'],
    tags: ['sfw-only'],
    payments_url: 'https://example.com/pay',
  };
  const fees = ['admission 1000000 msats', 'publication 100 msats 4'];
  const talkative = await Relay.of(t, { info: { ...said, fees } });
  const headers = { Accept: 'application/nostr+json' };
  const told = await (await fetch(talkative.http_url, { headers })).json();
  for (const [key, value] of Object.entries(said)) assert.deepEqual(told[key], value, key);
  assert.deepEqual(told.fees, {
    admission: [{ amount: 1_000_000, unit: 'msats' }],
    publication: [{ amount: 100, unit: 'msats', kinds: [4] }],
  });
  const silent = await (await fetch(relay.http_url, { headers })).json();
  for (const key of Object.keys(said))
    if (!['name', 'description'].includes(key)) assert.equal(silent[key], undefined, key);
  assert.equal(silent.fees, undefined);
});

test('supported_nips is exactly what is on', async (t) => {
  const nips = async (config) => {
    const { http_url } = config ? await Relay.of(t, config) : relay;
    const answer = await fetch(http_url, { headers: { Accept: 'application/nostr+json' } });
    return (await answer.json()).supported_nips;
  };
  const usual = await nips();
  const differs = async (config) => {
    const other = await nips(config);
    const without = (these, those) => these.filter((nip) => !those.includes(nip));
    return { more: without(other, usual), less: without(usual, other) };
  };
  assert.deepEqual(await differs({ 'extensions.mls_gateway': { enabled: false } }), {
    more: [],
    less: [17, 59],
  });
  assert.deepEqual(await differs({ auth: { enabled: false } }), { more: [], less: [42, 70] });
  assert.deepEqual(
    await differs({
      'extensions.search': { enabled: true },
      limits: { min_pow_difficulty: 1 },
      server: { eose_hints: true },
    }),
    { more: [13, 50, 67], less: [] },
  );
});

test('a page of another origin may read it, or not, as allowed_origins says', async (t) => {
  const choosy = await Relay.of(t, { server: { allowed_origins: ['https://chat.example.com'] } });
  const allowed = async (Origin) => {
    const headers = { Accept: 'application/nostr+json', Origin };
    return (await fetch(choosy.http_url, { headers })).headers.get('access-control-allow-origin');
  };
  assert.equal(await allowed('https://chat.example.com'), 'https://chat.example.com');
  assert.equal(await allowed('https://elsewhere.example.com'), null);
});

test('created_at bounds and max_event_tags are what the relay does', async (t) => {
  const bounded = await Relay.of(t, {
    limits: { created_at_max_age_s: 259_200, created_at_max_ahead_s: 60, max_event_tags: 3 },
  });
  const headers = { Accept: 'application/nostr+json' };
  const { limitation } = await (await fetch(bounded.http_url, { headers })).json();
  assert.equal(limitation.created_at_lower_limit, 259_200);
  assert.equal(limitation.created_at_upper_limit, 60);
  assert.equal(limitation.max_event_tags, 3);
  const at = await bounded.connect();
  const dated = (offset) => sign_once({ created_at: Math.floor(Date.now() / 1000) + offset });
  await at.post(dated(-259_100));
  assert.match(await at.rejection(dated(-259_300)), /^invalid: created_at/);
  assert.match(await at.rejection(dated(120)), /^invalid: created_at/);
  assert.match(await at.rejection(sign_once({ tags: [[], [], [], []] })), /^invalid: .*tags/);
  const usual = (await (await ask('application/nostr+json')).json()).limitation;
  assert.equal(usual.created_at_lower_limit, undefined);
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

test('max_content_length is stated when it is set, and then it is what the relay does', async (t) => {
  const small = await Relay.of(t, { limits: { max_content_length: 10 } });
  const headers = { Accept: 'application/nostr+json' };
  const { limitation } = await (await fetch(small.http_url, { headers })).json();
  assert.equal(limitation.max_content_length, 10);
  const at = await small.connect();
  for (const content of ['0123456789', '\n'.repeat(10), 'ö'.repeat(10), '😀'.repeat(10)])
    await at.post(sign_once({ content }));
  for (const content of ['0123456789a', '\u0001'.repeat(11), '😀'.repeat(11)])
    assert.equal(
      await at.rejection(sign_once({ content })),
      'invalid: content is longer than 10 characters',
    );
  await small.reconfigure({ limits: { max_content_length: 20 } });
  await eventually(async () => (await at.publish(sign_once({ content: 'a'.repeat(20) }))).accepted, 'it');
  const usual = (await (await ask('application/nostr+json')).json()).limitation;
  assert.equal(usual.max_content_length, undefined);
});

test('software is the name, or the address that the operator gives', async (t) => {
  const headers = { Accept: 'application/nostr+json' };
  assert.equal((await (await ask('application/nostr+json')).json()).software, 'mls-gateway');
  const software = 'https://git.example.com/our/mls-gateway';
  const ours = await Relay.of(t, { info: { software } });
  assert.equal((await (await fetch(ours.http_url, { headers })).json()).software, software);
});

test('the gateway says what it can do and by which rules; without it nothing is said', async (t) => {
  const document = async ({ http_url }) =>
    (await fetch(http_url, { headers: { Accept: 'application/nostr+json' } })).json();
  const usual = await document(relay);
  assert.equal(usual.mlsGroups, true);
  assert.equal(usual.noiseDM, true);
  assert.deepEqual(usual.mls_gateway, {
    membership: 'giftwrap',
    invite_by: 'members',
    group_creation: 'anyone',
    marmot: 'capability',
    keypackage_delivery: 'shared',
    keypackage_validation: 'log',
    gift_wraps: 'anyone',
    ttl_seconds: { keypackages: 86_400, welcomes: 3600, messages: 30 * 86_400 },
    limits: { max_keypackages_per_user: 100 },
  });
  const strict = await Relay.of(t, {
    'extensions.mls_gateway': {
      membership: 'roster',
      message_archive_ttl_days: 0,
      enable_api: true,
      api_prefix: '/x',
    },
    'extensions.mls_gateway.rate_limits': { max_events_per_minute: 1000 },
  });
  const { mls_gateway } = await document(strict);
  assert.equal(mls_gateway.membership, 'roster');
  assert.equal(mls_gateway.api, '/x');
  assert.equal(mls_gateway.ttl_seconds.messages, null);
  assert.equal(mls_gateway.limits.max_events_per_minute, 1000);
  const plain = await document(await Relay.of(t, { 'extensions.mls_gateway': { enabled: false } }));
  for (const name of ['mlsGroups', 'noiseDM', 'mls_gateway']) assert.equal(plain[name], undefined);
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
