// The REST API: who may call, and how.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { calls_about } from './support/calls.js';
import { NostrKey, now_s } from './support/event.js';
import { Person, new_group_id } from './support/person.js';
import { Relay } from './support/relay.js';
import {
  PREFIX,
  Rest,
  SERVICE_TOKEN,
  authorization,
  group_path,
  member_path,
  with_api,
} from './support/rest.js';

const somebody = new Person();
let relay, rest, nobody;
before(async () => {
  relay = await Relay.start(with_api());
  rest = new Rest(relay, somebody);
  nobody = new Rest(relay);
});
after(() => relay?.remove());

/** A signed call whose answer openapi.json does not promise. */
async function raw(on, method, path, body) {
  const url = `${on.http_url}${PREFIX}${path}`;
  const Authorization = await authorization(somebody, url, method, body);
  return fetch(url, { method, headers: { Authorization }, body: body && JSON.stringify(body) });
}

const calls = calls_about(somebody);

describe('a call', () => {
  for (const [method, path, body] of calls) {
    const name = `${method} ${path.split('?')[0].replace(/[0-9a-f]{64}/, '{pubkey}')}`;

    test(`${name} needs a signature, and that it is for this very request, now, once`, async () => {
      const url = rest.url(path);
      const other_url = rest.url(path.includes('?') ? `${path}&limit=1` : `${path}?limit=1`);
      const with_header = (Authorization, sent = body) =>
        nobody.call(method, path, { body: sent, headers: { Authorization } });
      const changed = (change) => authorization(somebody, url, method, body, change);
      const tag = (event, name, value) => ({
        ...event,
        tags: event.tags.map((each) => (each[0] === name ? [name, value] : each)),
      });
      const refusals = {
        'no header': undefined,
        'another scheme': 'Basic abcd',
        'no base64': 'Nostr !!!',
        'no event': `Nostr ${btoa('{}')}`,
        'another method': await authorization(
          somebody,
          url,
          method === 'GET' ? 'POST' : 'GET',
          body,
        ),
        'another URL': await authorization(somebody, other_url, method, body),
        'another path': await changed((event) => tag(event, 'u', `${relay.http_url}/`)),
        'another host': await changed((event) =>
          tag(event, 'u', url.replace('127.0.0.1', '127.0.0.2')),
        ),
        'another kind': await changed((event) => ({ ...event, kind: 22242 })),
        'too old': await changed((event) => ({ ...event, created_at: now_s() - 120 })),
        'too new': await changed((event) => ({ ...event, created_at: now_s() + 120 })),
      };
      for (const [what, header] of Object.entries(refusals)) {
        const { status, body: error, headers } = await with_header(header);
        assert.equal(status, 401, what);
        assert.equal(error.code, 'unauthorized', what);
        assert.equal(headers.get('www-authenticate'), 'Nostr', what);
      }
      const good = await authorization(somebody, url, method, body);
      const forged = JSON.parse(atob(good.slice(6)));
      forged.pubkey = new NostrKey().pubkey;
      assert.equal(
        (await with_header(`Nostr ${btoa(JSON.stringify(forged))}`)).status,
        401,
        'forged',
      );
      if (body) {
        const { status, body: error } = await with_header(good, { ...body, more: 1 });
        assert.equal(status, 401, 'another body');
        assert.match(error.error, /payload/);
      }
      assert.notEqual((await with_header(good)).status, 401, 'the very request');
      const again = await with_header(good);
      assert.equal(again.status, 401, 'again');
      assert.match(again.body.error, /used already/);
    });
  }

  test('is not answered on any other method', async () => {
    for (const [, path] of calls) {
      const { status, headers, body } = await nobody.call('PATCH', path);
      assert.equal(status, 405, path);
      assert.equal(body.code, 'method_not_allowed');
      assert.match(headers.get('allow'), /OPTIONS/);
    }
  });

  test('to a path that is not there is 404', async () => {
    const { status, body } = await nobody.get('/nothing');
    assert.equal(status, 404);
    assert.equal(body.code, 'not_found');
  });

  test('with a body over 64 KiB is 413', async () => {
    const { status, body } = await rest.call('POST', '/keypackages/claim', {
      raw: 'x'.repeat(65 * 1024),
    });
    assert.equal(status, 413);
    assert.ok(body.error && body.code);
  });

  test('that is asked wrongly is 400, with the remedy', async () => {
    const wrong = [
      ['GET', '/groups?limit=0', /limit is 1 to 500/],
      ['GET', '/groups?limit=501', /limit is 1 to 500/],
      ['GET', '/groups?limit=ten', /decimal/],
      ['GET', '/groups?cursor=zz', /cursor is what/],
      ['GET', '/groups?page=2', /parameters of this call are: limit, cursor/],
      ['GET', '/groups?limit=1&limit=2', /twice/],
      ['GET', '/groups?cursor=%4', /hex digits/],
      ['GET', group_path('g'.repeat(129)), /128 bytes/],
      ['GET', group_path('a\u0001b'), /control characters/],
      ['GET', `${group_path('g')}?limit=1`, /no parameters/],
      ['GET', '/keypackages', /owner is needed/],
      ['GET', '/keypackages?owner=me', /./],
      ['GET', `/keypackages?owner=${somebody.pubkey.toUpperCase()}`, /./],
      ['GET', `/keypackages?owner=${somebody.pubkey}&cursor=00`, /cursor is what/],
      ['POST', '/keypackages/claim', /names the owner/],
      ['POST', '/keypackages/claim', /names the owner/, {}],
      ['POST', '/keypackages/claim', /JSON object/, []],
      ['POST', '/keypackages/claim', /JSON object/, { owner: 1 }],
      ['POST', '/keypackages/claim', /JSON object/, { owner: somebody.pubkey, also: 'x' }],
      ['POST', '/keypackages/claim', /your own/, { owner: somebody.pubkey }],
      ['PUT', member_path('g', 'nobody'), /./],
      ['PUT', member_path('g', somebody), /"admin" or "member"/, { role: 'king' }],
      ['PUT', `${member_path('g', somebody)}?seq=0`, /above 0/],
      ['PUT', `${member_path('g', somebody)}?seq=-1`, /decimal/],
      ['DELETE', `${member_path('g', somebody)}?seq=${'9'.repeat(30)}`, /decimal/],
      ['GET', '/messages/missed?since=yesterday', /decimal/],
      ['GET', '/messages/missed?cursor=00ff', /cursor is what/],
    ];
    for (const [method, path, remedy, body] of wrong) {
      const answer = await rest.call(method, path, { body });
      assert.equal(answer.status, 400, `${method} ${path}: ${answer.text}`);
      assert.equal(answer.body.code, 'bad_request');
      assert.match(answer.body.error, remedy, path);
    }
  });

  test('may be signed for the HEAD of what it GETs', async () => {
    const { status, text, headers } = await rest.call('HEAD', '/groups');
    assert.equal(status, 200);
    assert.equal(text, '');
    assert.ok(Number(headers.get('content-length')) > 0);
  });

  test('is not cached by anybody', async () => {
    const { headers } = await rest.get('/groups');
    assert.equal(headers.get('cache-control'), 'no-store');
  });

  test('leads nowhere while enable_api is off, or the gateway', async (t) => {
    for (const settings of [{ enable_api: false }, { enabled: false }]) {
      const other = await Relay.of(t, with_api(settings));
      for (const [method, path, body] of calls)
        assert.equal((await raw(other, method, path, body)).status, 404, path);
    }
  });

  test('may live below another prefix', async (t) => {
    const other = await Relay.of(t, with_api({ api_prefix: '/groups-of-mine' }));
    assert.equal((await new Rest(other, somebody, '/groups-of-mine').get('/groups')).status, 200);
    const { body } = await new Rest(other, null, '/groups-of-mine').get('/openapi.json');
    assert.deepEqual(body.servers, [{ url: '/groups-of-mine' }]);
  });

  test('is for nobody where AUTH is off, and for those alone whom the relay serves', async (t) => {
    const without = await Relay.of(t, with_api({}, { auth: { enabled: false } }));
    assert.equal((await new Rest(without, somebody).get('/groups')).status, 403);
    const choosy = await Relay.of(
      t,
      with_api({}, { auth: { pubkey_whitelist: [somebody.pubkey] } }),
    );
    assert.equal((await new Rest(choosy, somebody).get('/groups')).status, 200);
    assert.equal((await new Rest(choosy, new Person()).get('/groups')).status, 403);
    const strict = await Relay.of(
      t,
      with_api({}, { 'extensions.access': { deny_pubkeys: [somebody.pubkey] } }),
    );
    assert.equal((await new Rest(strict, somebody).get('/groups')).status, 403);
    assert.equal((await new Rest(strict, new Person()).get('/groups')).status, 200);
    const far = await Relay.of(
      t,
      with_api({}, { 'extensions.access': { deny_addresses: ['127.0.0.0/8'] } }),
    );
    assert.equal((await new Rest(far, somebody).get('/groups')).status, 403);
  });
});

describe('a service token', () => {
  test('is the operator, and nobody where a call is about its caller', async () => {
    const operator = new Rest(relay, SERVICE_TOKEN);
    const about_callers = [
      ['GET', '/groups'],
      ['GET', `/keypackages?owner=${somebody.pubkey}`],
      ['POST', '/keypackages/claim', { owner: somebody.pubkey }],
      ['GET', '/messages/missed'],
    ];
    for (const [method, path, body] of about_callers) {
      const answer = await operator.call(method, path, { body });
      assert.equal(answer.status, 403, path);
      assert.equal(answer.body.code, 'needs_viewer');
      assert.match(answer.body.error, /sign it/);
    }
    assert.equal((await operator.get(group_path(new_group_id()))).status, 404);
  });

  test('must be one of the configured, whole, in the header', async () => {
    const wrong = [
      '',
      'x',
      SERVICE_TOKEN.slice(1),
      `${SERVICE_TOKEN}x`,
      SERVICE_TOKEN.toUpperCase(),
    ];
    for (const token of wrong) {
      const headers = { Authorization: `Bearer ${token}` };
      const { status, headers: given } = await nobody.get(group_path('g'), { headers });
      assert.equal(status, 401, token);
      assert.ok(given.get('www-authenticate'));
    }
    assert.equal((await nobody.get(`${group_path('g')}?token=${SERVICE_TOKEN}`)).status, 401);
    const scheme = { Authorization: `bearer ${SERVICE_TOKEN}` };
    assert.equal((await nobody.get(group_path('g'), { headers: scheme })).status, 404);
  });

  test('alone may drop what a sidecar said', async () => {
    assert.equal((await rest.post('/acl/invalidate', {})).status, 403);
    const { status, body } = await new Rest(relay, SERVICE_TOKEN).post('/acl/invalidate', {});
    assert.equal(status, 404, 'there is no sidecar here');
    assert.match(body.error, /membership is not "acl"/);
  });
});
