// `mls-gateway sync`: the store of a relay that does not serve is made equal with another relay
// that does (NIP-77).
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { WebSocketServer } from 'ws';

import { within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { learn, named, negentropy_of } from './support/reconcile.js';
import { Proxy } from './support/proxy.js';
import { BINARY, Relay, run, temporary_folder } from './support/relay.js';

let far; // the relay that serves
before(async () => (far = await Relay.start()));
after(() => far?.remove());

const by = ({ pubkey }) => ({ authors: [pubkey] });
const sorted_ids = (events) => ids(events).sort();
const notes_of = (author, count, template = {}) =>
  Array.from({ length: count }, (_, n) =>
    sign(author, { created_at: now_s() - n, content: `note ${n}`, ...template }),
  );
const post_all = async (relay, events) => {
  const at = await relay.connect();
  await Promise.all(events.map((event) => at.post(event)));
};

/** A relay with these events that does not serve for now: only its store is there. */
async function resting(t, events = [], overrides) {
  const near = await Relay.of(t, overrides);
  await post_all(near, events);
  await near.stop();
  return near;
}

/** Runs the command: {code, stdout, stderr, summary}. */
async function sync(near, filter, { url = far.url, args = [], env } = {}) {
  const filter_text = typeof filter === 'string' ? filter : JSON.stringify(filter);
  const command = ['sync', url, filter_text, '-c', near.config_file, ...args];
  const ended = await run(command, { env, ms: 60_000 });
  return { ...ended, summary: ended.stdout ? JSON.parse(ended.stdout) : null };
}

/** The ids that a relay names, once it serves. */
async function held(near, filter) {
  await near.resume();
  return named(await near.connect(), filter);
}

describe('two relays', () => {
  test('end equal, each with what the other had', async (t) => {
    const author = new NostrKey();
    const [common, here, there] = [
      notes_of(author, 30),
      notes_of(author, 110, { kind: 7 }),
      notes_of(author, 70, { kind: 8 }),
    ];
    await post_all(far, [...common, ...there]);
    const near = await resting(t, [...common, ...here]);
    const { code, summary, stderr } = await sync(near, by(author));
    assert.equal(code, 0, stderr);
    assert.deepEqual(summary, {
      url: far.url,
      complete: true,
      equal: true,
      stored: there.length,
      sent: here.length,
      superseded: 0,
      refused_here: 0,
      refused_there: 0,
      withheld: 0,
    });
    const all = sorted_ids([...common, ...here, ...there]);
    assert.deepEqual(await held(near, by(author)), all);
    assert.deepEqual(await named(await far.connect(), by(author)), all);
    assert.match(stderr, /140 events here; only here 110, only there 70/);
  });

  test('that are equal have nothing to do', async (t) => {
    const author = new NostrKey();
    const events = notes_of(author, 40);
    await post_all(far, events);
    const near = await resting(t, events);
    const { code, summary } = await sync(near, by(author));
    assert.deepEqual([code, summary.stored, summary.sent], [0, 0, 0]);
  });

  for (const [direction, stored, sent] of [
    ['down', 2, 0],
    ['up', 0, 3],
  ])
    test(`move events ${direction} alone with --dir ${direction}`, async (t) => {
      const author = new NostrKey();
      const [here, there] = [notes_of(author, 3, { kind: 7 }), notes_of(author, 2)];
      await post_all(far, there);
      const near = await resting(t, here);
      const { code, summary } = await sync(near, by(author), { args: ['--dir', direction] });
      assert.deepEqual([code, summary.stored, summary.sent], [0, stored, sent]);
      assert.equal((await held(near, by(author))).length, 3 + stored);
      assert.equal((await named(await far.connect(), by(author))).length, 2 + sent);
    });

  test('keep the newer version of what can be replaced, on both sides', async (t) => {
    const author = new NostrKey();
    const profile = (age, kind) => sign(author, { kind, created_at: now_s() - age });
    const [old_here, new_there] = [profile(10, 0), profile(5, 0)];
    const [new_here, old_there] = [profile(5, 3), profile(10, 3)];
    await post_all(far, [new_there, old_there]);
    const near = await resting(t, [old_here, new_here]);
    const { code, stderr } = await sync(near, by(author));
    assert.equal(code, 0, stderr);
    const newest = sorted_ids([new_there, new_here]);
    assert.deepEqual(await held(near, by(author)), newest);
    assert.deepEqual(await named(await far.connect(), by(author)), newest);
  });

  test('move more events in a minute than one client may publish', async (t) => {
    const author = new NostrKey();
    const h = new_group_id();
    const messages = Array.from({ length: 12 }, () => opaque_message(h));
    await post_all(far, [...messages, ...notes_of(author, 1)]);
    const rate_limits = { max_events_per_minute: 2, max_group_messages_per_minute: 2 };
    const near = await resting(t, [], { 'extensions.mls_gateway.rate_limits': rate_limits });
    const { code, summary, stderr } = await sync(near, { kinds: [445], '#h': [h] });
    assert.equal(code, 0, stderr);
    assert.equal(summary.stored, messages.length);
  });
});

describe('what is not for everybody', () => {
  test('does not leave: the store shows a stranger what a stranger may read', async (t) => {
    const [alice, bob] = [new Person(), new Person()];
    const near = await Relay.of(t);
    const alice_at = await near.connect(alice);
    const h = new_group_id();
    const note = await alice_at.post(sign(alice, { content: 'public' }));
    const gated = [
      await alice_at.post(sign(alice, { kind: 445, tags: [['h', h], ['k', '0']], content: 'x' })),
      await alice_at.post(gift_wrap(alice, bob.pubkey, { kind: 14 })),
      await alice_at.post(await alice.key_package_event()),
    ];
    await near.stop();
    const told = [];
    const listener = await relay_that((message) => void told.push(message));
    t.after(() => listener.close());
    await sync(near, {}, { url: listener.url });
    const { stderr, code } = await sync(near, {}, { args: ['--dir', 'up'] });
    assert.equal(code, 0, stderr);
    const sent = told.filter(([verb]) => verb === 'EVENT').map(([, event]) => event.id);
    assert.deepEqual(sent, [note.id]);
    const far_at = await far.connect(alice, bob);
    assert.equal((await far_at.query({ ids: ids(gated) })).length, 0);
  });

  test('does not arrive: whoever gives it to anybody is refused, and that is said', async (t) => {
    const [alice, bob] = [new Person(), new Person()];
    const h = new_group_id();
    const note = sign(alice, { content: 'public' });
    const tampered = { ...sign(alice, { content: 'signed' }), content: 'something else' };
    const gated = [
      sign(alice, { kind: 444, content: 'a bare Welcome' }),
      sign(alice, { kind: 445, tags: [['h', h], ['k', '0']] }),
      sign(alice, { kind: 450, tags: [['h', h], ['seq', '1'], ['op', 'bootstrap']] }),
      sign(alice, { kind: 446, tags: [['p', bob.pubkey]] }),
      gift_wrap(alice, bob.pubkey, { kind: 444 }, [['h', h], ['v', 'gift.1']]),
      await alice.key_package_event(),
      sign(alice, { tags: [['-']], content: 'protected' }),
      sign(alice, { kind: 22242, tags: [['challenge', 'x']] }),
      sign(alice, { tags: [['expiration', '1700000000']] }),
    ];
    const events = [note, tampered, ...gated];
    const loose = await relay_that(() => {}, events);
    t.after(() => loose.close());
    const near = await resting(t);
    const { code, summary, stderr } = await sync(near, {}, { url: loose.url });
    assert.equal(code, 1, stderr);
    assert.deepEqual(
      [summary.equal, summary.complete, summary.stored, summary.refused_here],
      [false, true, 1, events.length - 1],
    );
    for (const { id } of [tampered, ...gated])
      assert.match(stderr, new RegExp(`refused here: ${id} [a-z-]+: `));
    await near.resume();
    const members_at = await near.connect(alice, bob);
    assert.deepEqual(ids(await members_at.query({})), [note.id]);
    assert.deepEqual(await members_at.query({ ids: ids(events.slice(1)) }), []);
  });

  test('an event that nobody asked for does not come in', async (t) => {
    const author = new NostrKey();
    const [named_event, other] = notes_of(author, 2);
    const pushy = await relay_that(
      ([verb, id], say) => verb === 'REQ' && say(['EVENT', id, other]),
      [named_event],
    );
    t.after(() => pushy.close());
    const near = await resting(t);
    const { code, summary } = await sync(near, by(author), { url: pushy.url });
    assert.deepEqual([code, summary.stored], [0, 1]);
    assert.deepEqual(await held(near, by(author)), [named_event.id]);
  });

  test('an event that is named and not given is reported', async (t) => {
    const author = new NostrKey();
    const events = notes_of(author, 3);
    const shy = await relay_that(() => {}, events, { gives: events.slice(1) });
    t.after(() => shy.close());
    const near = await resting(t);
    const { code, summary } = await sync(near, by(author), { url: shy.url });
    assert.deepEqual([code, summary.withheld, summary.stored], [1, 1, 2]);
  });
});

describe('when it is interrupted', () => {
  test('by the network, it connects again and goes on where it was', async (t) => {
    const author = new NostrKey();
    const [here, there] = [notes_of(author, 40, { kind: 7 }), notes_of(author, 150)];
    await post_all(far, there);
    const near = await resting(t, here);
    const proxy = await Proxy.to(far, { cuts: [1, 60, 190] });
    t.after(() => proxy.close());
    const { code, summary, stderr } = await sync(near, by(author), { url: proxy.url });
    assert.equal(code, 0, stderr);
    assert.equal(proxy.cut, 3);
    assert.match(stderr, /again in 1 s/);
    assert.equal(summary.equal, true);
    const all = sorted_ids([...here, ...there]);
    assert.deepEqual(await held(near, by(author)), all);
    assert.deepEqual(await named(await far.connect(), by(author)), all);
  });

  test('by being killed, the next run brings the rest', async (t) => {
    const author = new NostrKey();
    const there = notes_of(author, 220);
    await post_all(far, there);
    const near = await resting(t);
    const proxy = await Proxy.to(far, { halts_after: 150 });
    t.after(() => proxy.close());
    const args = ['sync', proxy.url, JSON.stringify(by(author)), '-c', near.config_file];
    const child = spawn(BINARY, args, { stdio: 'ignore' });
    await within(proxy.halted, 'the first run to be half way');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { code, summary, stderr } = await sync(near, by(author));
    assert.equal(code, 0, stderr);
    assert.ok(summary.stored > 0 && summary.stored < there.length, `${summary.stored} were left`);
    assert.deepEqual(await held(near, by(author)), sorted_ids(there));
  });
});

describe('over TLS', () => {
  /** A certificate for `name` that it signed itself: {key, cert, file}. */
  async function certificate_of(t, name) {
    const folder = await temporary_folder(t);
    const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-days', '2'];
    const files = ['-keyout', key, '-out', file];
    const kind = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes'];
    execFileSync('openssl', [...kind, ...subject, ...files], { stdio: 'ignore' });
    return { key: await readFile(key), cert: await readFile(file), file };
  }

  test('a relay is believed whose certificate is good for its name', async (t) => {
    const author = new NostrKey();
    const certificate = await certificate_of(t, 'localhost');
    const relay = await relay_that(() => {}, notes_of(author, 3), { tls: certificate });
    t.after(() => relay.close());
    const env = { SSL_CERT_FILE: certificate.file };
    const { code, summary, stderr } = await sync(await resting(t), {}, { url: relay.url, env });
    assert.deepEqual([code, summary?.stored], [0, 3], stderr);
  });

  for (const [what, name, trusted] of [
    ['nobody vouches for', 'localhost', false],
    ['is for another name', 'other.example', true],
  ])
    test(`a certificate that ${what} is not taken`, async (t) => {
      const certificate = await certificate_of(t, name);
      const relay = await relay_that(() => {}, notes_of(new NostrKey(), 3), { tls: certificate });
      t.after(() => relay.close());
      const env = trusted ? { SSL_CERT_FILE: certificate.file } : {};
      const { code, summary, stderr } = await sync(await resting(t), {}, { url: relay.url, env });
      assert.equal(code, 2);
      assert.match(stderr, /certificate verify failed/);
      assert.deepEqual([summary.stored, relay.connections], [0, 0]);
    });
});

describe('what cannot be done', () => {
  test('while the relay serves, the store is in use: it says so and what to do', async (t) => {
    const serving = await Relay.of(t);
    const { code, stderr, stdout } = await sync(serving, {});
    assert.equal(code, 2);
    assert.match(stderr, /another process has it open; stop that relay/);
    assert.equal(stdout, '');
  });

  for (const [what, filter, options, expected] of [
    ['a filter that is none', '{"kinds":', {}, /filter/],
    ['an unknown direction', {}, { args: ['--dir', 'sideways'] }, /both, down or up/],
    ['an address that is none', {}, { url: 'example.com' }, /not the URL of a relay/],
    ['an address of the web', {}, { url: 'https://example.com' }, /not the URL of a relay/],
  ])
    test(`${what} is refused with the remedy`, async (t) => {
      const near = await resting(t);
      const { code, stderr } = await sync(near, filter, options);
      assert.equal(code, 2);
      assert.match(stderr, expected);
    });

  test('a store that is only in memory has nothing to compare', async (t) => {
    const memory = { 'extensions.mls_gateway': { storage_backend: 'memory' } };
    const { code, stderr } = await sync(await resting(t, [], memory), {});
    assert.equal(code, 2);
    assert.match(stderr, /"memory" keeps nothing .* works on a store that lasts/);
  });

  test('a relay without NIP-77 is no use, and is not asked again', async (t) => {
    const plain = await relay_that(([verb], say) => {
      if (verb !== 'NEG-OPEN') return false;
      say(['NOTICE', 'ERROR: unknown verb']);
      return true;
    });
    t.after(() => plain.close());
    const { code, stderr, summary } = await sync(await resting(t), {}, { url: plain.url });
    assert.equal(code, 2);
    assert.match(stderr, /does not reconcile \(NIP-77\); it says: ERROR: unknown verb/);
    assert.equal(summary.complete, false);
    assert.equal(plain.connections, 1);
  });

  test('a relay that wants AUTH is refused to be waited for', async (t) => {
    const { code, stderr } = await sync(await resting(t), { kinds: [1059] });
    assert.equal(code, 2);
    assert.match(stderr, /the relay refuses: auth-required: /);
  });

  test('a relay that says nothing is given up in time', async (t) => {
    const silent = await relay_that(() => true);
    t.after(() => silent.close());
    const near = await resting(t);
    const started = Date.now();
    const { code, stderr } = await sync(near, {}, { url: silent.url, args: ['--timeout', '1'] });
    assert.equal(code, 2);
    assert.match(stderr, /said nothing for too long/);
    assert.ok(Date.now() - started < 50_000);
    assert.equal(silent.connections, 4);
  });

  test('a relay that talks nonsense is given up', async (t) => {
    const payloads = ['6100', 'zz', '62'];
    for (const answer of [...payloads.map((hex) => ['NEG-MSG', 'sync', hex]), {}, 7]) {
      const mad = await relay_that((_, say) => say(answer) ?? true);
      t.after(() => mad.close());
      const { code } = await sync(await resting(t), {}, { url: mad.url });
      assert.equal(code, 2, JSON.stringify(answer));
    }
  });
});

/**
 * A relay of one's own, which has `events` and gives them to anybody. `hear(message, say)` hears
 * every message first; what it gives true for is left to it.
 */
async function relay_that(hear, events = [], { gives = events, tls } = {}) {
  const http = tls ? https.createServer(tls) : createServer();
  const server = new WebSocketServer({ server: http });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const scheme = tls ? 'wss://localhost' : 'ws://127.0.0.1';
  const relay = { connections: 0, url: `${scheme}:${http.address().port}` };
  relay.close = () => {
    for (const client of server.clients) client.terminate();
    http.close();
  };
  server.on('connection', (socket) => {
    relay.connections += 1;
    const say = (message) => void socket.send(JSON.stringify(message));
    socket.on('message', (data) => {
      const message = JSON.parse(data);
      if (hear(message, say) === true) return;
      const [verb, id, filter] = message;
      if (verb === 'NEG-OPEN') say(['NEG-MSG', id, name_all(events)]);
      if (verb === 'EVENT') say(['OK', id.id, true, '']);
      if (verb !== 'REQ') return;
      for (const event of gives) if (filter.ids.includes(event.id)) say(['EVENT', id, event]);
      say(['EOSE', id]);
    });
  });
  return relay;
}

/** A list of ids for all time, as an initiator that has them begins. */
function name_all(events) {
  const list = Buffer.concat(events.map(({ id }) => Buffer.from(id, 'hex')));
  assert.ok(events.length < 128);
  const head = Buffer.from([0x61, 0, 0, 2, events.length]);
  const message = Buffer.concat([head, list]).toString('hex');
  assert.equal(learn(message, [], negentropy_of([])).need.length, events.length);
  return message;
}
