// [extensions.write_policy]: programs of the operator decide, and nothing is taken where they do not.
import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually } from './support/deadline.js';
import { NostrKey, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { Person } from './support/person.js';
import { Relay, temporary_folder } from './support/relay.js';

const plugin = (name) => fileURLToPath(new URL(`plugins/${name}`, import.meta.url));
const with_plugin = (t, command, more = {}) =>
  Relay.of(t, { 'extensions.write_policy': { plugin: command, timeout_ms: 4000, ...more } });
const note = (content, key = new NostrKey()) =>
  sign(key, { content, tags: [['nonce', String(Math.random())]] });

describe('a plugin in JavaScript', () => {
  test('accepts, rejects and remembers, one process for all workers', async (t) => {
    const relay = await with_plugin(t, `${plugin('spam_filter.cjs')} 4`);
    const key = new NostrKey();
    for (let n = 0; n < 4; n += 1) await (await relay.connect()).post(note('hello', key));
    assert.equal(
      await (await relay.connect()).rejection(note('hello', key)),
      'rate-limited: 4 events are enough',
    );
    await (await relay.connect()).post(note('hello'));
  });

  test('is told the address and the proved key', async (t) => {
    const relay = await with_plugin(t, plugin('spam_filter.cjs'));
    const alice = new Person();
    const ask = async (...keys) => (await relay.connect(...keys)).rejection(note('whoami'));
    assert.equal(await ask(), 'blocked: IP4 127.0.0.1 nobody');
    assert.equal(await ask(alice), `blocked: IP4 127.0.0.1 ${alice.pubkey}`);
  });

  test('swallows what it shadow-rejects: OK true, and nobody gets it', async (t) => {
    const relay = await with_plugin(t, plugin('spam_filter.cjs'));
    const reader = await relay.connect();
    await reader.subscribe({ kinds: [1] });
    const writer = await relay.connect();
    const swallowed = await writer.post(note('buy now'));
    const taken = await writer.post(note('hello'));
    await reader.next('EVENT', 0);
    const events = reader.messages.filter(([verb]) => verb === 'EVENT');
    const seen = events.map(([, , event]) => event.id);
    assert.deepEqual(seen, [taken.id]);
    assert.deepEqual(await writer.query({ ids: [swallowed.id] }), []);
    assert.equal(await writer.count({ ids: [swallowed.id] }), 0);
  });
});

test('a plugin in shell decides by kind, and a refusal gets its prefix', async (t) => {
  const relay = await with_plugin(t, `${plugin('kinds.sh')} 1 445 1059 443 30443`);
  const at = await relay.connect();
  await at.post(note('hello'));
  assert.equal(
    await at.rejection(sign(new NostrKey(), { kind: 7 })),
    'blocked: kind 7 is not for this relay',
  );
  await alice_and_bob(relay); // a group whose events it lets pass
});

test('the plugin cannot allow what the gateway denies, nor is it asked', async (t) => {
  const folder = await temporary_folder(t);
  const asked = join(folder, 'asked');
  const relay = await with_plugin(t, `tee ${asked} | ${plugin('kinds.sh')} 1 444`);
  const at = await relay.connect();
  const bare_welcome = sign(new NostrKey(), { kind: 444 });
  assert.match(await at.rejection(bare_welcome), /^(blocked|invalid|restricted): /);
  await at.post(note('hello'));
  const lines = (await readFile(asked, 'utf8')).trim().split('\n').map(JSON.parse);
  const kinds = lines.map(({ event }) => event.kind);
  assert.deepEqual(kinds, [1]);
});

test('a script that changes is started anew; connections stay', async (t) => {
  const script = join(await temporary_folder(t), 'policy.sh');
  const write = async (kinds) => {
    const text = `#!/bin/sh\nexec ${plugin('kinds.sh')} ${kinds}\n`;
    await writeFile(`${script}.next`, text, { mode: 0o700 });
    await rename(`${script}.next`, script);
  };
  await write('1');
  const relay = await with_plugin(t, script);
  const at = await relay.connect();
  await at.post(note('hello'));
  await write('7');
  assert.equal(await at.rejection(note('hello')), 'blocked: kind 1 is not for this relay');
  await at.post(sign(new NostrKey(), { kind: 7 }));
});

describe('a plugin that fails is a no', () => {
  const wicked = `exec ${process.execPath} ${plugin('wicked.cjs')}`;

  for (const deed of ['never', 'garbage', 'wrong', 'maybe', 'crash', 'flood', 'hang_up'])
    test(`${deed}: refused with error:, nothing stored, the next event is decided`, async (t) => {
      const relay = await with_plugin(t, wicked, { timeout_ms: 1500 });
      const at = await relay.connect();
      await at.post(note('accept'));
      const event = note(deed);
      assert.match(await at.rejection(event), /^error: /);
      assert.deepEqual(await at.query({ ids: [event.id] }), []);
      const decided = async () => (await at.publish(note('accept again'))).accepted;
      await eventually(decided, 'a new process');
    });

  test('a slow one keeps its writers waiting and nobody else', async (t) => {
    const relay = await with_plugin(t, wicked);
    const [writer, reader] = [await relay.connect(), await relay.connect()];
    const from = writer.messages.length;
    const answered = writer.post(note('slow'));
    assert.deepEqual(await reader.query({ kinds: [30_999] }), []);
    assert.equal(writer.messages.slice(from).filter(([verb]) => verb === 'OK').length, 0);
    await answered;
  });

  test('many slow events of many writers are with it at once', async (t) => {
    const relay = await with_plugin(t, wicked, { timeout_ms: 4000 });
    const writers = await Promise.all(Array.from({ length: 40 }, () => relay.connect()));
    // One after another they would take 12 seconds.
    await Promise.all(writers.map((writer) => writer.post(note('slow'))));
  });

  test('one that is not there', async (t) => {
    const relay = await with_plugin(t, '/nowhere/policy', { timeout_ms: 300 });
    const at = await relay.connect();
    assert.match(await at.rejection(note('hello')), /^error: /);
    assert.deepEqual(await at.query({ kinds: [1] }), []);
  });

  test('what it writes to stderr is in no log at info', async (t) => {
    const relay = await with_plugin(t, wicked);
    await (await relay.connect()).post(note('accept secret-of-mine'));
    const { code, log } = await relay.stop();
    assert.equal(code, 0);
    assert.match(log, /the write policy plugin was started/);
    assert.doesNotMatch(log, /secret-of-mine|asked about/);
  });
});

test('the plugin ends with the relay', async (t) => {
  const folder = await temporary_folder(t);
  const relay = await with_plugin(t, `echo $$ > ${folder}/pid; exec ${plugin('kinds.sh')} 1`);
  await (await relay.connect()).post(note('hello'));
  const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
  assert.doesNotThrow(() => process.kill(pid, 0));
  await relay.stop();
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('NIP-11 says that writing is restricted', async (t) => {
  const headers = { accept: 'application/nostr+json' };
  for (const [command, restricted] of [
    ['', false],
    [`${plugin('kinds.sh')} 1`, true],
  ]) {
    const relay = await with_plugin(t, command);
    const info = await (await fetch(relay.http_url, { headers })).json();
    assert.equal(info.limitation.restricted_writes, restricted);
  }
});

test('a reload sets, changes and takes away the plugin; connections stay', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  await at.post(note('hello'));
  const use = (command) => relay.reconfigure({ 'extensions.write_policy': { plugin: command } });
  await use(`${plugin('kinds.sh')} 7`);
  assert.equal(await at.rejection(note('hello')), 'blocked: kind 1 is not for this relay');
  await use(`${plugin('kinds.sh')} 1`);
  await at.post(note('hello'));
  await use('');
  await at.post(sign(new NostrKey(), { kind: 7 }));
});
