// NIP-86: an operator manages the running relay over HTTP; what changes holds on every worker, at once and for good.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { npubEncode } from 'nostr-tools/nip19';

import { within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { Operator, authorization, post, sha256 } from './support/management.js';
import { Person } from './support/person.js';
import { NOTHING } from './support/reconcile.js';
import { Relay } from './support/relay.js';

const operator_key = new NostrKey();

/** A relay of four workers and its operator. */
async function managed(t, overrides = {}) {
  const relay = await Relay.of(t, {
    server: { workers: 4, ...overrides.server },
    ...overrides,
    management: { admin_keys: [operator_key.pubkey], ...overrides.management },
  });
  return { relay, operator: new Operator(relay, operator_key) };
}

async function information(relay) {
  const headers = { accept: 'application/nostr+json' };
  return (await fetch(relay.http_url, { headers })).json();
}

/** Enough connections that every worker has some. */
const crowd = (relay, ...keys) => Promise.all(Array.from({ length: 12 }, () => relay.connect(...keys)));

/** How the relay has ended it. */
const closed = (connection) => within(connection.closed, 'the relay to close it');

const hex64 = (digit) => digit.repeat(64);
const call = JSON.stringify({ method: 'supportedmethods', params: [] });

describe('who may call', () => {
  test('a key of admin_keys, as hex or npub, by any URL of the relay', async (t) => {
    const other = new NostrKey();
    const admin_keys = [npubEncode(other.pubkey), operator_key.pubkey];
    const { relay, operator } = await managed(t, { management: { admin_keys } });
    assert.ok((await operator.call('supportedmethods')).includes('banpubkey'));
    await new Operator(relay, other).call('listbannedpubkeys');
    for (const url of [relay.http_url, `${relay.http_url}/`, relay.url, `ws://localhost:${relay.port}`]) {
      const headers = { authorization: authorization(operator_key, { url, body: call }) };
      assert.equal((await post(relay, call, headers)).status, 200, url);
    }
  });

  test('nobody without a signature for this very request', async (t) => {
    const { relay } = await managed(t);
    const url = relay.http_url;
    const body = call;
    const wrong = {
      'another kind': { url, body, kind: 1 },
      'too old': { url, body, created_at: now_s() - 120 },
      'too far ahead': { url, body, created_at: now_s() + 120 },
      'another method': { url, body, method: 'GET' },
      'another relay': { url: 'https://relay.example.com', body },
      'another path': { url: `${url}/other`, body },
      'no payload tag': { url, body, payload: null },
      'another body': { url, body, payload: sha256(`${body} `) },
    };
    for (const [name, parts] of Object.entries(wrong)) {
      const headers = { authorization: authorization(operator_key, parts) };
      const { status, reply } = await post(relay, body, headers);
      assert.equal(status, 401, name);
      assert.ok(reply.error.length > 10 && reply.code === 'unauthorized', name);
    }
    const without = await post(relay, body);
    assert.equal(without.status, 401);
    assert.equal(without.headers.get('www-authenticate'), 'Nostr');
    for (const header of ['Nostr', 'Nostr !', 'Nostr e30=', 'Bearer abc'])
      assert.equal((await post(relay, body, { authorization: header })).status, 401, header);
  });

  test('a forged signature is nobody’s', async (t) => {
    const { relay } = await managed(t);
    const event = sign(operator_key, {
      kind: 27235,
      tags: [['u', relay.http_url], ['method', 'POST'], ['payload', sha256(call)]],
    });
    event.sig = event.sig.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    const token = Buffer.from(JSON.stringify(event)).toString('base64');
    assert.equal((await post(relay, call, { authorization: `Nostr ${token}` })).status, 401);
  });

  test('a signature counts once, whichever worker it comes to', async (t) => {
    const { relay } = await managed(t);
    const headers = { authorization: authorization(operator_key, { url: relay.http_url, body: call }) };
    const many = await Promise.all(Array.from({ length: 20 }, () => post(relay, call, headers)));
    const statuses = many.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, ...Array(19).fill(401)]);
  });

  test('another key is told so, and changes nothing', async (t) => {
    const { relay, operator } = await managed(t);
    const mallory = new Operator(relay, new NostrKey());
    assert.deepEqual(await mallory.refusal('banpubkey', operator_key.pubkey), [403, 'forbidden']);
    assert.deepEqual(await mallory.refusal('listbannedpubkeys'), [403, 'forbidden']);
    assert.deepEqual(await operator.call('listbannedpubkeys'), []);
  });

  test('without admin_keys there is nothing to call; a reload names some', async (t) => {
    const { relay, operator } = await managed(t, { management: { admin_keys: [] } });
    const { status, reply } = await operator.ask('supportedmethods');
    assert.equal(status, 404);
    assert.match(reply.error, /\[management\] admin_keys/);
    assert.ok(!(await information(relay)).supported_nips.includes(86));
    await relay.reconfigure({ management: { admin_keys: [operator_key.pubkey] } });
    assert.ok((await information(relay)).supported_nips.includes(86));
    await operator.call('supportedmethods');
    await relay.reconfigure({ management: { admin_keys: [] } });
    assert.deepEqual(await operator.refusal('supportedmethods'), [404, 'not_enabled']);
  });
});

describe('what may be called', () => {
  test('other posts are told what is posted here', async (t) => {
    const { relay } = await managed(t);
    for (const type of ['application/json', 'text/plain', '']) {
      const { status, reply } = await post(relay, '{}', { 'content-type': type });
      assert.equal(status, 415, type);
      assert.match(reply.error, /application\/nostr\+json\+rpc/);
    }
    const typed = { 'content-type': 'Application/Nostr+JSON+RPC; charset=utf-8' };
    assert.equal((await post(relay, call, typed)).status, 401);
  });

  test('a body that is no call, a method that is none, parameters that do not fit', async (t) => {
    const { relay, operator } = await managed(t);
    for (const body of ['', 'nonsense', '[]', '{"params":[]}', '{"method":1}', '{"method":"banpubkey","params":{}}',
      '{"method":"banpubkey","params":[{}]}', '{"method":"banpubkey","params":[1.5]}',
      `{"method":"banpubkey","params":[${'1,'.repeat(8)}1]}`, '{"method":"banpubkey","params":["\xff']) {
      const headers = { authorization: authorization(operator_key, { url: relay.http_url, body }) };
      const { status, reply } = await post(relay, body, headers);
      assert.deepEqual([status, reply.code], [400, 'bad_request'], body);
    }
    assert.deepEqual(await operator.refusal('signevent'), [400, 'unknown_method']);
    const key = new NostrKey().pubkey;
    const bad = [
      ['banpubkey'], ['banpubkey', 7], ['banpubkey', 'xyz'], ['banpubkey', key.toUpperCase()],
      ['banpubkey', key, 7], ['banpubkey', key, 'a', 'b'], ['banpubkey', key, 'r'.repeat(257)],
      ['unbanpubkey', 'npub1xyz'], ['allowpubkey', ''], ['unallowpubkey'],
      ['banevent', key.slice(1)], ['banevent', null], ['allowevent', 'ff'],
      ['allowkind'], ['allowkind', '1'], ['allowkind', -1], ['disallowkind', 65_536],
      ['blockip', 'localhost'], ['blockip', '192.0.2.0/33'], ['unblockip', '::/129'], ['blockip', 1],
      ['changerelayname'], ['changerelayname', null], ['changerelayname', 'a', 'b'],
      ['changerelayname', 'n'.repeat(257)], ['changerelaydescription', 'd'.repeat(4097)],
      ['changerelayicon', 'javascript:alert(1)'], ['listbannedpubkeys', 1],
    ];
    for (const [method, ...params] of bad)
      assert.deepEqual(await operator.refusal(method, ...params), [400, 'bad_params'], `${method} ${params}`);
  });

  test('a secret key that was meant to be a public one is not repeated', async (t) => {
    const { operator } = await managed(t);
    const nsec = `nsec1${'q'.repeat(58)}`;
    const { reply } = await operator.ask('banpubkey', nsec);
    assert.match(reply.error, /SECRET/);
    assert.ok(!reply.error.includes(nsec));
  });

  test('pages of an allowed origin may call', async (t) => {
    const { relay, operator } = await managed(t, { server: { workers: 4, allowed_origins: ['https://admin.example.com'] } });
    const preflight = await fetch(relay.http_url, { method: 'OPTIONS', headers: { origin: 'https://admin.example.com' } });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get('access-control-allow-methods'), /POST/);
    assert.match(preflight.headers.get('access-control-allow-headers'), /Authorization.*Content-Type/);
    const { headers } = await post(relay, call, { origin: 'https://admin.example.com' });
    assert.equal(headers.get('access-control-allow-origin'), 'https://admin.example.com');
    const other = await post(relay, call, { origin: 'https://other.example.com' });
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    await operator.call('supportedmethods');
  });

  test('every method that is named is there', async (t) => {
    const { operator } = await managed(t);
    const names = await operator.call('supportedmethods');
    assert.deepEqual(names, [
      'banpubkey', 'unbanpubkey', 'listbannedpubkeys', 'allowpubkey', 'unallowpubkey', 'listallowedpubkeys',
      'allowevent', 'banevent', 'listbannedevents', 'changerelayname', 'changerelaydescription', 'changerelayicon',
      'allowkind', 'disallowkind', 'listallowedkinds', 'listdisallowedkinds', 'blockip', 'unblockip', 'listblockedips',
    ]);
    for (const name of names)
      assert.notEqual((await operator.refusal(name))[1], 'unknown_method', name);
  });
});

describe('banned keys', () => {
  test('lose every open connection, cannot come back, and are not served', async (t) => {
    const { relay, operator } = await managed(t);
    const mallory = new Person();
    const writer = await relay.connect();
    const event = await writer.post(sign(mallory));
    const reader = await relay.connect();
    const subscription = await reader.subscribe({ authors: [mallory.pubkey] });
    assert.deepEqual(ids(subscription.stored), [event.id]);
    const open = await crowd(relay, mallory);
    const others = await crowd(relay, new Person());
    assert.equal(await operator.call('banpubkey', mallory.pubkey, 'sells things'), true);
    for (const connection of open)
      assert.deepEqual(await closed(connection), { code: 1008, reason: 'blocked: this key may not use this relay' });
    for (const connection of await crowd(relay)) {
      assert.match(await connection.rejection(sign(mallory)), /^blocked: /);
      assert.deepEqual(await connection.query({ authors: [mallory.pubkey] }), []);
      assert.equal(await connection.count({ authors: [mallory.pubkey] }), 0);
      assert.match((await connection.auth(mallory)).reason, /^blocked: /);
    }
    for (const connection of others) await connection.post(sign_once());
    assert.deepEqual(await operator.call('listbannedpubkeys'), [{ pubkey: mallory.pubkey, reason: 'sells things' }]);
    assert.equal(await operator.call('unbanpubkey', mallory.pubkey), true);
    for (const connection of await crowd(relay, mallory)) {
      assert.deepEqual(ids(await connection.query({ ids: [event.id] })), [event.id]);
      await connection.post(sign(mallory, { content: Math.random().toString() }));
    }
    assert.deepEqual(await operator.call('listbannedpubkeys'), []);
    assert.deepEqual(await operator.refusal('unbanpubkey', mallory.pubkey), [404, 'not_listed']);
  });

  test('write nothing from the answer on, whatever was on its way', async (t) => {
    const { relay, operator } = await managed(t);
    const mallory = new Person();
    const connections = await crowd(relay);
    let banned = false;
    const late = [];
    const stream = connections.map(async (connection, number) => {
      for (let n = 0; n < 1000; n += 1) {
        const after = banned;
        const event = sign(mallory, { content: `${number} ${n}` });
        const { accepted, reason } = await connection.publish(event);
        if (after && accepted) late.push(event.id);
        if (!accepted) return assert.match(reason, /^blocked: /);
      }
      throw new Error('never refused');
    });
    await connections[0].catch_up(connections[1]);
    await operator.call('banpubkey', mallory.pubkey);
    banned = true;
    await Promise.all(stream);
    assert.deepEqual(late, []);
  });

  test('end a reconciliation that may show them', async (t) => {
    const { relay, operator } = await managed(t);
    const at = await relay.connect();
    const mallory = new Person();
    await at.post(sign(mallory));
    at.send(['NEG-OPEN', 'n', { kinds: [1] }, NOTHING]);
    await at.next('NEG-MSG', 0);
    await operator.call('banpubkey', new NostrKey().pubkey);
    const [, , reason] = await at.next('NEG-ERR', 0);
    assert.match(reason, /^closed: /);
  });
});

describe('allowed keys', () => {
  test('alone may write as soon as there is one; reading stays open', async (t) => {
    const { relay, operator } = await managed(t);
    const [alice, bob] = [new Person(), new Person()];
    const open = await crowd(relay, bob);
    await operator.call('allowpubkey', alice.pubkey, 'a friend');
    for (const connection of open) assert.match(await connection.rejection(sign(bob)), /^restricted: /);
    const [anonymous] = await crowd(relay);
    assert.match(await anonymous.rejection(sign_once()), /^auth-required: /);
    const kept = await anonymous.post(sign(alice));
    for (const connection of await crowd(relay, alice)) await connection.post(sign_once());
    assert.deepEqual(ids(await anonymous.query({ ids: [kept.id] })), [kept.id]);
    assert.equal((await information(relay)).limitation.restricted_writes, true);
    assert.deepEqual(await operator.call('listallowedpubkeys'), [{ pubkey: alice.pubkey, reason: 'a friend' }]);
    await operator.call('unallowpubkey', alice.pubkey);
    assert.equal((await information(relay)).limitation.restricted_writes, false);
    for (const connection of open) await connection.post(sign_once());
    assert.deepEqual(await operator.refusal('unallowpubkey', alice.pubkey), [404, 'not_listed']);
  });

  test('a ban wins over the list and does not open it; allowing lifts the ban', async (t) => {
    const { relay, operator } = await managed(t);
    const [alice, bob] = [new Person(), new Person()];
    const at = await relay.connect();
    await operator.call('allowpubkey', alice.pubkey);
    await operator.call('banpubkey', alice.pubkey);
    assert.match(await at.rejection(sign(alice)), /^blocked: /);
    assert.match(await at.rejection(sign(bob)), /^auth-required: /);
    await operator.call('allowpubkey', alice.pubkey);
    assert.deepEqual(await operator.call('listbannedpubkeys'), []);
    await at.post(sign(alice));
  });

  test('the kinds that the configuration opens are for everybody still', async (t) => {
    const { relay, operator } = await managed(t, { 'extensions.access': { open_kinds: ['10002'] } });
    await operator.call('allowpubkey', new NostrKey().pubkey);
    const at = await relay.connect();
    await at.post(sign_once({ kind: 10_002 }));
    assert.match(await at.rejection(sign_once()), /^auth-required: /);
  });
});

describe('banned events', () => {
  test('are gone on every worker and stay away, whoever brings them', async (t) => {
    const { relay, operator } = await managed(t);
    const author = new Person();
    const at = await relay.connect();
    const bad = await at.post(sign(author, { content: 'bad' }));
    const good = await at.post(sign(author, { content: 'good' }));
    const coming = sign_once({ content: 'not here yet' });
    await operator.call('banevent', bad.id, 'unlawful');
    await operator.call('banevent', coming.id);
    for (const connection of await crowd(relay)) {
      assert.deepEqual(ids(await connection.query({ authors: [author.pubkey] })), [good.id]);
      assert.match(await connection.rejection(bad), /^blocked: the operator has removed this event/);
      assert.match(await connection.rejection(coming), /^blocked: /);
    }
    const listed = await operator.call('listbannedevents');
    const sorted = [{ id: bad.id, reason: 'unlawful' }, { id: coming.id }].sort((a, b) => (a.id < b.id ? -1 : 1));
    assert.deepEqual(listed, sorted);
    assert.equal(await operator.call('allowevent', bad.id), true);
    assert.equal(await operator.call('allowevent', hex64('a')), true);
    await at.post(bad);
  });

  test('what is gated is never told: ids and reasons are all there is', async (t) => {
    const { relay, operator } = await managed(t);
    const alice = new Person();
    const at = await relay.connect(alice);
    const secret = await at.post(sign(alice, { kind: 445, tags: [['h', hex64('9')], ['k', '0']], content: 'sealed' }));
    await operator.call('banevent', secret.id, 'reported');
    assert.deepEqual(await operator.call('listbannedevents'), [{ id: secret.id, reason: 'reported' }]);
    assert.deepEqual(await at.query({ kinds: [445], '#h': [hex64('9')] }), []);
  });
});

describe('kinds', () => {
  test('disallowed ones are refused, allowed ones are the only ones', async (t) => {
    const { relay, operator } = await managed(t);
    const at = await crowd(relay);
    const refused = async (kind) => {
      for (const connection of at)
        assert.equal(await connection.rejection(sign_once({ kind })), `blocked: this relay does not take kind ${kind}`);
    };
    const taken = async (kind) => {
      for (const connection of at) await connection.post(sign_once({ kind }));
    };
    await operator.call('disallowkind', 4);
    await refused(4);
    await taken(1);
    assert.deepEqual(await operator.call('listdisallowedkinds'), [4]);
    await operator.call('allowkind', 4);
    await taken(4);
    await taken(1);
    assert.deepEqual(await operator.call('listallowedkinds'), []);
    await operator.call('allowkind', 1059);
    await operator.call('allowkind', 1);
    await taken(1);
    await refused(7);
    assert.equal((await information(relay)).limitation.restricted_writes, true);
    assert.deepEqual(await operator.call('listallowedkinds'), [1, 1059]);
    await operator.call('disallowkind', 1);
    await operator.call('disallowkind', 1059);
    assert.deepEqual(await operator.call('listallowedkinds'), []);
    await refused(1);
    await taken(7);
  });
});

describe('blocked addresses', () => {
  test('are closed wherever they are connected, and refused at opening; HTTP still answers', async (t) => {
    const { relay, operator } = await managed(t, { server: { workers: 4, trusted_proxies: ['127.0.0.1'] } });
    const from = (address) => relay.open({ headers: { 'x-forwarded-for': address } });
    const spread = (address) => Promise.all(Array.from({ length: 8 }, () => from(address)));
    const [blocked, other] = [await spread('192.0.2.7'), await spread('198.51.100.7')];
    await operator.call('blockip', '192.0.2.99/24', 'floods');
    for (const connection of blocked)
      assert.deepEqual(await closed(connection), { code: 1008, reason: 'blocked: this address may not use this relay' });
    for (const connection of await spread('192.0.2.8')) assert.equal((await closed(connection)).code, 1008);
    for (const connection of other) await connection.post(sign_once());
    await operator.call('blockip', '2001:db8::1');
    assert.equal((await closed(await from('2001:db8::1'))).code, 1008);
    assert.deepEqual(await operator.call('listblockedips'), [
      { ip: '192.0.2.0/24', reason: 'floods' },
      { ip: '2001:db8::1' },
    ]);
    await operator.call('blockip', '127.0.0.0/8');
    assert.equal((await closed(await relay.connect())).code, 1008);
    assert.deepEqual(await operator.refusal('unblockip', '127.0.0.1'), [404, 'not_listed']);
    await operator.call('unblockip', '127.0.0.1/8');
    await (await relay.connect()).post(sign_once());
    await operator.call('unblockip', '192.0.2.0/24');
    await (await from('192.0.2.7')).post(sign_once());
  });
});

describe('what the relay says of itself', () => {
  test('is what the operator said last, until it is taken back', async (t) => {
    const { relay, operator } = await managed(t, { info: { name: 'from the file', description: 'as written' } });
    await operator.call('changerelayname', 'renamed "quoted"');
    await operator.call('changerelaydescription', 'described\nin two lines');
    await operator.call('changerelayicon', 'https://example.com/icon.png');
    const seen = await Promise.all(Array.from({ length: 12 }, () => information(relay)));
    for (const { name, description, icon } of seen)
      assert.deepEqual({ name, description, icon }, {
        name: 'renamed "quoted"',
        description: 'described\nin two lines',
        icon: 'https://example.com/icon.png',
      });
    await relay.reconfigure({ info: { name: 'another file', contact: 'mailto:operator@example.com' } });
    assert.equal((await information(relay)).name, 'renamed "quoted"');
    assert.equal((await information(relay)).contact, 'mailto:operator@example.com');
    await relay.restart();
    assert.equal((await information(relay)).name, 'renamed "quoted"');
    await operator.call('changerelayname', '');
    await operator.call('changerelayicon', '');
    assert.equal((await information(relay)).name, 'another file');
    assert.equal((await information(relay)).icon, undefined);
    assert.equal((await information(relay)).description, 'described\nin two lines');
  });
});

test('all of it outlives a restart, without admin_keys too', async (t) => {
  const { relay, operator } = await managed(t);
  const [mallory, alice] = [new Person(), new Person()];
  const at = await relay.connect();
  const bad = await at.post(sign_once({ content: 'bad' }));
  await operator.call('banpubkey', mallory.pubkey);
  await operator.call('allowpubkey', alice.pubkey);
  await operator.call('banevent', bad.id);
  await operator.call('disallowkind', 4);
  await operator.call('blockip', '192.0.2.0/24');
  relay.config.management.admin_keys = [];
  await relay.restart();
  for (const connection of await crowd(relay)) {
    assert.match(await connection.rejection(sign(mallory)), /^blocked: /);
    assert.match(await connection.rejection(bad), /^auth-required: /);
    assert.match(await connection.rejection(sign_once()), /^auth-required: /);
    assert.match(await connection.rejection(sign(alice, { kind: 4 })), /^blocked: /);
    assert.deepEqual(await connection.query({ ids: [bad.id] }), []);
    await connection.authenticate(alice);
    assert.match(await connection.rejection(bad), /^blocked: /);
  }
  assert.equal((await information(relay)).limitation.restricted_writes, true);
});

test('lists have an end, and an entry can be given another reason there', async (t) => {
  const { operator } = await managed(t, { management: { max_entries: 2 } });
  const keys = [1, 2, 3].map(() => new NostrKey().pubkey);
  await operator.call('banpubkey', keys[0]);
  await operator.call('banpubkey', keys[1]);
  assert.deepEqual(await operator.refusal('banpubkey', keys[2]), [409, 'list_full']);
  await operator.call('banpubkey', keys[1], 'why');
  await operator.call('unbanpubkey', keys[0]);
  await operator.call('banpubkey', keys[2], 'r'.repeat(256));
  assert.equal((await operator.call('listbannedpubkeys')).length, 2);
});

test('the log has method and result of a call, and nobody’s key, address or reason', async (t) => {
  const { relay, operator } = await managed(t);
  const mallory = new NostrKey();
  await operator.call('banpubkey', mallory.pubkey, 'a reason of mine');
  await operator.call('blockip', '203.0.113.9', 'a reason of mine');
  await operator.refusal('unbanpubkey', operator_key.pubkey);
  await operator.refusal('a method of mine');
  const { log } = await relay.stop();
  assert.match(log, /management: banpubkey: done/);
  assert.match(log, /management: blockip: done/);
  assert.match(log, /management: unbanpubkey: not_listed/);
  assert.match(log, /management: an unknown method: unknown_method/);
  for (const secret of [mallory.pubkey, operator_key.pubkey, '203.0.113.9', 'of mine'])
    assert.ok(!log.includes(secret), secret);
});
