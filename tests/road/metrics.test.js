// [metrics]: each number moves by what was done, whoever may ask gets it, and it names nobody.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { eventually, within } from './support/deadline.js';
import { NostrKey, sign, sign_once } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { moved, parse_metrics, scrape } from './support/metrics.js';
import { Person, gift_wrap, opaque_message } from './support/person.js';
import { Relay, free_port, run, temporary_folder, to_toml } from './support/relay.js';

const TOKEN = 'a-token-of-the-operator';
const note = (text, key = new NostrKey()) => sign(key, { content: text });
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });

async function measured(overrides = {}) {
  const port = await free_port();
  const relay = await Relay.start({ metrics: { bind: `127.0.0.1:${port}` }, ...overrides });
  relay.metrics_url = `http://127.0.0.1:${port}`;
  relay.metrics = async () => parse_metrics(await scrape(relay.metrics_url));
  return relay;
}

/** What `act` moves. */
async function moves(relay, act) {
  const start = await relay.metrics();
  await act();
  return moved(start, await relay.metrics());
}

/** Asserts that these series moved by so much; histograms and others may have moved too. */
function assert_moved(changes, expected) {
  const found = Object.fromEntries(Object.keys(expected).map((key) => [key, changes[key] ?? 0]));
  assert.deepEqual(found, expected);
}

describe('numbers', () => {
  let relay;
  before(async () => (relay = await measured()));
  after(() => relay.remove());

  test('an event that is taken, sent again and refused', async () => {
    const at = await relay.connect();
    const event = note('hello');
    const changes = await moves(relay, async () => {
      await at.post(event);
      await at.post(event);
      await at.rejection(sign(new NostrKey(), { created_at: 4e9 }));
      at.send('nonsense');
      await at.next('NOTICE', 0);
    });
    assert_moved(changes, {
      'nostr_events_total{kind="1"}': 1,
      'nostr_client_messages_total{verb="EVENT"}': 3,
      'nostr_client_messages_total{verb="other"}': 1,
      'nostr_relay_messages_total{verb="OK"}': 3,
      'nostr_relay_messages_total{verb="NOTICE"}': 1,
      'mls_gateway_rejects_total{verb="EVENT",prefix="duplicate"}': 1,
      'mls_gateway_rejects_total{verb="EVENT",prefix="invalid"}': 1,
      mls_gateway_publish_duration_seconds_count: 3,
      mls_gateway_commit_duration_seconds_count: 2,
      mls_gateway_commit_events_sum: 2,
      'mls_gateway_db_operation_duration_seconds_count{operation="append"}': 2,
      mls_gateway_store_events: 1,
    });
  });

  test('keys that are proved, and one that is not', async () => {
    const changes = await moves(relay, async () => {
      const at = await relay.connect(new Person(), new Person());
      const refused = await at.auth(new Person(), { challenge: 'another one' });
      assert.equal(refused.accepted, false);
      const from = at.messages.length;
      at.send(['AUTH', { ...sign_once({ kind: 22242 }), created_at: -1 }]);
      assert.equal((await at.next('OK', from))[2], false);
    });
    assert_moved(changes, {
      'mls_gateway_auth_total{result="ok"}': 2,
      'mls_gateway_auth_total{result="failed"}': 2,
      'nostr_client_messages_total{verb="AUTH"}': 4,
    });
    const reasons = Object.keys(changes).filter((key) => key.includes('verb="AUTH",prefix='));
    assert.equal(reasons.length, 1);
  });

  test('events delivered as stored and live, once for each subscriber', async () => {
    const [writer, one, two] = [
      await relay.connect(),
      await relay.connect(),
      await relay.connect(),
    ];
    const tag = randomBytes(8).toString('hex');
    const tagged = () => sign_once({ tags: [['t', tag]] });
    await writer.post(tagged());
    const changes = await moves(relay, async () => {
      const filter = { kinds: [1], '#t': [tag] };
      const hears = [await one.subscribe(filter), await two.subscribe(filter)];
      await writer.post(tagged());
      for (const each of hears) await each.next();
    });
    assert_moved(changes, {
      'mls_gateway_deliveries_total{source="stored"}': 2,
      'mls_gateway_deliveries_total{source="live"}': 2,
      'nostr_relay_messages_total{verb="EVENT"}': 4,
      'nostr_relay_messages_total{verb="EOSE"}': 2,
      mls_gateway_query_duration_seconds_count: 2,
      mls_gateway_subscriptions: 2,
    });
  });

  test('connections and subscriptions that come and go', async () => {
    const start = await relay.metrics();
    const at = await relay.connect();
    await at.subscribe({ kinds: [1] });
    await at.subscribe({ kinds: [2] });
    const open = moved(start, await relay.metrics());
    assert_moved(open, { mls_gateway_subscriptions: 2, mls_gateway_connections_accepted_total: 1 });
    assert.ok(open.mls_gateway_connections >= 1);
    at.terminate();
    await eventually(
      async () => !moved(start, await relay.metrics()).mls_gateway_subscriptions,
      'its subscriptions to be gone',
    );
  });

  test('requests that are refused, by verb and prefix', async () => {
    const at = await relay.connect();
    const changes = await moves(relay, async () => {
      assert.match(await at.refusal({ kinds: [1059] }), /^auth-required: /);
      await assert.rejects(at.count({ kinds: [1059] }), /auth-required: /);
      assert.match(await at.refusal({ search: 'x' }), /^unsupported: /);
      at.send(['NEG-OPEN', 'n', { kinds: [1059] }, '61']);
      await at.next('NEG-ERR', 0);
    });
    assert_moved(changes, {
      'mls_gateway_rejects_total{verb="REQ",prefix="auth-required"}': 1,
      'mls_gateway_rejects_total{verb="REQ",prefix="unsupported"}': 1,
      'mls_gateway_rejects_total{verb="COUNT",prefix="auth-required"}': 1,
      'mls_gateway_rejects_total{verb="NEG-OPEN",prefix="auth-required"}': 1,
      'nostr_relay_messages_total{verb="CLOSED"}': 3,
      'nostr_relay_messages_total{verb="NEG-ERR"}': 1,
    });
  });

  test('a group: invitations, members, messages, and what is kept from outsiders', async () => {
    let group;
    const founding = await moves(relay, async () => (group = await alice_and_bob(relay)));
    assert.ok(founding.mls_gateway_membership_updates_total >= 2);
    assert.ok(founding.mls_gateway_groups_updated_total >= 1);
    assert.ok(founding['mls_gateway_events_processed_total{kind="1059"}'] >= 1);

    const { h, alice_at, bob_at } = group;
    const outsider = await relay.connect(new Person());
    const changes = await moves(relay, async () => {
      const hears = await bob_at.subscribe({ kinds: [445], '#h': [h], since: 0, limit: 0 });
      const open = await outsider.subscribe({ kinds: [445], '#h': [h], limit: 0 });
      await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
      await hears.next();
      await outsider.catch_up(alice_at);
      assert.deepEqual(open.events, []);
      assert.deepEqual(await outsider.query({ kinds: [445], '#h': [h], limit: 1 }), []);
      assert.match(
        await outsider.rejection(opaque_message(h, { tags: [['k', '1']] })),
        /^restricted: /,
      );
    });
    assert_moved(changes, {
      'mls_gateway_events_processed_total{kind="445"}': 1,
      'nostr_events_total{kind="445"}': 1,
      'mls_gateway_rejects_total{verb="EVENT",prefix="restricted"}': 1,
    });
    // Live once, and stored at least once.
    assert.ok(changes['mls_gateway_denials_total{kind="445"}'] >= 2);
    assert.equal(changes['mls_gateway_denials_total{kind="1"}'], undefined);
  });

  test('key packages', async () => {
    const alice = new Person();
    const at = await relay.connect(alice);
    const changes = await moves(relay, async () => {
      await at.post(await alice.key_package_event());
      await at.post(await alice.marmot_key_package_event());
    });
    assert_moved(changes, {
      mls_gateway_keypackages_stored_total: 2,
      'mls_gateway_events_processed_total{kind="443"}': 1,
      'mls_gateway_events_processed_total{kind="30443"}': 1,
    });
  });

  test('kinds that clients make up share a label', async () => {
    const at = await relay.connect();
    const changes = await moves(relay, async () => {
      for (const kind of [4711, 1234, 39_999])
        await at.post(sign_once({ kind, tags: [['d', 'x']] }));
    });
    assert_moved(changes, { 'nostr_events_total{kind="other"}': 3 });
  });

  test('a scrape moves nothing but itself', async () => {
    await eventually(async () => {
      const changes = await moves(relay, async () => {});
      return Object.keys(changes).every((key) =>
        /^process_|_queue_depth|operation="purge"/.test(key),
      );
    }, 'two scrapes with the same numbers');
  });
});

test('groups and key packages there are, after a restart too', async (t) => {
  const relay = await measured();
  t.after(() => relay.remove());
  const totals = async () => {
    const found = await relay.metrics();
    return ['groups', 'key_packages'].map((name) => found.get(`mls_gateway_${name}`));
  };
  assert.deepEqual(await totals(), [0, 0]);
  await alice_and_bob(relay);
  // A count of rows is given again for a while.
  await eventually(async () => (await totals()).join() === '1,1', 'a group and a key package');
  const before = await relay.metrics();
  await relay.restart();
  assert.deepEqual(await totals(), [1, 1]);
  const found = await relay.metrics();
  assert.equal(found.get('mls_gateway_groups_updated_total'), 0);
  assert.equal(found.get('mls_gateway_store_events'), before.get('mls_gateway_store_events'));
});

test('a client that does not read, and one that breaks the protocol', async (t) => {
  const relay = await measured({ limits: { max_send_queue_bytes: 2 * 1024 * 1024 } });
  t.after(() => relay.remove());
  const [stuck, writer] = [await relay.connect(), await relay.connect()];
  await stuck.subscribe({ kinds: [1] });
  stuck.pause();
  for (let n = 0; n < 120; n += 1) await writer.post(note(randomBytes(200 * 1024).toString('hex')));
  stuck.read_on();
  await within(stuck.closed, 'the stuck reader to be dropped');
  writer.send(Buffer.from('binary'));
  await within(writer.closed, 'the binary frame to be refused');
  const found = await relay.metrics();
  assert.equal(found.get('mls_gateway_slow_readers_total'), 1);
  assert.equal(found.get('mls_gateway_protocol_errors_total'), 1);
});

test('events that are answered error: are counted by kind', async (t) => {
  const folder = await temporary_folder(t);
  const slow = join(folder, 'slow.sh');
  await writeFile(slow, '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 });
  const relay = await measured({ 'extensions.write_policy': { plugin: slow, timeout_ms: 100 } });
  t.after(() => relay.remove());
  const alice = new Person();
  const at = await relay.connect(alice);
  const changes = await moves(relay, async () => {
    assert.match(await at.rejection(gift_wrap(alice, alice.pubkey, { kind: 14 })), /^error: /);
  });
  assert_moved(changes, {
    'mls_gateway_errors_total{kind="1059"}': 1,
    'mls_gateway_rejects_total{verb="EVENT",prefix="error"}': 1,
  });
});

test('questions that a sidecar does not answer', async (t) => {
  const acl = { membership: 'acl', acl_url: `http://127.0.0.1:${await free_port()}` };
  const relay = await measured({ 'extensions.mls_gateway': { storage_backend: 'memory', ...acl } });
  t.after(() => relay.remove());
  const at = await relay.connect(new Person());
  const changes = await moves(relay, () =>
    at.rejection(opaque_message('group', { tags: [['k', '1']] })),
  );
  assert.ok(changes.mls_gateway_sidecar_requests_total >= 1);
  assert.equal(
    changes.mls_gateway_sidecar_failures_total,
    changes.mls_gateway_sidecar_requests_total,
  );
});

test('a relay that drains is not ready, and says so to the end', async (t) => {
  const relay = await measured({ server: { drain_s: 5 } });
  t.after(() => relay.remove());
  const waiting = await relay.connect();
  assert.equal((await relay.metrics()).get('mls_gateway_ready'), 1);
  const ended = relay.signal('SIGTERM');
  await eventually(
    async () => (await relay.metrics()).get('mls_gateway_ready') === 0,
    'mls_gateway_ready to be 0',
  );
  assert.equal((await within(waiting.closed, 'the drain to reach the client')).code, 1012);
  assert.deepEqual(await within(ended, 'the relay to end'), { code: 0, signal: null });
});

test('nothing in it names a key, a group, an address or an event', async (t) => {
  const relay = await measured();
  t.after(() => relay.remove());
  const { h, alice, bob, alice_at } = await alice_and_bob(relay);
  const event = await alice_at.post(opaque_message(h, { tags: [['k', '1']] }));
  const text = await scrape(relay.metrics_url);
  for (const secret of [h, alice.pubkey, bob.pubkey, event.id, event.pubkey, '127.0.0.1', '::1'])
    assert.ok(!text.includes(secret), secret);
  const values = {};
  for (const [, labels] of text.matchAll(/^\w+\{(.*)\} /gm)) {
    for (const [, name, value] of labels.matchAll(/(\w+)="([^"]*)"/g))
      (values[name] ??= new Set()).add(value);
  }
  assert.deepEqual(Object.keys(values).sort(), [
    'backend',
    'kind',
    'le',
    'operation',
    'prefix',
    'result',
    'source',
    'verb',
    'version',
    'worker',
  ]);
  for (const kind of values.kind) assert.match(kind, /^(\d{1,5}|other)$/);
  assert.ok(values.kind.size < 64);
  assert.deepEqual([...values.worker], ['0', '1']);
  assert.deepEqual([...values.result].sort(), ['failed', 'ok']);
});

test('every metric that deploy/ names is there, from the start', async (t) => {
  const relay = await measured();
  t.after(() => relay.remove());
  const text = await scrape(relay.metrics_url);
  for (const file of ['prometheus/alerts.yml', 'grafana/mls-gateway.json']) {
    const asked = await readFile(new URL(`../../deploy/${file}`, import.meta.url), 'utf8');
    const names = new Set(asked.match(/\b(mls_gateway|nostr|process)_[a-z_]+\b/g));
    for (const group of ['mls_gateway_alerts', 'mls_gateway_operation']) names.delete(group);
    assert.ok(names.size > 8);
    for (const name of names) assert.match(text, new RegExp(`^${name}[ {]`, 'm'), file);
  }
});

describe('who may ask', () => {
  test('nobody, unless it is configured', async (t) => {
    const relay = await Relay.of(t);
    assert.equal((await relay.get('/metrics')).status, 404);
    assert.equal((await relay.get('/metrics', bearer(TOKEN))).status, 404);
  });

  test('with a token alone: its bearer, on the relay’s port', async (t) => {
    const relay = await Relay.of(t, { metrics: { token: TOKEN } });
    assert.equal((await relay.get('/metrics', bearer(TOKEN))).status, 200);
    for (const wrong of [{}, bearer(`${TOKEN}x`), bearer(TOKEN.slice(1)), bearer('')]) {
      const refused = await relay.get('/metrics', wrong);
      assert.equal(refused.status, 401);
      assert.equal(refused.headers['www-authenticate'], 'Bearer');
      assert.equal(JSON.parse(refused.body).code, 'unauthorized');
    }
    assert.equal((await relay.get(`/metrics?token=${TOKEN}`)).status, 401);
    assert.ok(!relay.log.includes(TOKEN));
  });

  test('with a token from the environment', async (t) => {
    const relay = await Relay.of(t);
    relay.env = { MLS_GATEWAY_METRICS_TOKEN: TOKEN };
    await relay.restart();
    assert.equal((await relay.get('/metrics', bearer(TOKEN))).status, 200);
    assert.equal((await relay.get('/metrics')).status, 401);
  });

  test('with a socket of its own: who reaches it, with the probes and nothing else', async (t) => {
    const relay = await measured();
    t.after(() => relay.remove());
    assert.equal((await relay.get('/metrics')).status, 404);
    for (const [path, status] of Object.entries({ '/livez': 200, '/readyz': 200, '/': 404, '/health': 404 }))
      assert.equal((await fetch(relay.metrics_url + path)).status, status, path);
    await assert.rejects(relay.open({}, relay.metrics_url.replace('http', 'ws')), /404/);
  });

  test('with both: the bearer, and there alone', async (t) => {
    const bind = `127.0.0.1:${await free_port()}`;
    const relay = await Relay.of(t, { metrics: { bind, token: TOKEN } });
    assert.equal((await fetch(`http://${bind}/metrics`)).status, 401);
    assert.equal((await fetch(`http://${bind}/metrics`, bearer(TOKEN))).status, 200);
    assert.equal((await relay.get('/metrics', bearer(TOKEN))).status, 404);
  });
});

describe('mistakes in [metrics]', () => {
  async function start_with(t, metrics, verb = 'relay') {
    const home = await temporary_folder(t);
    const file = join(home, 'gateway.toml');
    const server = { host: '127.0.0.1', port: await free_port(), workers: 1 };
    await writeFile(file, to_toml({ server, data: { path: join(home, 'data') }, metrics }));
    return run([verb, '-c', file]);
  }

  test('a port that is taken ends the start and names the key', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { code, output } = await start_with(t, { bind: `127.0.0.1:${other.address().port}` });
    assert.equal(code, 1);
    assert.match(output, /is taken by another program; stop it or set \[metrics\] bind/);
  });

  test('an address that is none, and a short token, which is not repeated', async (t) => {
    const wrong = await start_with(t, { bind: 'everywhere', token: 'tooshort' }, 'check-config');
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.output, /bind.*127\.0\.0\.1:9464/);
    assert.match(wrong.output, /token.*16 characters/);
    assert.ok(!wrong.output.includes('tooshort'));
  });

  test('a token that is right is not printed either', async (t) => {
    const right = await start_with(t, { token: TOKEN }, 'check-config');
    assert.equal(right.code, 0);
    assert.ok(!right.output.includes(TOKEN));
  });
});
