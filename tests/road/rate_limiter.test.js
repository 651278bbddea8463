// [extensions.rate_limiter]: how often a client may connect, authenticate, ask and publish.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { NostrKey, sign, sign_once } from './support/event.js';
import { Person } from './support/person.js';
import { Relay, run, temporary_folder, to_toml } from './support/relay.js';

const with_rules = (t, rules, more = {}) =>
  Relay.of(t, { 'extensions.rate_limiter': { rules, ...more } });

/** How many of `events` are taken before one is refused for the rate, which says how long to wait. */
async function taken(connection, events) {
  for (const [count, event] of events.entries()) {
    const { accepted, reason } = await connection.publish(event);
    if (accepted) continue;
    assert.match(reason, /^rate-limited: .*; try again in [1-9]\d* s$/);
    return count;
  }
  return events.length;
}

const notes = (count, key) =>
  Array.from({ length: count }, (_, n) => sign(key ?? new NostrKey(), { content: `${n}` }));

test('an address has one budget, however many connections and keys it has', async (t) => {
  const relay = await with_rules(t, ['events: 5/minute per address']);
  assert.equal(await taken(await relay.connect(), notes(8)), 5);
  assert.equal(await taken(await relay.connect(new Person()), notes(2)), 0);
});

test('a proved key has a budget of its own', async (t) => {
  const relay = await with_rules(t, ['events: 3/minute per key']);
  const alice = new Person();
  assert.equal(await taken(await relay.connect(alice), notes(5)), 3);
  assert.equal(await taken(await relay.connect(alice), notes(5)), 0);
  assert.equal(await taken(await relay.connect(new Person()), notes(5)), 3);
});

test('kinds are limited apart from others', async (t) => {
  const rules = ['kinds 7: 1/hour per author', 'events: 100/second per address'];
  const relay = await with_rules(t, rules);
  const at = await relay.connect();
  const key = new NostrKey();
  const reaction = (content) => sign(key, { kind: 7, content });
  assert.equal(await taken(at, [reaction('+'), reaction('-')]), 1);
  assert.equal(await taken(at, notes(5, key)), 5);
  assert.equal(await taken(at, [sign_once({ kind: 7, content: '+' })]), 1);
});

test('REQ and COUNT are closed, AUTH is refused, connections are ended', async (t) => {
  const relay = await with_rules(t, [
    'reqs: 2/hour per address',
    'auths: 1/hour per address',
    'connections: 2/hour per address',
  ]);
  const at = await relay.connect();
  assert.deepEqual(await at.query({ kinds: [30_999] }), []);
  assert.equal(await at.count({ kinds: [30_999] }), 0);
  await assert.rejects(at.query({ kinds: [1] }), /CLOSED rate-limited: .* try again in \d+ s/);
  await assert.rejects(at.count({ kinds: [1] }), /CLOSED rate-limited: /);
  await at.authenticate(new Person());
  const { accepted, reason } = await at.auth(new Person());
  assert.equal(accepted, false);
  assert.match(reason, /^rate-limited: /);
  await relay.connect();
  const { code, reason: farewell } = await (await relay.connect()).closed;
  assert.equal(code, 1008);
  assert.match(farewell, /^rate-limited: /);
});

test('exempt addresses and keys are not counted', async (t) => {
  const alice = new Person();
  const rules = ['events: 1/hour per address'];
  const by_key = await with_rules(t, rules, { exempt_pubkeys: [alice.pubkey] });
  assert.equal(await taken(await by_key.connect(alice), notes(5)), 5);
  assert.equal(await taken(await by_key.connect(), notes(5)), 1);
  const by_address = await with_rules(t, rules, { exempt_addresses: ['127.0.0.0/8'] });
  assert.equal(await taken(await by_address.connect(), notes(5)), 5);
});

test('a rule that is none is named by line and entry, with what may stand there', async (t) => {
  const file = join(await temporary_folder(t), 'gateway.toml');
  const rules = ['events: 60/minute per key', 'events: 60/fortnight per key'];
  await writeFile(file, to_toml({ 'extensions.rate_limiter': { rules } }));
  const { code, stderr } = await run(['check-config', '-c', file]);
  assert.equal(code, 1);
  assert.match(stderr, /gateway\.toml:2.*rules: entry 2 of 2: the period is second, minute, hour/);
});

test('a reload brings new rules to open connections', async (t) => {
  const relay = await Relay.of(t);
  const at = await relay.connect();
  assert.equal(await taken(at, notes(9)), 9);
  await relay.reconfigure({ 'extensions.rate_limiter': { rules: ['events: 2/hour per address'] } });
  assert.equal(await taken(at, notes(9)), 2);
  await relay.reconfigure({ 'extensions.rate_limiter': { rules: [] } });
  assert.equal(await taken(at, notes(9)), 9);
});
