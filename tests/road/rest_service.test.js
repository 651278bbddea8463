// The REST API: how often one may call, from which pages, and what it says of itself.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Validator } from '@seriousme/openapi-schema-validator';

import { calls_about } from './support/calls.js';
import { NostrKey } from './support/event.js';
import { Operator } from './support/management.js';
import { openapi } from './support/openapi.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';
import { PREFIX, Rest, SERVICE_TOKEN, group_path, member_path, with_api } from './support/rest.js';

const somebody = new Person();
const calls = calls_about(somebody);
let relay, rest, nobody;
before(async () => {
  relay = await Relay.start(with_api());
  rest = new Rest(relay, somebody);
  nobody = new Rest(relay);
});
after(() => relay?.remove());

describe('web pages', () => {
  const Origin = 'https://chat.example.com';
  const cors = ({ headers }) => headers.get('access-control-allow-origin');

  test('of the allowed origins read answers and errors, no others do', async (t) => {
    const choosy = await Relay.of(t, with_api({}, { server: { allowed_origins: [Origin] } }));
    for (const [as, status] of [
      [somebody, 200],
      [null, 401],
    ]) {
      const api = new Rest(choosy, as);
      const mine = await api.get('/groups', { headers: { Origin } });
      assert.equal(mine.status, status);
      assert.equal(cors(mine), Origin);
      assert.equal(mine.headers.get('vary'), 'Origin');
      assert.match(mine.headers.get('access-control-expose-headers'), /Retry-After/);
      assert.equal(
        cors(await api.get('/groups', { headers: { Origin: 'https://evil.example' } })),
        null,
      );
    }
    assert.equal(cors(await rest.get('/groups', { headers: { Origin } })), '*');
  });

  test('may ask first what they may do, on every path', async () => {
    for (const path of new Set(calls.map(([, path]) => path))) {
      const answer = await nobody.call('OPTIONS', path, {
        headers: {
          Origin,
          'Access-Control-Request-Method': 'PUT',
          'Access-Control-Request-Headers': 'authorization',
        },
      });
      assert.equal(answer.status, 204, path);
      assert.equal(cors(answer), '*');
      const methods = calls.filter(([, each]) => each === path).map(([method]) => method);
      for (const method of [...methods, 'OPTIONS']) {
        assert.match(answer.headers.get('allow'), new RegExp(`\\b${method}\\b`), path);
        assert.match(
          answer.headers.get('access-control-allow-methods'),
          new RegExp(`\\b${method}\\b`),
          path,
        );
      }
      assert.match(answer.headers.get('access-control-allow-headers'), /Authorization/);
    }
  });
});

describe('budgets', () => {
  const tight = (more = {}) =>
    with_api(
      {},
      { 'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 5, ...more } },
    );

  test('a key has one for its calls, on whatever connection and worker; others have their own', async (t) => {
    const other = await Relay.of(t, tight());
    const api = new Rest(other, somebody);
    const answers = [];
    for (let n = 0; n < 7; n += 1)
      answers.push(await api.get('/groups', { headers: { Connection: 'close' } }));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 429, 429],
    );
    const [, , , , , refused] = answers;
    assert.equal(refused.body.code, 'rate_limited');
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 12, String(wait));
    assert.match(refused.body.error, new RegExp(`wait ${wait} seconds`));
    assert.equal((await new Rest(other, new Person()).get('/groups')).status, 200);
    const operator = new Rest(other, SERVICE_TOKEN);
    for (let n = 0; n < 10; n += 1) assert.equal((await operator.get(group_path('g'))).status, 404);
  });

  test('an address has one for what is not signed right, and the operator is not locked out by it', async (t) => {
    const other = await Relay.of(t, tight());
    const forged = { Authorization: `Nostr ${btoa('{}')}` };
    const wrong = { Authorization: 'Bearer not-a-token-of-this-one' };
    const stranger = new Rest(other);
    const statuses = [];
    for (const headers of [forged, wrong, {}, forged, wrong, forged, wrong])
      statuses.push((await stranger.get('/groups', { headers })).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429]);
    assert.equal(
      (await new Rest(other, somebody).get('/groups')).status,
      429,
      'not even looked at',
    );
    assert.equal((await new Rest(other, SERVICE_TOKEN).get(group_path('g'))).status, 404);
    for (let n = 0; n < 5; n += 1) assert.equal((await stranger.get('/openapi.json')).status, 200);
    assert.equal((await stranger.get('/openapi.json')).status, 429);
  });

  test('an address has one for all its keys, so that it cannot use up the memory for signatures', async (t) => {
    const proxied = { server: { trusted_proxies: ['127.0.0.1'], workers: 4 } };
    const operator = new NostrKey();
    const other = await Relay.of(t, {
      ...with_api({}, { 'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 0 } }),
      ...proxied,
      management: { admin_keys: [operator.pubkey] },
    });
    const people = Array.from({ length: 10 }, () => new Person());
    const from = (address, person = people[0]) =>
      new Rest(other, person).get('/groups', { headers: { 'X-Forwarded-For': address } });
    let [taken, refused] = [0, undefined];
    while (!refused) {
      const calls_of_all = people.map((person, n) => from(`2001:db8::${n}`, person));
      const answers = await Promise.all(calls_of_all);
      taken += answers.filter(({ status }) => status === 200).length;
      refused = answers.find(({ status }) => status !== 200);
    }
    assert.ok(taken >= 1000, String(taken));
    assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited']);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.equal((await from('2001:db8:0:1::1')).status, 200, 'another client');
    await new Operator(other, operator).call('supportedmethods');
  });

  test('takes effect when the configuration is reloaded', async (t) => {
    const other = await Relay.of(t, tight());
    const api = new Rest(other, somebody);
    for (let n = 0; n < 5; n += 1) await api.get('/groups');
    assert.equal((await api.get('/groups')).status, 429);
    await other.reconfigure(tight({ max_api_calls_per_minute: 0 }));
    assert.equal((await api.get('/groups')).status, 200);
  });

  test('changes of members are paid for as events are', async (t) => {
    const other = await Relay.of(
      t,
      with_api({}, { 'extensions.mls_gateway.rate_limits': { max_events_per_minute: 2 } }),
    );
    const api = new Rest(other, somebody);
    for (let n = 0; n < 2; n += 1)
      assert.equal((await api.put(member_path('g', somebody))).status, 404);
    assert.equal((await api.put(member_path('g', somebody))).status, 429);
    assert.equal((await api.get('/groups')).status, 200);
  });
});

describe('openapi.json', () => {
  test('is OpenAPI 3.1 and names what is served', async () => {
    const { status, body } = await nobody.get('/openapi.json');
    assert.equal(status, 200);
    const checked = await new Validator().validate(structuredClone(body));
    assert.deepEqual(checked.errors ?? [], []);
    assert.ok(checked.valid);
    assert.equal(body.openapi, '3.1.0');
    assert.deepEqual(body, { ...openapi, servers: [{ url: PREFIX }] });
  });

  test('has every path and method that is served, and no others', async () => {
    for (const [template, methods] of Object.entries(openapi.paths)) {
      const path = template.replace('{id}', 'g').replace('{pubkey}', somebody.pubkey);
      const { headers } = await nobody.call('OPTIONS', path);
      const served = headers
        .get('allow')
        .split(', ')
        .filter((name) => !['HEAD', 'OPTIONS'].includes(name));
      const named = Object.keys(methods)
        .filter((name) => name !== 'parameters')
        .map((name) => name.toUpperCase());
      assert.deepEqual(served.sort(), named.sort(), template);
    }
  });
});
