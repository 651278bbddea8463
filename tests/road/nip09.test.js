// NIP-09: deletion.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Relay } from './support/relay.js';

let relay, connection;
before(async () => {
  relay = await Relay.start();
  connection = await relay.connect();
});
after(() => relay?.remove());

const NOW = now_s();
const deletion = (key, tags, rest) => sign(key, { kind: 5, tags, ...rest });
const found = async (event) => (await connection.query({ ids: [event.id] })).length === 1;
const refused = async (event) => !(await connection.publish(event)).accepted;

test('an author deletes an event by its id, for good', async () => {
  const author = new NostrKey();
  const [doomed, kept] = [sign(author, { content: 'doomed' }), sign(author, { content: 'kept' })];
  for (const event of [doomed, kept]) await connection.post(event);
  await connection.post(
    deletion(author, [
      ['e', doomed.id],
      ['k', '7'],
    ]),
  );
  assert.equal(await found(doomed), false);
  assert.equal(await found(kept), true);
  assert.equal(await refused(doomed), true);
});

test("nobody deletes somebody else's event, by id or by address", async () => {
  const [author, mallory] = [new NostrKey(), new NostrKey()];
  const note = await connection.post(sign(author, { content: 'mine' }));
  const article = await connection.post(sign(author, { kind: 30_023, tags: [['d', 'x']] }));
  await connection.publish(
    deletion(mallory, [
      ['e', note.id],
      ['a', `30023:${author.pubkey}:x`],
    ]),
  );
  assert.equal(await found(note), true);
  assert.equal(await found(article), true);
});

test('a deletion that comes first bars the event, and only if its author signed it', async () => {
  const [author, mallory] = [new NostrKey(), new NostrKey()];
  const [doomed, safe] = [sign(author, { content: 'doomed' }), sign(author, { content: 'safe' })];
  await connection.post(deletion(author, [['e', doomed.id]]));
  await connection.publish(deletion(mallory, [['e', safe.id]]));
  assert.equal(await refused(doomed), true);
  await connection.post(safe);
});

for (const [name, template, address] of [
  [
    'an addressable event',
    { kind: 30_023, tags: [['d', 'a:b:c']] },
    (key) => `30023:${key.pubkey}:a:b:c`,
  ],
  ['a replaceable event', { kind: 10_002 }, (key) => `10002:${key.pubkey}:`],
  ['a profile', { kind: 0 }, (key) => `0:${key.pubkey}:`],
]) {
  test(`${name} is deleted by address up to the deletion's time, the same second too`, async () => {
    const author = new NostrKey();
    const at = (created_at) => sign(author, { ...template, created_at, content: `${created_at}` });
    const [older, same, newer] = [at(NOW - 20), at(NOW - 10), at(NOW - 5)];
    await connection.post(same);
    await connection.post(deletion(author, [['a', address(author)]], { created_at: NOW - 10 }));
    assert.equal(await found(same), false);
    assert.equal(await refused(same), true);
    assert.equal(await refused(older), true);
    await connection.post(newer);
    assert.equal(await found(newer), true);
  });

  test(`${name} newer than the deletion stays when it came before it`, async () => {
    const author = new NostrKey();
    const newer = await connection.post(sign(author, { ...template, created_at: NOW - 5 }));
    await connection.post(deletion(author, [['a', address(author)]], { created_at: NOW - 10 }));
    assert.equal(await found(newer), true);
  });
}

test('an address is exact: no prefix, no other kind', async () => {
  const author = new NostrKey();
  const events = [
    sign(author, { kind: 30_023, tags: [['d', 'x_y']] }),
    sign(author, { kind: 30_023, tags: [['d', '']] }),
    sign(author, { kind: 30_024, tags: [['d', 'x']] }),
  ];
  for (const event of events) await connection.post(event);
  await connection.post(deletion(author, [['a', `30023:${author.pubkey}:x`]]));
  for (const event of events) assert.equal(await found(event), true);
});

test('deletions are stored, served, sent live, and cannot be deleted', async () => {
  const author = new NostrKey();
  const hears = await connection.subscribe({ kinds: [5], authors: [author.pubkey] });
  const note = await connection.post(sign(author, { content: 'gone' }));
  const first = await connection.post(deletion(author, [['e', note.id]]));
  assert.equal((await hears.next()).id, first.id);
  await connection.publish(deletion(author, [['e', first.id]]));
  assert.equal(await found(first), true);
  assert.equal(await refused(note), true);
});

test('malformed targets are passed over, the good one next to them is not', async () => {
  const author = new NostrKey();
  const note = await connection.post(sign(author, { content: 'gone' }));
  const tags = [['e'], ['e', 'abc'], ['a', 'nonsense'], ['a', '30023:x:y'], ['a'], ['e', note.id]];
  await connection.publish(deletion(author, tags));
  assert.equal(await found(note), false);
});

test('deletions hold after a restart', async () => {
  const author = new NostrKey();
  const note = await connection.post(sign(author, { content: 'gone' }));
  const early = sign(author, { content: 'not here yet' });
  await connection.post(
    deletion(author, [
      ['e', note.id],
      ['e', early.id],
    ]),
  );
  await relay.restart();
  connection = await relay.connect();
  assert.deepEqual(ids(await connection.query({ authors: [author.pubkey], kinds: [1] })), []);
  assert.equal(await refused(note), true);
  assert.equal(await refused(early), true);
});
