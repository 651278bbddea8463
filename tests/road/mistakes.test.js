// Mistakes that relays make and that no other file here would notice; all are in ../README.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually, within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { NoiseKey, noise_message } from './support/noise.js';
import {
  Person,
  gift_wrap,
  invitation_tags,
  new_group_id,
  opaque_message,
} from './support/person.js';
import { BINARY, Relay } from './support/relay.js';
import { roster } from './support/roster.js';

const k = ['k', '1'];
const gateway = (keys) => ({ 'extensions.mls_gateway': keys });
const invitation = (from, to, h) => gift_wrap(from, to.pubkey, { kind: 444 }, invitation_tags(h));

test('an author filter finds who signed, never whom a delegation tag names', async (t) => {
  const relay = await Relay.of(t);
  const [delegator, delegatee] = [new NostrKey(), new NostrKey()];
  const at = await relay.connect();
  const open = await at.subscribe({ authors: [delegator.pubkey] });
  const tags = [['delegation', delegator.pubkey, 'kind=1', '00'.repeat(64)]];
  const event = await at.post(sign(delegatee, { tags }));
  await at.catch_up(at);
  assert.deepEqual(open.events, []);
  assert.deepEqual(await at.query({ authors: [delegator.pubkey] }), []);
  assert.equal(await at.count({ authors: [delegator.pubkey] }), 0);
  assert.deepEqual(ids(await at.query({ authors: [delegatee.pubkey] })), [event.id]);
});

test('a request without limit gets the newest, by whichever index it is read', async (t) => {
  const relay = await Relay.of(t, { limits: { default_limit: 3 } });
  const [author, at] = [new NostrKey(), await relay.connect()];
  const events = [];
  for (let age = 0; age < 6; age += 1) {
    const created_at = now_s() - age;
    events.push(await at.post(sign(author, { kind: 1, created_at, tags: [['t', 'x']] })));
  }
  for (const filter of [{}, { kinds: [1] }, { authors: [author.pubkey] }, { '#t': ['x'] }])
    assert.deepEqual(ids(await at.query(filter)), ids(events.slice(0, 3)), JSON.stringify(filter));
});

test('a request that is refused for its number leaves nothing behind', async (t) => {
  const relay = await Relay.of(t, { limits: { max_subscriptions: 2 } });
  const at = await relay.connect();
  const [one, two] = [await at.subscribe({ kinds: [1] }), await at.subscribe({ kinds: [1] })];
  const refused = Array.from({ length: 200 }, () => at.open([{ kinds: [1] }]));
  for (const each of refused)
    await assert.rejects(each.end_of_stored(), { message: /^CLOSED blocked: / });
  const first = await at.post(sign_once());
  assert.deepEqual([(await one.next()).id, (await two.next()).id], [first.id, first.id]);
  two.close();
  const three = await at.subscribe({ kinds: [1], limit: 0 });
  const second = await at.post(sign_once());
  assert.equal((await three.next()).id, second.id);
  for (const each of refused) assert.deepEqual(each.events, []);
});

test('what is refused is neither stored nor passed on, after a restart neither', async (t) => {
  const relay = await Relay.of(t, gateway({ keypackage_validation: 'strict' }));
  const [alice, bob] = [new Person(), new Person()];
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const h = new_group_id();
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 5, p: [bob] }));
  const good = await alice.key_package_event();
  const package_with = (name, value) =>
    good.tags.map((tag) => (tag[0] === name ? [name, value] : tag));
  const noise = noise_message(alice, bob.pubkey, new NoiseKey().public_key, 'psst');
  const bad = [
    sign(alice, { ...good, tags: package_with('exp', String(now_s() - 10)) }),
    sign(alice, { ...good, tags: package_with('p', bob.pubkey) }),
    sign(alice, { ...good, content: 'bm8ga2V5IHBhY2thZ2U=' }),
    sign(alice, { kind: 444, tags: [['p', bob.pubkey]], content: 'AA==' }),
    sign(alice, { kind: 445, tags: [k], content: 'AA==' }),
    sign(alice, { ...noise, tags: [['v', 'noise.1']] }),
    sign(alice, { kind: 1059, tags: invitation_tags(h), content: 'AA==' }),
    roster(alice, h, 'add', { seq: 5, p: [new NostrKey()] }), // stale
    roster(bob, h, 'promote', { seq: 6, p: [bob] }), // no admin
    { ...sign(alice), sig: sign(bob).sig }, // forged
    sign(new NostrKey(), { tags: [['-']] }), // protected, by somebody else
  ];
  const hears = [];
  for (const at of [alice_at, bob_at])
    for (const filter of [{}, { ids: ids(bad) }, { kinds: [443, 444, 445, 446, 450, 1059] }])
      hears.push(await at.subscribe({ ...filter, limit: 0 }));
  for (const event of bad)
    for (const at of [alice_at, bob_at]) assert.match(await at.rejection(event), /^\w[\w-]*: /);
  for (const at of [alice_at, bob_at]) await at.catch_up(alice_at);
  for (const { live } of hears)
    assert.deepEqual(ids(live).filter((id) => ids(bad).includes(id)), []);
  for (const again of [false, true]) {
    if (again) await relay.restart();
    const at = await relay.connect(alice, bob);
    assert.deepEqual(await at.query({ ids: ids(bad) }), []);
    assert.equal(await at.count({ ids: ids(bad) }), 0);
  }
});

/** Starts the stopped relay once more, with room for files of a few MiB only. */
async function resume_on_a_small_disk(t, relay) {
  const script = `trap '' XFSZ; ulimit -f 4096; exec "$0" relay -c "$1"`;
  const child = spawn('sh', ['-c', script, BINARY, relay.config_file], { stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const healthy = async () => (await fetch(`${relay.http_url}/health`)).ok;
  await eventually(healthy, 'the relay to be healthy');
  return child;
}

test('what could not be saved is refused, and goes out to nobody', async (t) => {
  const relay = await Relay.of(t, { server: { workers: 1 } });
  await relay.stop();
  const child = await resume_on_a_small_disk(t, relay);
  const [writer, reader] = [await relay.connect(), await relay.connect()];
  const hears = await reader.subscribe({ kinds: [1] });
  const saved = [];
  let refusal;
  while (!refusal) {
    const event = sign_once({ content: '.'.repeat(400 * 1024) });
    const { accepted, reason } = await writer.publish(event);
    if (accepted) saved.push(event.id);
    else refusal = reason;
  }
  assert.match(refusal, /^error: /);
  await reader.query({ limit: 0 }); // the one thread has sent what it had to send
  assert.deepEqual(ids(hears.live), saved);
  assert.deepEqual(ids(await reader.query({ kinds: [1] })).sort(), [...saved].sort());
  child.kill('SIGTERM');
  await within(once(child, 'exit'), 'the relay to end');
  await relay.resume();
  const again = await (await relay.connect()).query({ kinds: [1] });
  assert.deepEqual(ids(again).sort(), [...saved].sort());
});

test('with AUTH off gated things are for nobody, and protected events are refused', async (t) => {
  const relay = await Relay.of(t);
  const [alice, bob] = [new Person(), new Person()];
  const alice_at = await relay.connect(alice);
  const h = new_group_id();
  const wrap = await alice_at.post(invitation(alice, bob, h));
  const said = await alice_at.post(opaque_message(h, { tags: [k] }));
  await relay.stop();
  relay.config.auth = { enabled: false };
  await relay.resume();

  const at = await relay.connect();
  for (const filter of [{}, { ids: [wrap.id, said.id] }, { '#h': [h] }, { '#p': [bob.pubkey] }]) {
    assert.deepEqual(await at.query(filter), [], JSON.stringify(filter));
    assert.equal(await at.count(filter), 0);
  }
  for (const kind of [445, 446, 450, 1059])
    assert.notEqual(await at.refusal({ kinds: [kind] }), null);
  for (const event of [
    invitation(alice, bob, h),
    opaque_message(h, { tags: [k] }),
    roster(alice, h, 'add', { seq: 1, p: [bob] }),
    sign(alice, { tags: [['-']] }),
  ])
    assert.match(await at.rejection(event), /^(auth-required|restricted): /);
});

const EXPIRY_BYTES = 8; // in front of every row on disk

/** Makes every copy of the group's record in the store unreadable: its mode is none. */
async function damage_record_of(h, relay) {
  const file = join(relay.config.data.path, 'data.mdb');
  const bytes = await readFile(file);
  const key = Buffer.from(`mls_gateway/g/${h}`);
  let copies = 0;
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    bytes[at + key.length + EXPIRY_BYTES] = 9;
    copies += 1;
  }
  await writeFile(file, bytes);
  return copies;
}

test('a group whose record cannot be read is not taken for one that is not there', async (t) => {
  const relay = await Relay.of(t);
  const [alice, bob, mallory] = [new Person(), new Person(), new Person()];
  const h = new_group_id();
  await (await relay.connect(alice)).post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
  await relay.stop();
  assert.ok((await damage_record_of(h, relay)) > 0);
  await relay.resume();

  for (const person of [mallory, alice]) {
    const at = await relay.connect(person);
    for (const event of [
      roster(person, h, 'bootstrap', { seq: 9, p: [mallory] }),
      roster(person, h, 'add', { seq: 9, p: [mallory] }),
      invitation(person, mallory, h),
      opaque_message(h, { tags: [k] }),
      opaque_message(h),
    ])
      assert.match(await at.rejection(event), /^error: /);
  }
  assert.deepEqual(await (await relay.connect(mallory)).query({ '#h': [h] }), []);
});

test('a request that was handed a package is a subscription, live until CLOSE', async (t) => {
  const relay = await Relay.of(t, gateway({ keypackage_delivery: 'single_use' }));
  const [owner, author] = [new Person(), new NostrKey()];
  const owner_at = await relay.connect(owner);
  for (let n = 0; n < 2; n += 1) await owner_at.post(await owner.key_package_event());
  const at = await relay.connect(new Person());
  const both = await at.subscribe(
    { kinds: [443], authors: [owner.pubkey] },
    { kinds: [1], authors: [author.pubkey] },
  );
  assert.deepEqual(both.stored.map(({ kind }) => kind), [443]);
  const heard = await owner_at.post(sign(author, { content: 'before CLOSE' }));
  assert.equal((await both.next()).id, heard.id);
  both.close();
  await at.query({ limit: 0 }); // CLOSE has been read
  await owner_at.post(sign(author, { content: 'after CLOSE' }));
  await at.catch_up(owner_at);
  assert.deepEqual(ids(both.live), [heard.id]);
});

/** A sidecar that holds every question until it is told to answer. */
async function silent_sidecar(t) {
  const held = [];
  const server = createServer((request, response) => {
    held.push(response);
    server.emit('asked');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    asked: once(server, 'asked'),
    answer: () => {
      const yes = '{"member":true,"role":"admin","ttl":60}';
      for (const response of held.splice(0)) response.end(yes);
    },
  };
}

test('who waits for a sidecar holds up nobody else on the same thread', async (t) => {
  const sidecar = await silent_sidecar(t);
  const relay = await Relay.of(t, {
    server: { workers: 1 },
    ...gateway({ membership: 'acl', acl_url: sidecar.url, acl_timeout_ms: 60_000 }),
    limits: { authorize_timeout_ms: 60_000 },
  });
  const [waiting_at, other_at] = [await relay.connect(new Person()), await relay.connect()];
  let answered = false;
  const waiting = waiting_at
    .publish(opaque_message(new_group_id(), { tags: [k] }))
    .finally(() => (answered = true));
  await sidecar.asked;
  const note = await other_at.post(sign_once({ content: 'meanwhile' }));
  assert.deepEqual(ids(await other_at.query({ ids: [note.id] })), [note.id]);
  assert.equal(await other_at.count({ ids: [note.id] }), 1);
  assert.equal(answered, false);
  sidecar.answer();
  assert.equal((await waiting).accepted, true);
});

test('the source tree holds no data, and no path or host of somebody’s own', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const out = new Set(['.git', 'build', 'data'].map((name) => join(root, name))); // see .gitignore
  const faults = [];
  const walk = async (folder) => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (out.has(path) || entry.name === 'node_modules') continue;
      if (entry.isDirectory()) await walk(path);
      if (entry.isFile()) faults.push(...(await faults_of(path)));
    }
  };
  await walk(root);
  assert.deepEqual(faults, []);
  const ignored = (await readFile(join(root, '.gitignore'), 'utf8')).split('\n');
  assert.ok(['/build/', '/data/', 'node_modules/'].every((line) => ignored.includes(line)));
});

const DATA = /\.(mdb|db|sqlite3?|pem|key|p12|env|log)$/;
const BUILDS = /(^CMake.*|\.cmake|^package(-lock)?\.json|\.toml)$/;
const OWN = /\/Users\/|\/home\/|file:|\.run\.app|\.firebaseio\.com|\.appspot\.com/;

async function faults_of(path) {
  if (DATA.test(path)) return [`${path} is data`];
  if (!BUILDS.test(basename(path))) return [];
  const found = (await readFile(path, 'utf8')).match(OWN);
  return found ? [`${path} holds ${found[0]}`] : [];
}
