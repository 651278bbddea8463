// Events in and out as lines: import, export, scan. What an anonymous client may not bring, no file may either.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';

import { eventually, within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { NoiseKey, noise_message } from './support/noise.js';
import { Person, invitation_tags, new_group_id, opaque_message } from './support/person.js';
import { BINARY, Relay } from './support/relay.js';
import { roster } from './support/roster.js';
import { events_in, lines_of, store_of, verb } from './support/store.js';

const fields = ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig'];
/** The event with its fields in this order, as JSON without spaces. */
const in_order = (order) => (event) =>
  JSON.stringify(Object.fromEntries(order.map((name) => [name, event[name]])));
const ours = in_order(fields);
const as_strfry = in_order([...fields].sort());
const as_rnostr = in_order(['tags', 'content', 'sig', 'id', 'pubkey', 'created_at', 'kind']);

const notes = (count, from = now_s() - 10_000) =>
  Array.from({ length: count }, (_, n) => sign_once({ created_at: from + n, content: `note ${n}` }));

test('what is imported is exported: oldest first, byte for byte', async (t) => {
  const store = await store_of(t);
  const events = notes(30);
  const taken = await store.import(lines_of([...events].reverse()));
  assert.equal(taken.code, 0, taken.stderr);
  assert.match(taken.stderr, /^30 stored, 0 duplicates, 0 rejected\n$/);
  assert.equal(taken.stdout, '');
  const given = await store.export();
  assert.equal(given.code, 0, given.stderr);
  assert.ok(given.stdout === lines_of(events), 'another text');
  assert.equal(given.stderr, '');
});

test('export keeps to --since, --until, --reverse and --filter', async (t) => {
  const store = await store_of(t);
  const start = now_s() - 100;
  const events = notes(10, start);
  const other = sign_once({ kind: 7, created_at: start + 5, content: '+' });
  assert.equal((await store.import(lines_of([...events, other]))).code, 0);
  const exported = async (...args) => ids(events_in((await store.export(...args)).stdout));
  const kind_1 = ['--filter', '{"kinds":[1]}'];
  assert.deepEqual(await exported(...kind_1), ids(events));
  assert.deepEqual(await exported(...kind_1, '--reverse'), ids([...events].reverse()));
  const range = ['--since', `${start + 2}`, '--until', `${start + 4}`];
  assert.deepEqual(await exported(...range), ids(events.slice(2, 5)));
  assert.deepEqual(await exported('--filter', '{"kinds":[7]}'), [other.id]);
  for (const args of [
    ['--filter', '{"kinds":'],
    ['--filter', '{"since":1}', '--since', '1'],
  ]) {
    const refused = await store.export(...args);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /filter/);
  }
});

for (const [relay, line] of Object.entries({ strfry: as_strfry, rnostr: as_rnostr })) {
  test(`an export of ${relay} comes out as it went in, and is served`, async (t) => {
    const relay_ = await Relay.of(t);
    await relay_.stop();
    const events = [
      ...notes(3),
      sign_once({ tags: [['t', 'a "quoted" \\ tag'], ['e', 'f'.repeat(64), '', 'root'], []] }),
      sign_once({ content: 'line\nbreak\ttab "q" \\ é 😀 /\u2028' }),
      sign_once({ kind: 0, content: '{"name":"id\\":"}' }),
      sign_once({ kind: 30023, tags: [['d', 'a:b']] }),
    ].sort((a, b) => a.created_at - b.created_at || (a.id < b.id ? 1 : -1));
    const text = events.map((event) => `${line(event)}\n`).join('');
    const taken = await verb(['import', '-c', relay_.config_file], { input: text });
    assert.equal(taken.code, 0, taken.stderr);
    const given = await verb(['export', '-c', relay_.config_file]);
    assert.equal(given.stdout, text);
    await relay_.resume();
    const served = await (await relay_.connect()).query({ ids: ids(events) });
    const by_id = (a, b) => (a.id < b.id ? -1 : 1);
    assert.deepEqual([...served].sort(by_id), [...events].sort(by_id));
  });
}

test('fields that nobody signed are dropped, and spaces with them', async (t) => {
  const store = await store_of(t);
  const [event] = notes(1);
  const line = JSON.stringify({ ...event, seen_on: ['wss://elsewhere.example'] }, null, ' ');
  assert.equal((await store.import(`\r\n${line.replaceAll('\n', '')}\r\n\n`)).code, 0);
  assert.equal((await store.export()).stdout, `${ours(event)}\n`);
});

test('packed input is told by its first bytes; output is packed on demand', async (t) => {
  const [store, other, third] = [await store_of(t), await store_of(t), await store_of(t)];
  const events = notes(2000);
  const text = events.map((event) => `${ours(event)}\n`).join('');
  const two_members = Buffer.concat([gzipSync(text.slice(0, 9000)), gzipSync(text.slice(9000))]);
  assert.equal((await store.import(two_members)).code, 0);
  assert.equal(gunzipSync((await store.export('--gzip')).bytes).toString(), text);
  const zstd = (await store.export('--zstd')).bytes;
  assert.ok(zstd.length < text.length);
  assert.equal((await other.import(Buffer.concat([zstd, zstd]))).code, 0);
  assert.equal((await other.export()).stdout, text);
  for (const packed of [zstd, gzipSync(text)]) {
    const cut = await third.import(packed.subarray(0, packed.length - 100), '--batch', '10');
    assert.equal(cut.code, 2);
    assert.match(cut.stderr, /the input ends in the middle of its (gzip|zstd) stream/);
  }
  assert.equal((await third.import(Buffer.from('\x1f\x8bnonsense', 'latin1'))).code, 2);
  assert.equal((await store.export('--gzip', '--zstd')).code > 0, true);
});

test('duplicates and versions that are superseded are no fault', async (t) => {
  const store = await store_of(t);
  const alice = new NostrKey();
  const old = sign(alice, { kind: 0, created_at: now_s() - 100, content: 'old' });
  const fresh = sign(alice, { kind: 0, content: 'fresh' });
  assert.equal((await store.import(lines_of([old, fresh]))).code, 0);
  const again = await store.import(lines_of([fresh, old, fresh]));
  assert.equal(again.code, 0);
  assert.match(again.stderr, /^0 stored, 3 duplicates, 0 rejected/);
  assert.deepEqual(ids(events_in((await store.export()).stdout)), [fresh.id]);
});

/** A relay with a gated group, a deleted note and an author who has vanished; stopped. */
async function relay_with_a_past(t) {
  const relay = await Relay.of(t);
  const [alice, gone, carol] = [new Person(), new NostrKey(), new NostrKey()];
  const h = new_group_id();
  const alice_at = await relay.connect(alice);
  await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1 }));
  const deleted = await alice_at.post(sign(carol, { content: 'to be deleted' }));
  await alice_at.post(sign(carol, { kind: 5, tags: [['e', deleted.id]] }));
  const vanished = await alice_at.post(sign(gone, { created_at: now_s() - 50 }));
  await alice_at.post(sign(gone, { kind: 62, tags: [['relay', 'ALL_RELAYS']] }));
  await relay.stop();
  return { relay, alice, h, deleted, vanished };
}

describe('what no client may bring, no file may either', () => {
  test('each is refused with its line and its reason, and none is in the store', async (t) => {
    const { relay, alice, h, deleted, vanished } = await relay_with_a_past(t);
    const bob = new Person();
    const good = notes(2);
    const bad = {
      'invalid: id is not': { ...sign(alice), content: 'forged' },
      'invalid: the signature': { ...sign(alice), sig: sign(bob).sig },
      'invalid: a Welcome': sign(alice, { kind: 444, content: 'AA==' }),
      'restricted: |auth-required: .*member|auth-required: .*group': opaque_message(h),
      'auth-required: prove the key this package': await bob.key_package_event(),
      'auth-required: Noise': noise_message(alice, bob.pubkey, new NoiseKey().public_key, 'psst'),
      'auth-required: prove the key that signed this roster': roster(alice, h, 'add', { seq: 2, p: [bob] }),
      'auth-required: an invitation': sign_once({
        kind: 1059,
        tags: [['p', bob.pubkey], ...invitation_tags(h)],
      }),
      'auth-required: this event is protected': sign(bob, { tags: [['-']] }),
      'restricted: this repost': sign(bob, { kind: 6, content: JSON.stringify(sign(bob, { tags: [['-']] })) }),
      'invalid: this event has expired': sign(bob, { tags: [['expiration', `${now_s() - 5}`]] }),
      'invalid: created_at is more than': sign(bob, { created_at: now_s() + 86_400 }),
      'invalid: this kind answers a challenge': sign(bob, { kind: 22242 }),
      'invalid: ephemeral': sign(bob, { kind: 20001 }),
      'invalid: a request to vanish': sign(bob, { kind: 62 }),
      'blocked: this event was deleted': deleted,
      'blocked: this event was deleted ': vanished,
    };
    const lines = [lines_of([good[0]]), lines_of(Object.values(bad)), '{"id":\n', 'garbage\n'];
    lines.push(lines_of([good[1]]));
    const taken = await verb(['import', '-c', relay.config_file], { input: lines.join('') });
    assert.equal(taken.code, 1, taken.stderr);
    const count = Object.keys(bad).length;
    Object.keys(bad).forEach((reason, index) =>
      assert.match(taken.stderr, new RegExp(`^line ${index + 2}: (${reason.trim()})`, 'm')),
    );
    assert.match(taken.stderr, new RegExp(`^line ${count + 2}: invalid: `, 'm'));
    assert.match(taken.stderr, new RegExp(`^2 stored, 0 duplicates, ${count + 2} rejected`, 'm'));
    for (const { id, pubkey, content } of Object.values(bad))
      for (const secret of [id, pubkey, content].filter((text) => text?.length > 8))
        assert.ok(!taken.stderr.includes(secret), 'stderr holds no identities and no content');

    const kept = ids(events_in((await verb(['export', '-c', relay.config_file])).stdout));
    for (const [reason, { id }] of Object.entries(bad)) assert.ok(!kept.includes(id), reason);
    for (const { id } of good) assert.ok(kept.includes(id));
    await relay.resume();
    const at = await relay.connect(alice, bob);
    assert.deepEqual(await at.query({ ids: ids(Object.values(bad)) }), []);
  });

  test('--no-verify believes signatures and nothing else', async (t) => {
    const store = await store_of(t);
    const alice = new NostrKey();
    const forged = { ...sign(alice), sig: sign(alice, { content: 'x' }).sig };
    const welcome = sign(alice, { kind: 444, content: 'AA==' });
    assert.equal((await store.import(lines_of([forged]))).code, 1);
    const taken = await store.import(lines_of([forged, welcome]), '--no-verify');
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /line 2: invalid: a Welcome/);
    assert.deepEqual(ids(events_in((await store.export()).stdout)), [forged.id]);
  });

  test('a list of keys holds for files, AUTH and rations do not', async (t) => {
    const [alice, bob] = [new NostrKey(), new NostrKey()];
    const store = await store_of(t, {
      auth: { enabled: true, required: true, pubkey_whitelist: [alice.pubkey] },
      'extensions.mls_gateway.rate_limits': { max_events_per_minute: 1 },
    });
    const wraps = ['a', 'b', 'c'].map((content) =>
      sign(alice, { kind: 1059, tags: [['p', bob.pubkey]], content }),
    );
    const taken = await store.import(lines_of([...wraps, sign(bob)]));
    assert.match(taken.stderr, /^3 stored, 0 duplicates, 1 rejected/m);
    assert.match(taken.stderr, /^line 4: auth-required: this relay serves a list/m);
  });

  test('a flood of bad lines is counted, not shown', async (t) => {
    const store = await store_of(t);
    const taken = await store.import('nonsense\n'.repeat(5000) + lines_of(notes(1)));
    assert.equal(taken.code, 1);
    assert.match(taken.stderr, /^1 stored, 0 duplicates, 5000 rejected\n {2}5000 x invalid: /m);
    assert.ok(taken.stderr.split('\n').length < 40);
  });

  test('a line that is too long is refused and the next one taken', async (t) => {
    const store = await store_of(t, { limits: { max_message_bytes: 4096 } });
    const long = sign_once({ content: 'x'.repeat(1_000_000) });
    const taken = await store.import(lines_of([long, ...notes(1)]));
    assert.match(taken.stderr, /^line 1: invalid: longer than limits\.max_message_bytes = 4096/m);
    assert.match(taken.stderr, /^1 stored/m);
  });
});

test('a request to vanish in a file does what it does on the wire', async (t) => {
  const store = await store_of(t);
  const gone = new NostrKey();
  const before = sign(gone, { created_at: now_s() - 10 });
  const request = sign(gone, { kind: 62, tags: [['relay', 'ALL_RELAYS']] });
  const taken = await store.import(lines_of([before, request, before]));
  assert.match(taken.stderr, /^line 3: blocked: this event was deleted/m);
  assert.deepEqual(ids(events_in((await store.export()).stdout)), [request.id]);
});

test('an empty input is no fault', async (t) => {
  const store = await store_of(t);
  const taken = await store.import('');
  assert.equal(taken.code, 0);
  assert.match(taken.stderr, /^0 stored, 0 duplicates, 0 rejected\n$/);
});

test('kill -9 in an import leaves whole batches, and the rest is taken the next time', async (t) => {
  const store = await store_of(t);
  const events = notes(3000);
  const text = lines_of(events);
  const child = spawn(BINARY, ['import', '-c', store.file, '--batch', '100'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {});
  child.stdin.write(text.slice(0, text.length / 2)); // the rest never comes: it is killed in the middle
  const some = async () => JSON.parse((await store.run('info', ['--json'])).stdout).events >= 200;
  await eventually(some, 'the first batches');
  child.kill('SIGKILL');
  await within(once(child, 'exit'), 'the import to be gone');
  const kept = ids(events_in((await store.export()).stdout));
  assert.ok(kept.length >= 200 && kept.length % 100 === 0, `${kept.length} events`);
  assert.deepEqual(kept, ids(events.slice(0, kept.length)));
  const again = await store.import(text);
  assert.equal(again.code, 0);
  assert.match(again.stderr, new RegExp(`^${3000 - kept.length} stored, ${kept.length} duplicates`));
});

test('a full disk ends an import with what is missing, and breaks nothing', async (t) => {
  const store = await store_of(t);
  const events = Array.from({ length: 40 }, (_, n) =>
    sign_once({ created_at: now_s() - 100 + n, content: '.'.repeat(200_000) }),
  );
  const wrap = ['sh', '-c', `trap '' XFSZ; ulimit -f 4096; exec "$0" "$@"`];
  const full = await verb(['import', '-c', store.file, '--batch', '5'], {
    input: lines_of(events),
    wrap,
  });
  assert.equal(full.code, 2, full.stderr);
  const [, first] = full.stderr.match(/error: lines (\d+) to \d+ are not in the store: .*disk/);
  const kept = ids(events_in((await store.export()).stdout));
  assert.deepEqual(kept, ids(events.slice(0, Number(first) - 1)));
  assert.ok(kept.length > 0);
  assert.equal((await store.import(lines_of(events))).code, 0);
});

test('scan prints what a filter matches, newest first', async (t) => {
  const store = await store_of(t);
  const events = notes(5);
  await store.import(lines_of(events));
  const scan = async (...args) => {
    const { code, stdout, stderr } = await store.run('scan', args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.deepEqual(ids(events_in(await scan('{"limit":2}'))), [events[4].id, events[3].id]);
  assert.equal(await scan('{"kinds":[1]}', '--count'), '5\n');
  assert.equal(await scan(`{"ids":["${events[1].id}"]}`, '--ids'), `${events[1].id}\n`);
  const wrong = await store.run('scan', ['{"kind":[1]}']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /the filter: .*kind/);
});

test('a reader that has had enough ends an export quietly', async (t) => {
  const store = await store_of(t);
  await store.import(lines_of(notes(2000)));
  const script = `"$0" export -c "$1" | head -n 1; exit "\${PIPESTATUS[0]}"`;
  const child = spawn('bash', ['-c', script, BINARY, store.file], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await within(once(child, 'close'), 'the export to end');
  assert.equal(code, 141);
  assert.equal(stderr, '');
  assert.equal(events_in(stdout).length, 1);
});
