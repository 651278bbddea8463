// What the operator reads in the log, and what nobody may read there.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { NostrKey, sign, sign_once } from './support/event.js';
import { Person, new_group_id, opaque_message } from './support/person.js';
import { BINARY, KEPT_LOG, Relay, run, temporary_folder, to_toml } from './support/relay.js';
import { roster } from './support/roster.js';
import { Town } from './support/town.js';

const k = ['k', '1'];
const gateway = (keys) => ({ 'extensions.mls_gateway': keys });

describe('the log holds neither keys, group ids, content nor tokens', () => {
  /** Everything of an event that says who or what. */
  const words_of = ({ id, pubkey, sig, content, tags }) => [
    id,
    pubkey,
    sig,
    content,
    ...tags.filter(([name]) => name.length === 1 && name !== 'k').map(([, value]) => value),
    ...tags.filter(([name]) => name === 'kpr').map(([, value]) => value),
  ];

  for (const level of ['info', 'debug', 'trace']) {
    test(`at level ${level}, after a whole conversation with refusals and faults`, async (t) => {
      const relay = await Relay.of(t, { log: { level } });
      const town = new Town(relay);
      await town.begin();
      await town.go_on();
      const { alice, carol, alice_at, h } = town;
      const good = await alice.key_package_event();
      const faulty = sign(alice, { ...good, content: 'AAECAAEC' });
      await alice_at.post(faulty);
      await alice_at.rejection(roster(alice, h, 'nonsense', { seq: 1 }));
      const removal = roster(alice, h, 'remove', { seq: 7, p: [carol], name: 'Surprise party' });
      await alice_at.post(removal);
      const mallory = new Person();
      const mallory_at = await relay.connect();
      const challenge = await mallory_at.challenge();
      await mallory_at.auth(mallory, { relay: 'wss://elsewhere.example' });
      await mallory_at.rejection(opaque_message(h, { tags: [k] }));
      await mallory_at.refusal({ kinds: [445], '#h': [h], authors: [mallory.pubkey] });
      mallory_at.send('["EVENT",{"content":"half an event');
      await mallory_at.next('NOTICE', 0);

      const { log } = await relay.stop();
      assert.match(log, /a key package was accepted with faults/);
      assert.ok(log.length < KEPT_LOG, 'more than is kept of a log here');
      const events = [...town.secrets.events, faulty, removal];
      const words = [...events.flatMap(words_of), mallory.pubkey, challenge, h, town.near];
      words.push('Surprise party', 'half an event', 'psst');
      for (const word of words.filter(Boolean))
        assert.ok(!log.includes(word), `"${word}" in the log`);
    });
  }

  test('where the operator’s secrets are used or mistaken', async (t) => {
    const secret = 'hunter2-hunter2-hunter2';
    const acl_url = 'http://127.0.0.1:1'; // nobody is there
    const relay = await Relay.of(t, {
      log: { level: 'trace' },
      ...gateway({
        membership: 'acl',
        acl_url,
        acl_token: secret,
        enable_api: true,
        service_tokens: [secret],
      }),
    });
    const at = await relay.connect(new Person());
    await at.rejection(opaque_message(new_group_id(), { tags: [k] })); // no answer is no
    const drop = `${relay.http_url}/api/v1/mls/acl/invalidate`;
    const call = (url, headers = {}) => fetch(url, { method: 'POST', body: '{}', headers });
    assert.ok((await call(drop, { authorization: `Bearer ${secret}` })).ok);
    for (const query of [`?token=${secret}`, `?access_token=${secret}`, `?key=${secret}`])
      assert.equal((await call(drop + query)).status, 401, 'a token in an address is none');
    assert.ok(!(await relay.stop()).log.includes(secret));

    const folder = await temporary_folder(t);
    const file = join(folder, 'gateway.toml');
    for (const mistake of [
      { storage_backend: 'postgres', database_url: `postgres://relay:${secret}@db.example/x` },
      { membership: 'acl', acl_url: `http://relay:${secret}@acl.example` },
      { membership: 'acl', acl_url, acl_token: `${secret}\n` },
      { admin_keys: [secret] },
    ]) {
      await writeFile(file, to_toml({ data: { path: join(folder, 'data') }, ...gateway(mistake) }));
      const { code, output } = await run(['relay', '-c', file]);
      assert.ok(code > 0, `${Object.keys(mistake)} were taken`);
      assert.ok(!output.includes(secret), output);
    }
  });
});

const at_level = (level, more = {}) => ({ log: { level, ...more } });
const from = (relay, target) => relay.log_lines.filter((line) => line.target === target);
/** What was said of one connection, in order. */
const about = (relay, connection) =>
  relay.log_lines.filter(({ fields }) => fields.connection === connection);

describe('a line of JSON', () => {
  test('has the five members of the specification, whatever happens', async (t) => {
    const relay = await Relay.of(t, at_level('trace'));
    const town = new Town(relay);
    await town.begin();
    await town.go_on();
    (await relay.connect()).send('"no message');
    await relay.reconfigure({ limits: { max_limit: 400 } }, { told: /not reloaded/ });
    await relay.stop();
    const lines = relay.log_lines;
    assert.ok(lines.length > 50, `${lines.length} lines`);
    for (const line of lines) {
      assert.deepEqual(Object.keys(line), ['timestamp', 'level', 'target', 'message', 'fields']);
      assert.match(line.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(Math.abs(Date.parse(line.timestamp) - Date.now()) < 120_000, line.timestamp);
      assert.match(line.level, /^(TRACE|DEBUG|INFO|WARN|ERROR)$/);
      assert.match(line.target, /^mls_gateway::[a-z_]+$/);
      assert.equal(typeof line.message, 'string');
      assert.equal(Object.prototype.toString.call(line.fields), '[object Object]');
    }
  });

  test('is what stderr gets where it is no terminal; a terminal gets text, coloured unless NO_COLOR', async (t) => {
    const folder = await temporary_folder(t);
    const file = join(folder, 'gateway.toml');
    const port = 1; // taken by privilege or by nobody: either way it ends at once with a line
    await writeFile(
      file,
      to_toml({ server: { host: '192.0.2.1', port }, data: { path: join(folder, 'data') } }),
    );
    const piped = await run(['relay', '-c', file]);
    assert.equal(JSON.parse(piped.stderr.trim().split('\n').at(-1)).level, 'ERROR');
    const on_terminal = (env = {}) =>
      run(['-qec', `'${BINARY}' relay -c '${file}'`, '/dev/null'], { env, program: 'script' });
    const coloured = /\u001b\[[0-9;]*m/;
    const { output } = await on_terminal({ NO_COLOR: '' });
    assert.match(output.replaceAll(new RegExp(coloured, 'g'), ''), /^\S+ \S+Z ERROR app {10}/m);
    assert.match(output, coloured);
    assert.doesNotMatch((await on_terminal({ NO_COLOR: '1' })).output, coloured);
    const text = await run(['relay', '-c', file], { env: { MLS_GATEWAY_LOG_FORMAT: 'text' } });
    assert.match(text.stderr, /^\S+ \S+Z ERROR app {10}/m);
  });
});

describe('levels', () => {
  const asks = async (relay) => {
    assert.equal((await relay.get('/health')).status, 200);
    await (await relay.connect()).query({ limit: 1 });
  };

  test('are set for single targets, in the file and by the usual variables', async (t) => {
    for (const set of [
      (relay) => (relay.config.log = { level: 'error,net=debug' }),
      (relay) => (relay.env = { RUST_LOG: 'error,mls_gateway::net=debug,hyper=trace' }),
      (relay) => (relay.env = { LOG_LEVEL: 'ERROR,net=DEBUG', RUST_LOG: 'off' }),
    ]) {
      const relay = await Relay.of(t);
      await relay.stop();
      set(relay);
      await relay.resume();
      await asks(relay);
      await relay.stop();
      assert.ok(from(relay, 'mls_gateway::net').length > 0);
      assert.deepEqual(
        relay.log_lines.filter(({ target }) => target !== 'mls_gateway::net'),
        [],
      );
    }
  });

  test('change while it runs', async (t) => {
    const relay = await Relay.of(t, at_level('info'));
    await asks(relay);
    assert.deepEqual(from(relay, 'mls_gateway::relay'), []);
    await relay.reconfigure({ log: { level: 'info,relay=debug' } });
    await asks(relay);
    await eventually(() => from(relay, 'mls_gateway::relay').length > 3, 'lines at debug');
    assert.deepEqual(from(relay, 'mls_gateway::net'), []);
    await relay.reconfigure({ log: { level: 'info' } });
    const before = from(relay, 'mls_gateway::relay').length;
    await asks(relay);
    await relay.reconfigure({ info: { name: 'later' } }); // what came before has been logged by now
    const after = from(relay, 'mls_gateway::relay');
    // A connection that was open while the level changed may have said its last at debug.
    assert.deepEqual(after.slice(before).filter(({ level }) => level === 'DEBUG'), []);
  });

  test('a level nobody knows, or of a part that is not there, is refused with those that are', async (t) => {
    const folder = await temporary_folder(t);
    const file = join(folder, 'gateway.toml');
    for (const [level, message] of [
      ['loud', /log\.level: "loud" is not known; use trace, debug/],
      ['info,ned=debug', /log\.level: "ned" is no part of the relay; known are app, net/],
    ]) {
      await writeFile(file, to_toml({ log: { level } }));
      const { code, output } = await run(['check-config', '-c', file]);
      assert.ok(code > 0);
      assert.match(output, message);
    }
  });
});

test('one connection can be followed by its number: open, AUTH, REQ, EVENT and their ends', async (t) => {
  const relay = await Relay.of(t, at_level('debug'));
  const key = new NostrKey();
  const other = await relay.connect();
  const at = await relay.connect(key);
  await at.post(sign_once({ kind: 7 }));
  await at.rejection(sign_once({ kind: 444 }));
  await at.query({ kinds: [7], limit: 1 });
  await at.close();
  const closed = () =>
    relay.log_lines.find(({ message, fields }) => message === 'connection closed' && fields.received > 3);
  await eventually(closed, 'its last line');
  const { connection } = closed().fields;
  const lines = about(relay, connection);
  const said = lines.map(({ message, fields: { verb, kind, accepted, result } }) =>
    [message, verb, kind, accepted, result].filter((part) => part !== undefined && part !== '').join(' '),
  );
  for (const part of [
    'connection opened',
    'received AUTH 22242',
    'answered OK true',
    'received EVENT 7',
    'received EVENT 444',
    'answered OK false',
    'received REQ',
    'connection closed',
  ])
    assert.ok(said.some((line) => line.startsWith(part)), `${part} in ${said.join(' | ')}`);
  const { fields } = closed();
  assert.equal(fields.code, 1005);
  assert.ok(fields.received >= 4 && fields.sent >= 5 && fields.seconds >= 0);
  await other.query({ limit: 1 });
  assert.equal(about(relay, connection).length, lines.length, 'what another one does is not its own');
});

test('an HTTP answer bears the id by which the log knows it', async (t) => {
  const relay = await Relay.of(t, at_level('info,net=debug'));
  const { headers } = await relay.get('/health?secret=hunter2');
  const id = headers['x-request-id'];
  assert.match(id, /^[0-9a-f]{16}$/);
  const line = () => relay.log_lines.find(({ fields }) => fields.request === id);
  await eventually(line, 'the line of the request');
  assert.equal(line().fields.path, '/health');
  assert.equal(line().fields.status, 200);
  await relay.get('/nowhere/hunter2');
  assert.doesNotMatch(relay.log, /hunter2/);
});

test('an address is never logged, or as a word that is the same for one client', async (t) => {
  const relay = await Relay.of(t, at_level('debug'));
  const elsewhere = { localAddress: '127.0.0.2' }; // the relay's own address is no secret
  const opened = () => relay.log_lines.filter(({ message }) => message === 'connection opened');
  await relay.open(elsewhere);
  await eventually(() => opened().length > 0, 'a connection');
  assert.ok(opened().every(({ fields }) => !('client' in fields)));
  await relay.reconfigure({ log: { level: 'debug', client_addresses: 'hashed' } });
  const before = opened().length;
  await relay.open(elsewhere);
  await relay.open(elsewhere);
  await eventually(() => opened().length >= before + 2, 'two more');
  const clients = opened().slice(before).map(({ fields }) => fields.client);
  assert.match(clients[0], /^[0-9a-f]{16}$/);
  assert.equal(new Set(clients).size, 1);
  assert.ok(!relay.log.includes(elsewhere.localAddress));
});

test('what repeats is said once, with how often', async (t) => {
  const relay = await Relay.of(t, { server: { workers: 1 } });
  const owner = new Person();
  const at = await relay.connect(owner);
  const good = await owner.key_package_event();
  for (let n = 0; n < 5; n += 1) {
    const tags = good.tags.map((tag) => (tag[0] === 'kpr' ? ['kpr', `faulty ${n}`] : tag));
    await at.post(sign(owner, { ...good, tags, content: 'AAECAAEC' }));
  }
  const said = relay.log_lines.filter(({ message }) => /accepted with faults/.test(message));
  assert.equal(said.length, 1);
  assert.equal(said[0].fields.times, 1);
});
