// The fake of tests/fake_firestore answers the official Node.js client as Google's emulator does,
// and fails on demand. FIRESTORE_EMULATOR_JAR=<cloud-firestore-emulator.jar> puts the same
// questions to the emulator (Java needed).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { Emulator, FakeFirestore, firestore_client } from './support/fake_firestore.js';
import { documents } from './support/firestore/documents.js';
import { live } from './support/firestore/live.js';
import { queries } from './support/firestore/queries.js';
import { Shelf, code, follow, last_first, refused, times } from './support/firestore/shelf.js';

/** What every Firestore has to pass. */
function behaves_like_firestore(Server) {
  const t = last_first(after);
  let db;
  before(async () => {
    db = firestore_client(t, (await Server.of(t)).host);
  });
  const shelf = new Shelf(() => db);
  documents(shelf);
  queries(shelf);
  live(shelf);
}

describe('the fake', { concurrency: true }, () => behaves_like_firestore(FakeFirestore));

if (Emulator.jar) {
  describe('the official emulator', { concurrency: true }, () => behaves_like_firestore(Emulator));
} else {
  console.warn(
    'NOT RUN: the same tests against the official emulator, for want of FIRESTORE_EMULATOR_JAR',
  );
}

describe('what only the fake can do', () => {
  /** A fake of its own, its client, and an empty collection. */
  async function fresh(t) {
    const ends = last_first((end) => t.after(end));
    const fake = await FakeFirestore.of(ends);
    const within = firestore_client(ends, fake.host).collection('c');
    return { ends, fake, within };
  }

  /** What a listener of `within` is told; how much comes in one snapshot does not matter here. */
  function changes_of(ends, within) {
    const { seen } = follow(ends, within);
    return () => seen.flatMap((snapshot) => snapshot.split(' ')).filter(Boolean);
  }

  test('a listener that is cut goes on where it was: no document comes twice', async (t) => {
    const { ends, fake, within } = await fresh(t);
    const seen = changes_of(ends, within);
    await within.doc('a').set({ v: 1 });
    await eventually(() => seen().length === 1, 'the first document');
    await fake.order('hold Commit after 1');
    const written = within.doc('b').set({ v: 1 });
    await eventually(async () => (await fake.number('held')) === 1, 'the commit to be held');
    await eventually(() => seen().length === 2, 'a commit that has no answer yet to be heard of');
    await fake.order('cut');
    await fake.order('release');
    await written;
    await within.doc('a').delete();
    await within.doc('c').set({ v: 1 });
    await eventually(() => seen().length === 4, 'what came after the cut');
    assert.deepEqual(seen().toSorted(), ['added:a', 'added:b', 'added:c', 'removed:a']);
    assert.ok((await fake.number('calls Listen', 'calls')) >= 2);
    // Each once for the listener; the deletion is free.
    assert.equal(await fake.number('counts', 'reads'), 3);
  });

  test('a RESET, and a token that was forgotten: the listener hears of nothing new', async (t) => {
    const { ends, fake, within } = await fresh(t);
    const seen = changes_of(ends, within);
    await within.doc('a').set({ v: 1 });
    await eventually(() => seen().length === 1, 'the first document');
    await fake.order('reset');
    await fake.order('forget-tokens');
    await fake.order('cut');
    await eventually(
      async () => (await fake.number('calls Listen', 'calls')) === 2,
      'the client to come back',
    );
    await within.doc('b').set({ v: 1 });
    await eventually(() => seen().length === 2, 'the second document');
    assert.deepEqual(seen(), ['added:a', 'added:b']);
  });

  test('a lost reply: the write is there, its retry says so', async (t) => {
    const { fake, within } = await fresh(t);
    await fake.order('fail Commit DATA_LOSS after');
    await refused(within.doc('a').create({ x: 1 }), code.data_loss);
    await refused(within.doc('a').create({ x: 1 }), code.exists);
    await fake.order('fail Commit DATA_LOSS before 2');
    await refused(within.doc('b').create({ x: 1 }), code.data_loss);
    await refused(within.doc('b').create({ x: 1 }), code.data_loss);
    await within.doc('b').create({ x: 1 });
    assert.equal(await fake.order('counts'), 'reads 0 writes 2 deletes 0');
  });

  test('one write of a batch fails, the others do not', async (t) => {
    const { fake, within } = await fresh(t);
    await fake.order('fail BatchWrite.write PERMISSION_DENIED before 1');
    const writer = within.firestore.bulkWriter();
    writer.onWriteError(() => false);
    const outcomes = Promise.allSettled(times(3, (i) => writer.create(within.doc(`d${i}`), { i })));
    await writer.close();
    assert.deepEqual(
      (await outcomes).map(({ status }) => status),
      ['rejected', 'fulfilled', 'fulfilled'],
    );
  });

  test('an outage: documents are there afterwards', async (t) => {
    const { fake, within } = await fresh(t);
    await within.doc('a').set({ x: 1 });
    await fake.order('down');
    const back = eventually(async () => (await within.doc('a').get()).data(), 'the document', {
      ms: 30_000,
    });
    await fake.order('up');
    assert.deepEqual(await back, { x: 1 });
  });

  test('requests over 10 MiB are refused', async (t) => {
    const { within } = await fresh(t);
    const batch = within.firestore.batch();
    for (let i = 0; i < 11; ++i) batch.set(within.doc(`d${i}`), { b: Buffer.alloc(1_000_000) });
    await refused(batch.commit(), code.invalid);
  });

  test('reads, writes and deletes are counted as they are billed', async (t) => {
    const { fake, within } = await fresh(t);
    const counted = async (work) => {
      await fake.order('clear-counts');
      await work();
      return fake.order('counts');
    };
    const batch = within.firestore.batch();
    for (let i = 0; i < 5; ++i) batch.set(within.doc(`d${i}`), { i });
    assert.equal(await counted(() => batch.commit()), 'reads 0 writes 5 deletes 0');
    assert.equal(await counted(() => within.get()), 'reads 5 writes 0 deletes 0');
    assert.equal(
      await counted(() => within.where('i', '>', 9).get()),
      'reads 1 writes 0 deletes 0',
    );
    assert.equal(await counted(() => within.offset(3).get()), 'reads 5 writes 0 deletes 0');
    assert.equal(await counted(() => within.count().get()), 'reads 1 writes 0 deletes 0');
    assert.equal(await counted(() => within.doc('nobody').get()), 'reads 1 writes 0 deletes 0');
    assert.equal(await counted(() => within.doc('d0').delete()), 'reads 0 writes 0 deletes 1');
  });

  test('an order that makes no sense is refused', async (t) => {
    const { fake } = await fresh(t);
    for (const order of [
      'fail Commit',
      'fail Commit NEVER',
      'delay Commit soon',
      'hold Commit before 0',
      'dance',
    ])
      await assert.rejects(fake.order(order), /error:/);
  });
});
