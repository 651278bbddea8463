// What operators do with a store besides lines of events: delete, info, backup, compact; with a relay on it and without.
import assert from 'node:assert/strict';
import { open, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { Person, new_group_id } from './support/person.js';
import { Relay, to_toml } from './support/relay.js';
import { roster } from './support/roster.js';
import { events_in, lines_of, store_of, verb } from './support/store.js';

const on = (relay, name, ...args) => verb([name, '-c', relay.config_file, ...args]);
const info = async (relay) => JSON.parse((await on(relay, 'info', '--json')).stdout);
const exported = async (relay) => ids(events_in((await on(relay, 'export')).stdout));

describe('beside a relay that runs', () => {
  test('what only reads works, and sees what was acknowledged', async (t) => {
    const relay = await Relay.of(t);
    const at = await relay.connect();
    const events = [];
    for (let n = 0; n < 20; n += 1)
      events.push(await at.post(sign_once({ created_at: now_s() - 100 + n })));
    assert.deepEqual(await exported(relay), ids(events));
    assert.equal((await on(relay, 'scan', '{"kinds":[1]}', '--count')).stdout, '20\n');
    assert.equal((await info(relay)).events, 20);
    assert.match((await on(relay, 'delete', '--age', '0', '--dry-run')).stdout, /^20 events would/);
    const text = (await on(relay, 'info')).stdout;
    for (const name of ['events', 'rows', 'last_commit', 'format', 'file_bytes', 'used_bytes', 'free_bytes', 'map_bytes'])
      assert.match(text, new RegExp(`^${name} +\\d+$`, 'm'));
  });

  test('an export follows a store that outgrows its map meanwhile', async (t) => {
    const relay = await Relay.of(t, { data: { map_size_mb: 1 } });
    const at = await relay.connect();
    const writing = (async () => {
      const posted = [];
      for (let n = 0; n < 60; n += 1)
        posted.push(await at.post(sign_once({ content: '.'.repeat(100_000) })));
      return posted;
    })();
    for (let n = 0; n < 5; n += 1) assert.equal((await on(relay, 'export')).code, 0);
    const posted = await writing;
    assert.deepEqual((await exported(relay)).sort(), ids(posted).sort());
  });

  test('what writes says that the relay is there, and changes nothing', async (t) => {
    const relay = await Relay.of(t);
    const kept = await (await relay.connect()).post(sign_once());
    for (const [name, ...args] of [['import'], ['delete', '--age', '0'], ['compact']]) {
      const { code, stderr } = await on(relay, name, ...args);
      assert.equal(code, 2, name);
      assert.match(stderr, /another process has it open; stop that relay/, name);
    }
    assert.deepEqual(await exported(relay), [kept.id]);
  });

  test('a backup under a stream of events is a store, with all that had its OK', async (t) => {
    const relay = await Relay.of(t);
    const at = await relay.connect();
    const before = [];
    for (let n = 0; n < 50; n += 1) before.push((await at.post(sign_once())).id);
    const copy = join(relay.folder, 'copy');
    const copying = on(relay, 'backup', copy);
    const meanwhile = [];
    for (let n = 0; n < 50; n += 1) meanwhile.push((await at.post(sign_once())).id);
    const { code, stderr } = await copying;
    assert.equal(code, 0, stderr);
    const again = await on(relay, 'backup', copy);
    assert.equal(again.code, 2);
    assert.match(again.stderr, /not an empty folder/);
    assert.equal((await stat(copy)).mode & 0o777, 0o700);

    await relay.stop();
    relay.config.data.path = copy;
    await relay.resume();
    const found = ids(await (await relay.connect()).query({ kinds: [1], limit: 500 }));
    for (const id of before) assert.ok(found.includes(id));
    for (const id of found) assert.ok(before.includes(id) || meanwhile.includes(id));
  });
});

describe('delete', () => {
  test('takes what a filter or an age names, and nothing else', async (t) => {
    const store = await store_of(t);
    const days = (n) => now_s() - n * 86_400 - 60;
    const [old, older, fresh] = [30, 40, 0].map((n) => sign_once({ created_at: days(n) }));
    const other = sign_once({ kind: 7, created_at: days(50) });
    await store.import(lines_of([old, older, fresh, other]));
    const run = (...args) => store.run('delete', args);
    assert.equal((await run('--age', '30', '--dry-run')).stdout, '3 events would be deleted\n');
    assert.equal((await run('--age', '35', '--filter', '{"kinds":[1]}')).stdout, '1 events deleted\n');
    assert.equal((await run('--filter', '{"kinds":[7]}')).stdout, '1 events deleted\n');
    assert.deepEqual(ids(events_in((await store.export()).stdout)), [old.id, fresh.id]);
    for (const args of [[], ['--filter', '{"until":5}', '--age', '1'], ['--filter', 'all']]) {
      const refused = await run(...args);
      assert.equal(refused.code, 2);
      assert.match(refused.stderr, /^error: /);
    }
    assert.equal((await run('--filter', '{}')).stdout, '2 events deleted\n');
    assert.equal((await store.import(lines_of([old]))).code, 0, 'nobody’s deletion: it may come again');
  });

  test('takes the rows of key packages with them, in slices', async (t) => {
    const limit = { 'extensions.mls_gateway': { max_keypackages_per_user: 3 } };
    const relay = await Relay.of(t, limit);
    const alice = new Person();
    let at = await relay.connect(alice);
    const packages = [];
    for (let n = 0; n < 3; n += 1) packages.push(await at.post(await alice.key_package_event()));
    assert.match(await at.rejection(await alice.key_package_event()), /^\w+/);
    await relay.stop();
    const rows = (await info(relay)).rows;
    assert.equal((await on(relay, 'delete', '--filter', '{"kinds":[443]}')).stdout, '3 events deleted\n');
    assert.ok((await info(relay)).rows < rows);
    await relay.resume();
    at = await relay.connect(alice);
    for (const event of packages) await at.post(event); // room and references are free again
  });

  test('of many events works through all of them', async (t) => {
    const store = await store_of(t);
    const many = Array.from({ length: 1200 }, (_, n) => sign_once({ content: `${n}` }));
    await store.import(lines_of(many));
    assert.equal((await store.run('delete', ['--filter', '{"kinds":[1]}'])).stdout, '1200 events deleted\n');
    assert.equal((await store.export()).stdout, '');
  });
});

test('compact gives space back and keeps events, groups and deletions', async (t) => {
  const relay = await Relay.of(t);
  const alice = new Person();
  const at = await relay.connect(alice);
  const h = new_group_id();
  await at.post(roster(alice, h, 'bootstrap', { seq: 1 }));
  const dropped = [];
  for (let n = 0; n < 30; n += 1)
    dropped.push(await at.post(sign(alice, { content: '.'.repeat(200_000) + n })));
  const kept = await at.post(sign(alice, { content: 'kept' }));
  await at.post(sign(alice, { kind: 5, tags: dropped.map(({ id }) => ['e', id]) }));
  await relay.stop();
  const before = await info(relay);
  const { code, stdout, stderr } = await on(relay, 'compact');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^\d+ bytes before, \d+ bytes now\n$/);
  const after = await info(relay);
  assert.ok(after.file_bytes < before.file_bytes / 4);
  assert.deepEqual([after.events, after.rows, after.last_commit], [before.events, before.rows, before.last_commit]);
  assert.deepEqual((await readdir(relay.config.data.path)).filter((name) => name.includes('tmp')), []);
  await relay.resume();
  const again = await relay.connect(alice);
  assert.match(await again.rejection(dropped[0]), /^blocked: /);
  assert.match(await again.rejection(roster(alice, h, 'add', { seq: 1, p: [new NostrKey()] })), /^\w/);
  assert.deepEqual(ids(await again.query({ kinds: [1] })), [kept.id]);
});

describe('what is wrong is said', () => {
  test('no store, no folder, no configuration', async (t) => {
    const store = await store_of(t);
    for (const [name, ...args] of [['export'], ['scan', '{}'], ['info'], ['backup', 'x'], ['compact']]) {
      const { code, stderr } = await store.run(name, args);
      assert.equal(code, 2, name);
      assert.match(stderr, /no database is there; see data\.path/, name);
    }
    await assert.rejects(stat(store.data), { code: 'ENOENT' });
    await writeFile(store.file, to_toml({ 'extensions.mls_gateway': { storage_backend: 'memory' } }));
    const verbs = [['import'], ['export'], ['scan', '{}'], ['delete', '--age', '1'], ['info'], ['migrate'], ['backup', 'x'], ['compact']];
    for (const [name, ...args] of verbs) {
      const { code, stderr } = await store.run(name, args);
      assert.equal(code, 2, name);
      assert.match(stderr, /"memory" keeps nothing (in a folder|outside of the relay's own process)/, name);
    }
    assert.equal((await verb(['export', '-c', '/nowhere/gateway.toml'])).code, 2);
    assert.ok((await store.run('export', ['--sinse', '1'])).code > 0);
  });

  test('a damaged file: nothing is printed as if it were all', async (t) => {
    const store = await store_of(t);
    await store.import(lines_of(Array.from({ length: 500 }, (_, n) => sign_once({ content: `${n}` }))));
    await wipe(store.data);
    for (const [name, ...args] of [['export'], ['scan', '{}', '--count']]) {
      const { code, stderr } = await store.run(name, args);
      assert.equal(code, 2, name);
      assert.match(stderr, /damaged|restore a backup/, name);
    }
  });
});

/** Zeroes in the place of everything but LMDB's two first pages, as a disk might do it. */
async function wipe(folder) {
  const file = await open(join(folder, 'data.mdb'), 'r+');
  const { size } = await file.stat();
  await file.write(Buffer.alloc(size - 8192), 0, size - 8192, 8192);
  await file.close();
}

test('damage under a relay that runs is answered with error:, and stops it from starting again', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  for (let n = 0; n < 200; n += 1) at.send(['EVENT', sign_once({ content: `${n}`.padEnd(500) })]);
  await at.post(sign_once());
  await wipe(relay.config.data.path);
  await assert.rejects(at.query({ kinds: [1] }), { message: /^CLOSED error: / });
  assert.match(await at.rejection(sign_once()), /^error: /);
  const { code } = await relay.stop();
  assert.equal(code, 0);
  const { code: started, stderr } = await on(relay, 'relay');
  assert.ok(started > 0);
  assert.match(stderr, /restore a backup/);
});
