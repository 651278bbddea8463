import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FieldValue, GeoPoint, Timestamp } from '@google-cloud/firestore';

import { code, ids, refused, times } from './shelf.js';

/** Single documents, writes together and transforms, as Firestore has them. */
export function documents(shelf) {
  describe('documents', () => {
    test('come back as they were written, of every type', async () => {
      const doc = shelf.document();
      const fields = {
        null: null,
        yes: true,
        whole: 7,
        part: 1.5,
        nan: NaN,
        text: 'é',
        bytes: Buffer.from([0, 255]),
        time: new Timestamp(5, 6000),
        place: new GeoPoint(1, 2),
        list: [1, 'a'],
        map: { 'odd.name': { b: 1 } },
        doc,
      };
      await doc.set(fields);
      const stored = (await doc.get()).data();
      assert.equal(stored.doc.path, doc.path);
      assert.deepEqual({ ...stored, doc: 0 }, { ...fields, doc: 0 });
    });

    test('set replaces, merge and update leave what they do not name', async () => {
      const doc = shelf.document();
      await doc.set({ a: 1, b: 1 });
      await doc.set({ m: { x: 1, y: 1 }, n: 1 });
      await doc.set({ m: { z: 1 } }, { merge: true });
      await doc.update({ 'm.x': 2, 'm.y': FieldValue.delete(), n: FieldValue.delete() });
      assert.deepEqual((await doc.get()).data(), { m: { x: 2, z: 1 } });
    });

    test('create and update ask whether they are there', async () => {
      const doc = shelf.document();
      await refused(doc.update({ x: 1 }), code.not_found);
      await refused(doc.delete({ exists: true }), code.not_found);
      await doc.create({ x: 1 });
      await refused(doc.create({ x: 2 }), code.exists);
      await doc.delete();
      await doc.delete();
      assert.equal((await doc.get()).exists, false);
    });

    test('a write with the time of another version is refused', async () => {
      const doc = shelf.document();
      const first = await doc.set({ x: 1 });
      const second = await doc.update({ x: 2 }, { lastUpdateTime: first.writeTime });
      await refused(doc.update({ x: 3 }, { lastUpdateTime: first.writeTime }), code.precondition);
      await refused(doc.delete({ lastUpdateTime: first.writeTime }), code.precondition);
      await doc.delete({ lastUpdateTime: second.writeTime });
      await refused(doc.update({ x: 3 }, { lastUpdateTime: second.writeTime }), code.precondition);
    });

    test('a write that changes nothing leaves the update time', async () => {
      const doc = shelf.document();
      const first = await doc.set({ x: 1 });
      assert.ok((await doc.set({ x: 1 })).writeTime.isEqual(first.writeTime));
      assert.ok(!(await doc.set({ x: 2 })).writeTime.isEqual(first.writeTime));
      assert.ok((await doc.get()).createTime.isEqual(first.writeTime));
    });

    test('larger than 1 MiB are refused, and values near it', async () => {
      const doc = shelf.document();
      await doc.set({ b: Buffer.alloc(1_048_400) });
      await refused(doc.set({ b: Buffer.alloc(1_048_500) }), code.invalid);
      await refused(doc.set({ b: Buffer.alloc(600_000), c: Buffer.alloc(600_000) }), code.invalid);
      await refused(shelf.collection().doc('__x__').set({ x: 1 }), code.invalid);
    });

    test('are read together, some missing, some fields only', async () => {
      const within = await shelf.fill({ a: { x: 1, y: 2 } });
      const [a, b] = await shelf
        .db()
        .getAll(within.doc('a'), within.doc('b'), { fieldMask: ['x'] });
      assert.deepEqual(a.data(), { x: 1 });
      assert.equal(b.exists, false);
    });

    test('are listed, and so are collections below them', async () => {
      const within = await shelf.fill({ a: {}, b: {}, c: {} });
      await within.doc('a').collection('below').doc('x').set({});
      assert.deepEqual(
        (await within.listDocuments()).map((doc) => doc.id),
        ['a', 'b', 'c'],
      );
      assert.deepEqual(
        (await within.doc('a').listCollections()).map((c) => c.id),
        ['below'],
      );
    });
  });

  describe('writes together', () => {
    test('a batch is all or nothing', async () => {
      const within = await shelf.fill({ there: { x: 1 } });
      const batch = shelf
        .db()
        .batch()
        .set(within.doc('new'), { x: 1 })
        .create(within.doc('there'), { x: 2 });
      await refused(batch.commit(), code.exists);
      assert.equal(ids(await within.get()), 'there');
    });

    test('a batch sees its own writes, and may be larger than 500', async () => {
      const within = shelf.collection();
      const batch = shelf
        .db()
        .batch()
        .create(within.doc('a'), { x: 1 })
        .update(within.doc('a'), { y: 2 });
      batch.delete(within.doc('a')).create(within.doc('a'), { z: 3 });
      for (let i = 0; i < 500; ++i) batch.set(within.doc(`n${i}`), { i });
      await batch.commit();
      assert.deepEqual((await within.doc('a').get()).data(), { z: 3 });
      assert.equal((await within.count().get()).data().count, 501);
    });

    test('BulkWriter: each write has its own outcome', async () => {
      const within = await shelf.fill({ d7: { old: true } });
      const writer = shelf.db().bulkWriter();
      writer.onWriteError(() => false);
      const outcomes = Promise.allSettled(
        times(300, (i) => writer.create(within.doc(`d${i}`), { i })),
      );
      await writer.close();
      const failed = (await outcomes).flatMap(({ reason }, i) =>
        reason ? [[i, reason.code]] : [],
      );
      assert.deepEqual(failed, [[7, code.exists]]);
      assert.deepEqual((await within.doc('d7').get()).data(), { old: true });
    });
  });

  describe('transforms', () => {
    /** The field `x` after each of the changes. */
    async function after_each(first, ...changes) {
      const doc = shelf.document();
      await doc.set(first === undefined ? {} : { x: first });
      const seen = [];
      for (const x of changes) {
        await doc.update({ x });
        seen.push((await doc.get()).data().x);
      }
      return seen;
    }

    test('increment: integers, doubles, from nothing and from text', async () => {
      const { increment } = FieldValue;
      assert.deepEqual(
        await after_each(1, increment(2), increment(-1), increment(0.5)),
        [3, 2, 2.5],
      );
      assert.deepEqual(await after_each(undefined, increment(4)), [4]);
      assert.deepEqual(await after_each('text', increment(4)), [4]);
    });

    test('maximum and minimum: the stored one stays when equal', async () => {
      const { maximum, minimum } = FieldValue;
      assert.deepEqual(
        await after_each(5, maximum(3), maximum(8), minimum(9), minimum(2)),
        [5, 8, 8, 2],
      );
      assert.deepEqual(await after_each('text', maximum(-3)), [-3]);
      assert.deepEqual(await after_each(undefined, minimum(3)), [3]);
    });

    test('arrayUnion and arrayRemove: by value, once', async () => {
      const { arrayUnion, arrayRemove } = FieldValue;
      const seen = await after_each(['a'], arrayUnion('a', 'b', 'b'), arrayRemove('a', 'c'));
      assert.deepEqual(seen, [['a', 'b'], ['b']]);
      assert.deepEqual(await after_each(undefined, arrayUnion({ k: 1 })), [[{ k: 1 }]]);
      assert.deepEqual(await after_each('text', arrayRemove('a')), [[]]);
    });

    test('serverTimestamp: milliseconds, the same in all of a commit', async () => {
      const within = await shelf.fill({
        a: { at: FieldValue.serverTimestamp() },
        b: { at: FieldValue.serverTimestamp() },
      });
      const [a, b] = (await within.get()).docs;
      assert.ok(a.data().at.isEqual(b.data().at));
      const late_ms = a.updateTime.toMillis() - a.data().at.toMillis();
      assert.ok(late_ms >= 0 && late_ms < 10_000, `written ${late_ms} ms after its time`);
      assert.equal(a.data().at.nanoseconds % 1_000_000, 0);
    });
  });
}
