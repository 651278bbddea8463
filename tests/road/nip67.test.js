// NIP-67: EOSE says "finish" when nothing is missing, where the operator switched it on.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { NostrKey, now_s, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { new_group_id } from './support/person.js';
import { Relay, run, temporary_folder } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start({ server: { eose_hints: true } })));
after(() => relay?.remove());

const author = new NostrKey();
/** The EOSE of this request, whole. */
async function end_of(at, ...filters) {
  const from = at.messages.length;
  const subscription = await at.subscribe(...filters);
  subscription.close();
  return at.messages.slice(from).find(([verb]) => verb === 'EOSE').slice(2);
}

test('finish comes when no filter reached its limit, and only then', async () => {
  const at = await relay.connect();
  const authors = [author.pubkey];
  for (let n = 0; n < 3; n += 1) await at.post(sign(author, { content: `${n}`, created_at: now_s() - n }));
  assert.deepEqual(await end_of(at, { authors }), [['finish']]);
  assert.deepEqual(await end_of(at, { authors, limit: 4 }), [['finish']]);
  assert.deepEqual(await end_of(at, { authors, limit: 3 }), []);
  assert.deepEqual(await end_of(at, { authors, limit: 0 }), []);
  assert.deepEqual(await end_of(at, { authors }, { authors, limit: 1 }), []);
});

test('a hint says nothing of a group to who is outside it', async () => {
  const { h } = await alice_and_bob(relay);
  const outsider = await relay.connect(new NostrKey());
  for (const more of [{}, { limit: 1 }, { limit: 2 }]) {
    assert.deepEqual(
      await end_of(outsider, { kinds: [445], '#h': [h], ...more }),
      await end_of(outsider, { kinds: [445], '#h': [new_group_id()], ...more }),
    );
  }
});

test('it is off unless it is switched on, and NIP-11 says which', async (t) => {
  const plain = await Relay.of(t);
  assert.deepEqual(await end_of(await plain.connect(), { kinds: [1] }), []);
  const nips = async ({ http_url }) =>
    (await (await fetch(http_url, { headers: { Accept: 'application/nostr+json' } })).json())
      .supported_nips;
  assert.ok(!(await nips(plain)).includes(67));
  assert.ok((await nips(relay)).includes(67));
});

test('it cannot be on where a sidecar decides who is in a group', async (t) => {
  const file = join(await temporary_folder(t), 'gateway.toml');
  await writeFile(
    file,
    '[server]\neose_hints = true\n[extensions.mls_gateway]\nmembership = "acl"\nacl_url = "http://127.0.0.1:1"\n',
  );
  const { code, output } = await run(['check-config', '-c', file]);
  assert.notEqual(code, 0);
  assert.match(output, /eose_hints.*set it to false/);
});
