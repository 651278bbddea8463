// NIP-13: work, where the operator asks for it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { getEventHash } from 'nostr-tools/pure';

import { NostrKey, now_s, sign } from './support/event.js';
import { Relay } from './support/relay.js';

const BITS = 8;
let relay;
before(async () => (relay = await Relay.start({ limits: { min_pow_difficulty: BITS } })));
after(() => relay?.remove());

const key = new NostrKey();
const difficulty = (id) => Math.clz32(parseInt(id.slice(0, 8), 16));

/** Signed, with at least `bits` of work (or exactly so little), committed to `target`. */
function mined(enough, target) {
  for (let nonce = 0; ; nonce += 1) {
    const tags = [['nonce', `${nonce}`, ...(target === undefined ? [] : [`${target}`])]];
    const template = { kind: 1, created_at: now_s(), tags, content: 'mined', pubkey: key.pubkey };
    if (enough(difficulty(getEventHash(template)))) return sign(key, template);
  }
}
const information = async ({ http_url }) =>
  (await fetch(http_url, { headers: { Accept: 'application/nostr+json' } })).json();

test('too little work is refused with pow:', async () => {
  const at = await relay.connect();
  const easy = mined((bits) => bits < BITS, BITS);
  assert.match(await at.rejection(easy), /^pow: difficulty \d is less than 8/);
  await at.post(mined((bits) => bits >= BITS));
});

test('a target below what is asked for is luck, where a commitment is asked for', async (t) => {
  const strict = await Relay.of(t, {
    limits: { min_pow_difficulty: BITS, require_pow_commitment: true },
  });
  const at = await strict.connect();
  assert.match(await at.rejection(mined((bits) => bits >= BITS, 1)), /^pow: /);
  assert.match(await at.rejection(mined((bits) => bits >= BITS)), /^pow: /);
  await at.post(mined((bits) => bits >= BITS, BITS));
});

test('NIP-11 names it only where it is asked for', async (t) => {
  const { supported_nips, limitation } = await information(relay);
  assert.ok(supported_nips.includes(13));
  assert.equal(limitation.min_pow_difficulty, BITS);
  assert.equal(limitation.restricted_writes, true);
  const plain = await information(await Relay.of(t));
  assert.ok(!plain.supported_nips.includes(13));
  assert.equal(plain.limitation.min_pow_difficulty, 0);
  assert.equal(plain.limitation.restricted_writes, false);
});

test('AUTH takes no work', async () => {
  await (await relay.connect()).authenticate(key);
});
