// [retention]: how long events are kept, by kind. What is too old is refused, never taken and then dropped.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './support/deadline.js';
import { ids, now_s, sign_once } from './support/event.js';
import { Person } from './support/person.js';
import { Relay, run } from './support/relay.js';
import { lines_of, store_of, verb } from './support/store.js';

const day = 86_400;
const rules = ['7: 0', '0 3: forever', '1 1059: 1d', '1000-1999: 1h', '*: 30d'];
const aged = (kind, age_s, rest = {}) => sign_once({ kind, created_at: now_s() - age_s, ...rest });
const wrap = (age_s) => aged(1059, age_s, { tags: [['p', new Person().pubkey]] });

test('what is too old on arrival is refused, with the reason', async (t) => {
  const relay = await Relay.of(t, { retention: { rules } });
  const at = await relay.connect();
  for (const event of [aged(1, day - 60), aged(1500, 60), aged(0, 900 * day), wrap(3 * day - 60), aged(9, 29 * day)])
    await at.post(event);
  assert.match(await at.rejection(aged(1, day + 1)), /^invalid: .* kept for 1 day here, and this one is older/);
  assert.match(await at.rejection(aged(1500, 3601)), /^invalid: .*1 hour /);
  assert.match(await at.rejection(wrap(3 * day + 1)), /^invalid: /);
  assert.match(await at.rejection(aged(9, 31 * day)), /^invalid: /);
  assert.match(await at.rejection(aged(7, 0)), /^blocked: events of kind 7 are not kept here/);
  assert.equal((await at.query({ kinds: [7] })).length, 0);
});

test('what has become too old goes, with its rows, and the rest stays', async (t) => {
  const relay = await Relay.of(t);
  const alice = new Person();
  const at = await relay.connect(alice);
  const gone = [aged(1, 2 * day), aged(7, 0), aged(1001, 7200), aged(9, 40 * day), wrap(4 * day)];
  const kept = [aged(1, day / 2), aged(0, 900 * day), aged(1001, 60), wrap(2 * day)];
  for (const event of [...gone, ...kept]) await at.post(event);
  const key_package = await at.post(await alice.key_package_event());
  await relay.stop();
  relay.config.retention = { rules: [...rules.slice(0, -1), '443: 0', '*: 30d'] };
  await relay.resume();
  const left = async () => {
    const { stdout } = await verb(['scan', '-c', relay.config_file, '{}', '--ids']);
    return stdout.split('\n').filter(Boolean);
  };
  await eventually(async () => (await left()).length === kept.length, 'what is due to go');
  assert.deepEqual((await left()).sort(), ids(kept).sort());
  await relay.stop();
  relay.config.retention = { rules: [] };
  await relay.resume();
  await (await relay.connect(alice)).post(key_package); // its reference is free again
});

test('a file cannot bring it either', async (t) => {
  const store = await store_of(t, { retention: { rules } });
  const taken = await store.import(lines_of([aged(1, 2 * day), aged(7, 0), aged(1, 60)]));
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /^line 1: invalid: .*kept for 1 day /m);
  assert.match(taken.stderr, /^line 2: blocked: /m);
  assert.match(taken.stderr, /^1 stored/m);
});

test('NIP-11 tells the rules', async (t) => {
  const relay = await Relay.of(t, { retention: { rules: ['1000-1999: 12h', '*: 30d'] } });
  const headers = { accept: 'application/nostr+json' };
  const { retention } = await (await fetch(relay.http_url, { headers })).json();
  assert.deepEqual(retention, [{ kinds: [[1000, 1999]], time: 43_200 }, { time: 30 * day }]);
});

test('a rule that cannot be read stops the start, with its number', async (t) => {
  const store = await store_of(t, { retention: { rules: ['1: 30d', '2: soon'] } });
  const { code, output } = await run(['check-config', '-c', store.file]);
  assert.ok(code > 0);
  assert.match(output, /retention\.rules: entry 2 of 2: names no age/);
});
