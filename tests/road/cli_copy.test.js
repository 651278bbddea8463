// `copy` moves a whole store: what members read, outsiders do not, deleted ids, packages that were taken. And `migrate`.
import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { kept_in } from './support/kept_in.js';
import { Person } from './support/person.js';
import { Relay, run, to_toml } from './support/relay.js';
import { roster } from './support/roster.js';
import { Spy, knowing_roads } from './support/secrets.js';
import { lines_of, store_of, verb } from './support/store.js';
import { Town } from './support/town.js';

const info = async (file) => JSON.parse((await verb(['info', '-c', file, '--json'])).stdout);

/** The file of another, empty store beside that of `config`. */
async function other_store(folder, config) {
  const file = join(folder, 'other.toml');
  const gateway = { ...config['extensions.mls_gateway'], ...(await kept_in()) };
  const data = { ...config.data, path: join(folder, 'other') };
  const other = { ...config, data, 'extensions.mls_gateway': gateway };
  await writeFile(file, to_toml(other));
  return { file, config: other };
}

/** Stops the relay, copies its store and starts it on the copy. */
async function move(relay) {
  await relay.stop();
  const other = await other_store(relay.folder, relay.config);
  const { code, stdout, stderr } = await verb(['copy', '-c', relay.config_file, '--to', other.file]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  assert.match(stderr, /^\d+ events, \d+ rows, \d+ deletions copied; \d+ per second\n$/);
  const [from, to] = [await info(relay.config_file), await info(other.file)];
  for (const number of ['events', 'rows', 'last_commit']) assert.equal(to[number], from[number], number);
  relay.config = other.config;
  await relay.resume();
}

describe('on the copy', () => {
  test('members of MLS groups have everything and go on, outsiders get nothing', async (t) => {
    const relay = await Relay.of(t);
    const town = new Town(relay);
    await town.begin();
    await town.go_on();
    await move(relay);

    const { secrets, said, h, near, alice, bob, carol, erin } = town;
    for (const person of town.people) {
      const at = await relay.connect(person);
      assert.deepEqual(ids(await at.query({ kinds: [445], '#h': [h] })).sort(), ids(said.map(({ event }) => event)).sort());
    }
    const mallory = new Person();
    const mallory_at = await relay.connect(mallory);
    const spies = [
      new Spy('Mallory', mallory_at, mallory),
      new Spy('Anonymous', await relay.connect()),
      new Spy('Erin', await relay.connect(erin), erin),
    ];
    const roads = knowing_roads({ h, people: town.people, near, events: secrets.events });
    for (const spy of spies) assert.ok((await spy.listen('after', roads)).length > 0);

    for (const [name, person] of Object.entries({ alice, bob, carol, erin }))
      town[`${name}_at`] = await relay.connect(person);
    const heard = await town.bob_at.subscribe({ kinds: [445], '#h': [h], limit: 0 });
    const event = await town.say(alice, town.alice_at, 'on the copy');
    assert.equal((await heard.next()).id, event.id);
    await town.go_on();
    for (const spy of spies) {
      await spy.connection.catch_up(town.alice_at);
      assert.deepEqual(secrets.leaks(spy), []);
    }
    assert.match(await mallory_at.rejection(roster(mallory, h, 'bootstrap', { seq: 1 })), /^\w/, 'the group is founded');
    assert.match(await mallory_at.rejection(roster(mallory, h, 'add', { seq: 9, p: [mallory] })), /^\w/);
  });

  test('deleted ids and addresses stay away, and who vanished stays vanished', async (t) => {
    const relay = await Relay.of(t);
    const [author, leaver] = [new NostrKey(), new NostrKey()];
    const at = await relay.connect();
    const gone = await at.post(sign(author, { content: 'gone' }));
    const kept = await at.post(sign(author, { content: 'kept' }));
    const article = { kind: 30_023, tags: [['d', 'x']], content: 'gone', created_at: now_s() - 10 };
    const addressed = await at.post(sign(author, article));
    await at.post(sign(author, { kind: 5, tags: [['e', gone.id], ['a', `30023:${author.pubkey}:x`]] }));
    const left = await at.post(sign(leaver, { content: 'mine' }));
    await at.post(sign(leaver, { kind: 62, tags: [['relay', 'ALL_RELAYS']] }));
    await move(relay);

    const again = await relay.connect();
    assert.deepEqual(ids(await again.query({ kinds: [1, 30_023] })), [kept.id]);
    for (const event of [gone, addressed, left]) assert.match(await again.rejection(event), /^blocked: /);
  });

  test('a package that was taken stays taken, and pools keep their bounds', async (t) => {
    const relay = await Relay.of(t, {
      'extensions.mls_gateway': { keypackage_delivery: 'single_use', max_keypackages_per_user: 3 },
    });
    const owner = new Person();
    const owner_at = await relay.connect(owner);
    for (let n = 0; n < 3; n += 1) await owner_at.post(await owner.key_package_event());
    const of = { kinds: [443], authors: [owner.pubkey] };
    const [given] = await (await relay.connect(new Person())).query(of);
    await owner_at.post(await owner.key_package_event());
    await move(relay);

    const again = await relay.connect(owner);
    assert.match(await again.rejection(given), /^invalid: /);
    assert.match(await again.rejection(await owner.key_package_event()), /^\w/, 'the pool is full');
    const [other] = await (await relay.connect(new Person())).query(of);
    assert.notEqual(other.id, given.id);
    assert.equal((await again.query(of)).length, 2);
  });

  test('what an operator has banned stays banned', async (t) => {
    const relay = await Relay.of(t);
    const banned = new NostrKey();
    await relay.stop();
    const ban = await verb(['manage', 'banpubkey', banned.pubkey, '--offline', '-c', relay.config_file]);
    assert.equal(ban.code, 0, ban.stderr);
    await relay.resume();
    await move(relay);
    assert.match(await (await relay.connect()).rejection(sign(banned)), /^blocked: /);
  });
});

describe('copy refuses', () => {
  const stores = async (t, events = [sign_once()]) => {
    const store = await store_of(t);
    if (events.length > 0) await store.import(lines_of(events));
    const other = await other_store(store.folder, { data: { path: store.data } });
    const copy = (to = other.file) => store.run('copy', ['--to', to]);
    return { store, other, copy };
  };
  const refused = async (copying, why) => {
    const { code, stderr } = await copying;
    assert.equal(code, 2, stderr);
    assert.match(stderr, why);
  };

  test('a store that is not empty, and leaves it as it was', async (t) => {
    const { other, copy } = await stores(t);
    const kept = sign_once();
    await verb(['import', '-c', other.file], { input: lines_of([kept]) });
    await refused(copy(), /--to: it is not empty/);
    const { stdout } = await verb(['export', '-c', other.file]);
    assert.equal(stdout, lines_of([kept]));
  });

  test('a source that is not there, and makes none', async (t) => {
    const { store, copy } = await stores(t, []);
    await refused(copy(), /no database is there/);
    assert.ok(!(await readdir(store.folder)).includes('data'));
  });

  test('beside a relay on either store', async (t) => {
    const relay = await Relay.of(t);
    const other = await other_store(relay.folder, relay.config);
    await refused(verb(['copy', '-c', relay.config_file, '--to', other.file]), /another process has it open/);
    const { store } = await stores(t);
    await refused(store.run('copy', ['--to', relay.config_file]), /another process has it open/);
  });

  test('itself, memory and what is no configuration', async (t) => {
    const { store, copy } = await stores(t);
    await refused(copy(store.file), /--to: names the same store/);
    const memory = join(store.folder, 'memory.toml');
    await writeFile(memory, to_toml({ 'extensions.mls_gateway': { storage_backend: 'memory' } }));
    await refused(copy(memory), /"memory" would be gone/);
    await refused(verb(['copy', '-c', memory, '--to', store.file]), /works on a store that lasts/);
    await refused(copy(join(store.folder, 'nowhere.toml')), /cannot be read/);
  });
});

describe('migrate', () => {
  test('makes the store once, and then changes nothing', async (t) => {
    const store = await store_of(t);
    const first = await store.run('migrate', []);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /^made an empty store in .*\nevents +0\n/);
    const again = await store.run('migrate', []);
    assert.match(again.stdout, /^the store is as this version keeps it; nothing was changed\nevents +0\n/);
  });

  test('says what is in the way', async (t) => {
    const store = await store_of(t);
    await mkdir(store.data);
    await writeFile(join(store.data, 'data.mdb'), 'x'.repeat(8192));
    const { code, stderr } = await store.run('migrate', []);
    assert.equal(code, 2);
    assert.match(stderr, /^error: Failed to connect to database: /);
  });
});

test('a URL with a password is never printed', async (t) => {
  const store = await store_of(t, {
    log: { level: 'trace' },
    'extensions.mls_gateway': {
      storage_backend: 'cloudsql',
      database_url: 'postgresql://relay:hunter2@127.0.0.1:1/db', // nobody listens there
      database_timeout_s: 1,
    },
  });
  const verbs = [['check-config'], ['relay'], ['info'], ['migrate'], ['export'], ['scan', '{}'], ['import'],
    ['delete', '--age', '1'], ['backup', 'x'], ['compact'], ['copy', '--to', store.file],
    ['manage', 'listbannedpubkeys', '--offline'], ['sync', 'ws://127.0.0.1:1', '{}']];
  for (const [name, ...args] of verbs) {
    const { code, output } = await run([name, '-c', store.file, ...args]);
    assert.ok(name === 'check-config' || code > 0, name);
    assert.ok(!output.includes('hunter2'), `${name}: ${output}`);
  }
});
