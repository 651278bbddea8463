import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { FieldValue, Timestamp } from '@google-cloud/firestore';

import { eventually } from '../deadline.js';
import { code, follow, times } from './shelf.js';

/** What several do at the same time, as Firestore has it: transactions and listeners. */
export function live(shelf) {
  describe('transactions', () => {
    const patient = { maxAttempts: 60 };

    test('ten at once lose no increment', async () => {
      const doc = shelf.document();
      await doc.set({ n: 0 });
      const add_one = async (transaction) => {
        const { n } = (await transaction.get(doc)).data();
        transaction.update(doc, { n: n + 1 });
      };
      await Promise.all(times(10, () => shelf.db().runTransaction(add_one, patient)));
      assert.deepEqual((await doc.get()).data(), { n: 10 });
    });

    test('eight claimers of one thing: one has it', async () => {
      const doc = shelf.document();
      await doc.set({ claimed_by: null });
      const claim = (who) => async (transaction) => {
        if ((await transaction.get(doc)).data().claimed_by !== null) return false;
        transaction.update(doc, { claimed_by: who });
        return true;
      };
      const won = await Promise.all(
        times(8, (who) => shelf.db().runTransaction(claim(who), patient)),
      );
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await doc.get()).data().claimed_by, won.indexOf(true));
    });

    test('four claimers of four things by a query: each has another one', async () => {
      const within = await shelf.fill(
        Object.fromEntries(times(4, (i) => [`k${i}`, { i, free: true }])),
      );
      const oldest = within.where('free', '==', true).orderBy('i').limit(1);
      const claim = async (transaction) => {
        const [first] = (await transaction.get(oldest)).docs;
        transaction.update(first.ref, { free: false });
        return first.id;
      };
      const had = await Promise.all(times(4, () => shelf.db().runTransaction(claim, patient)));
      assert.deepEqual(had.toSorted(), ['k0', 'k1', 'k2', 'k3']);
    });

    test('eight claimers by the version, without transactions: one has it', async () => {
      const doc = shelf.document();
      const { writeTime } = await doc.set({ free: true });
      const claims = times(8, (who) =>
        doc.update({ free: false, who }, { lastUpdateTime: writeTime }),
      );
      const outcomes = await Promise.allSettled(claims);
      const lost = outcomes.filter(({ reason }) => reason).map(({ reason }) => reason.code);
      assert.deepEqual(
        lost,
        times(7, () => code.precondition),
      );
    });

    test('one that fails in the middle writes nothing', async () => {
      const doc = shelf.document();
      const fails = async (transaction) => {
        transaction.set(doc, { x: 1 });
        throw new Error('changed my mind');
      };
      await assert.rejects(shelf.db().runTransaction(fails), /changed my mind/);
      assert.equal((await doc.get()).exists, false);
    });

    test('a read-only one sees one moment', async () => {
      const within = await shelf.fill({ a: { n: 1 }, b: { n: 1 } });
      const read = async (transaction) => {
        const first = (await transaction.get(within.doc('a'))).data().n;
        await within.doc('b').set({ n: 2 });
        return [first, (await transaction.get(within.doc('b'))).data().n];
      };
      assert.deepEqual(await shelf.db().runTransaction(read, { readOnly: true }), [1, 1]);
    });
  });

  describe('listeners', () => {
    test('a query: added, modified, left and removed', async (t) => {
      const within = await shelf.fill({ old: { k: 1 } });
      const { seen, hears } = follow(t, within.where('k', '==', 1));
      await hears('added:old');
      await within.doc('a').set({ k: 1 });
      await hears('added:a');
      await within.doc('a').update({ v: 2 });
      await hears('modified:a');
      await within.doc('other').set({ k: 2 });
      await within.doc('a').update({ k: 2 });
      await hears('removed:a');
      await within.doc('old').delete();
      await hears('removed:old');
      assert.deepEqual(seen, ['added:old', 'added:a', 'modified:a', 'removed:a', 'removed:old']);
    });

    test('a commit of several documents is one snapshot', async (t) => {
      const within = shelf.collection();
      const { hears } = follow(t, within.orderBy('i'));
      await hears('');
      const batch = shelf.db().batch();
      for (let i = 0; i < 5; ++i) batch.set(within.doc(`d${i}`), { i });
      await batch.commit();
      await hears('added:d0 added:d1 added:d2 added:d3 added:d4');
    });

    test('a document, there or not', async (t) => {
      const doc = shelf.document();
      const { seen, hears } = follow(t, doc);
      await hears('null');
      await doc.set({ v: 1 });
      await hears('{"v":1}');
      await doc.delete();
      await eventually(() => seen.length === 3, 'the deletion');
      assert.deepEqual(seen, ['null', '{"v":1}', 'null']);
    });

    test('a window moves when its first goes', async (t) => {
      const within = await shelf.fill({ a: { i: 1 }, b: { i: 2 }, c: { i: 3 } });
      const { hears } = follow(t, within.orderBy('i').limit(2));
      await hears('added:a added:b');
      await within.doc('a').delete();
      await hears('removed:a added:c');
    });

    test('from a time on, with times of the server', async (t) => {
      const within = await shelf.fill({ old: { at: Timestamp.fromMillis(1) } });
      const { seen, hears } = follow(t, within.orderBy('at').startAfter(Timestamp.fromMillis(5)));
      await hears('');
      await within.doc('new').set({ at: FieldValue.serverTimestamp() });
      await hears('added:new');
      assert.deepEqual(seen, ['', 'added:new']);
    });
  });
}
