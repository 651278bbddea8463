// The fake of tests/fake_firestore answers the official Node.js client as Google's emulator does, and fails on demand.
// FIRESTORE_EMULATOR_JAR=<cloud-firestore-emulator.jar> puts the same questions to the emulator (Java needed).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';

import { AggregateField, FieldPath, FieldValue, Filter, GeoPoint, Timestamp } from '@google-cloud/firestore';

import { eventually } from './support/deadline.js';
import { Emulator, FakeFirestore, firestore_client } from './support/fake_firestore.js';

const code = { invalid: 3, not_found: 5, exists: 6, exhausted: 8, precondition: 9, aborted: 10, unavailable: 14 };

const refused = (promise, wanted) =>
  assert.rejects(promise, (error) => (assert.equal(error.code, wanted, error.message), true));
const ids = (snapshot) => snapshot.docs.map((doc) => doc.id).join(' ');
const times = (number, make) => Array.from({ length: number }, (_, i) => make(i));

/** What was begun last ends first: a listener before its client, a client before its server. */
function last_first(at_the_end) {
  const ends = [];
  at_the_end(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

/** The tests that every Firestore has to pass. */
function behaves_like_firestore(Server) {
  const t = last_first(after);
  let db;
  before(async () => {
    db = firestore_client(t, (await Server.of(t)).host);
  });
  const collection = () => db.collection(`c-${randomUUID()}`);
  const document = () => collection().doc('a');

  /** Documents by id; one commit. */
  async function fill(documents) {
    const within = collection();
    const batch = db.batch();
    for (const [id, fields] of Object.entries(documents)) batch.set(within.doc(id), fields);
    await batch.commit();
    return within;
  }

  describe('documents', () => {
    test('come back as they were written, of every type', async () => {
      const doc = document();
      const fields = {
        null: null, yes: true, whole: 7, part: 1.5, nan: NaN, text: 'é', bytes: Buffer.from([0, 255]),
        time: new Timestamp(5, 6000), place: new GeoPoint(1, 2), list: [1, 'a'], map: { 'odd.name': { b: 1 } }, doc,
      };
      await doc.set(fields);
      const stored = (await doc.get()).data();
      assert.equal(stored.doc.path, doc.path);
      assert.deepEqual({ ...stored, doc: 0 }, { ...fields, doc: 0 });
    });

    test('set replaces, merge and update leave what they do not name', async () => {
      const doc = document();
      await doc.set({ a: 1, b: 1 });
      await doc.set({ m: { x: 1, y: 1 }, n: 1 });
      await doc.set({ m: { z: 1 } }, { merge: true });
      await doc.update({ 'm.x': 2, 'm.y': FieldValue.delete(), n: FieldValue.delete() });
      assert.deepEqual((await doc.get()).data(), { m: { x: 2, z: 1 } });
    });

    test('create and update ask whether they are there', async () => {
      const doc = document();
      await refused(doc.update({ x: 1 }), code.not_found);
      await refused(doc.delete({ exists: true }), code.not_found);
      await doc.create({ x: 1 });
      await refused(doc.create({ x: 2 }), code.exists);
      await doc.delete();
      await doc.delete();
      assert.equal((await doc.get()).exists, false);
    });

    test('a write with the time of another version is refused', async () => {
      const doc = document();
      const first = await doc.set({ x: 1 });
      const second = await doc.update({ x: 2 }, { lastUpdateTime: first.writeTime });
      await refused(doc.update({ x: 3 }, { lastUpdateTime: first.writeTime }), code.precondition);
      await refused(doc.delete({ lastUpdateTime: first.writeTime }), code.precondition);
      await doc.delete({ lastUpdateTime: second.writeTime });
      await refused(doc.update({ x: 3 }, { lastUpdateTime: second.writeTime }), code.precondition);
    });

    test('a write that changes nothing leaves the update time', async () => {
      const doc = document();
      const first = await doc.set({ x: 1 });
      assert.ok((await doc.set({ x: 1 })).writeTime.isEqual(first.writeTime));
      assert.ok(!(await doc.set({ x: 2 })).writeTime.isEqual(first.writeTime));
      assert.ok((await doc.get()).createTime.isEqual(first.writeTime));
    });

    test('larger than 1 MiB are refused, and values near it', async () => {
      const doc = document();
      await doc.set({ b: Buffer.alloc(1_048_400) });
      await refused(doc.set({ b: Buffer.alloc(1_048_500) }), code.invalid);
      await refused(doc.set({ b: Buffer.alloc(600_000), c: Buffer.alloc(600_000) }), code.invalid);
      await refused(collection().doc('__x__').set({ x: 1 }), code.invalid);
    });

    test('are read together, some missing, some fields only', async () => {
      const within = await fill({ a: { x: 1, y: 2 } });
      const [a, b] = await db.getAll(within.doc('a'), within.doc('b'), { fieldMask: ['x'] });
      assert.deepEqual(a.data(), { x: 1 });
      assert.equal(b.exists, false);
    });

    test('are listed, and so are collections below them', async () => {
      const within = await fill({ a: {}, b: {}, c: {} });
      await within.doc('a').collection('below').doc('x').set({});
      assert.deepEqual((await within.listDocuments()).map((doc) => doc.id), ['a', 'b', 'c']);
      assert.deepEqual((await within.doc('a').listCollections()).map((c) => c.id), ['below']);
    });
  });

  describe('writes together', () => {
    test('a batch is all or nothing', async () => {
      const within = await fill({ there: { x: 1 } });
      const batch = db.batch().set(within.doc('new'), { x: 1 }).create(within.doc('there'), { x: 2 });
      await refused(batch.commit(), code.exists);
      assert.equal(ids(await within.get()), 'there');
    });

    test('a batch sees its own writes, and may be larger than 500', async () => {
      const within = collection();
      const batch = db.batch().create(within.doc('a'), { x: 1 }).update(within.doc('a'), { y: 2 });
      batch.delete(within.doc('a')).create(within.doc('a'), { z: 3 });
      for (let i = 0; i < 500; ++i) batch.set(within.doc(`n${i}`), { i });
      await batch.commit();
      assert.deepEqual((await within.doc('a').get()).data(), { z: 3 });
      assert.equal((await within.count().get()).data().count, 501);
    });

    test('BulkWriter: each write has its own outcome', async () => {
      const within = await fill({ d7: { old: true } });
      const writer = db.bulkWriter();
      writer.onWriteError(() => false);
      const outcomes = Promise.allSettled(times(300, (i) => writer.create(within.doc(`d${i}`), { i })));
      await writer.close();
      const failed = (await outcomes).flatMap(({ reason }, i) => (reason ? [[i, reason.code]] : []));
      assert.deepEqual(failed, [[7, code.exists]]);
      assert.deepEqual((await within.doc('d7').get()).data(), { old: true });
    });
  });

  describe('transforms', () => {
    /** The field `x` after each of the changes. */
    async function after_each(first, ...changes) {
      const doc = document();
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
      assert.deepEqual(await after_each(1, increment(2), increment(-1), increment(0.5)), [3, 2, 2.5]);
      assert.deepEqual(await after_each(undefined, increment(4)), [4]);
      assert.deepEqual(await after_each('text', increment(4)), [4]);
    });

    test('maximum and minimum: the stored one stays when equal', async () => {
      const { maximum, minimum } = FieldValue;
      assert.deepEqual(await after_each(5, maximum(3), maximum(8), minimum(9), minimum(2)), [5, 8, 8, 2]);
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

    test('serverTimestamp: the time of the write in milliseconds, the same in all of a commit', async () => {
      const within = await fill({ a: { at: FieldValue.serverTimestamp() }, b: { at: FieldValue.serverTimestamp() } });
      const [a, b] = (await within.get()).docs;
      assert.ok(a.data().at.isEqual(b.data().at));
      const late_ms = a.updateTime.toMillis() - a.data().at.toMillis();
      assert.ok(late_ms >= 0 && late_ms < 10_000, `written ${late_ms} ms after its time`);
      assert.equal(a.data().at.nanoseconds % 1_000_000, 0);
    });
  });

  describe('queries', () => {
    let within;
    before(async () => {
      within = await fill({
        a: { n: 1, k: 'x', tags: ['p', 'q'], null: null },
        b: { n: 2, k: 'y', tags: ['q'], m: { i: 5 } },
        c: { n: 3, k: 'x', tags: ['r'], m: { i: 6 } },
        d: { n: 4, k: 'y', tags: [], nan: NaN },
        e: { k: 'z', n: 'text' },
        f: { n: null, nan: 1 },
      });
    });

    const name = FieldPath.documentId();
    const { and, or, where } = Filter;
    const cases = {
      '==': [(q) => q.where('k', '==', 'x'), 'a c'],
      '== null': [(q) => q.where('n', '==', null), 'f'],
      '== NaN': [(q) => q.where('nan', '==', NaN), 'd'],
      '== a double': [(q) => q.where('n', '==', 2.0), 'b'],
      '== in a map': [(q) => q.where('m.i', '==', 6), 'c'],
      '== an array': [(q) => q.where('tags', '==', ['p', 'q']), 'a'],
      '!= leaves out null and what is missing': [(q) => q.where('n', '!=', 2), 'a c d e'],
      '!= null': [(q) => q.where('n', '!=', null), 'a b c d e'],
      '!= NaN': [(q) => q.where('nan', '!=', NaN), 'f'],
      '<': [(q) => q.where('n', '<', 2), 'a'],
      '< leaves out NaN': [(q) => q.where('nan', '<', 2), 'f'],
      '<=': [(q) => q.where('n', '<=', 2), 'a b'],
      '> keeps to numbers': [(q) => q.where('n', '>', 3), 'd'],
      '>= and < of text': [(q) => q.where('n', '>=', 't').where('n', '<', 'u'), 'e'],
      'in': [(q) => q.where('n', 'in', [1, 4, 'text']), 'a d e'],
      'in never finds null': [(q) => q.where('n', 'in', [1, null]), 'a'],
      'not-in': [(q) => q.where('n', 'not-in', [1, 2]), 'c d e'],
      'array-contains': [(q) => q.where('tags', 'array-contains', 'q'), 'a b'],
      'array-contains-any': [(q) => q.where('tags', 'array-contains-any', ['p', 'r']), 'a c'],
      'ranges of two fields': [(q) => q.where('n', '>', 1).where('m.i', '<', 6), 'b'],
      'or': [(q) => q.where(or(where('n', '==', 1), where('k', '==', 'z'))), 'a e'],
      'and of ors': [(q) => q.where(and(where('k', '==', 'x'), or(where('n', '==', 1), where('n', '==', 2)))), 'a'],
      'names': [(q) => q.where(name, '>=', 'c').where(name, '<', 'e'), 'c d'],
      'names in': [(q) => q.where(name, 'in', ['a', 'e', 'nobody']), 'a e'],
      'order: a missing field leaves the document out': [(q) => q.orderBy('m.i', 'desc'), 'c b'],
      'order by two fields': [(q) => q.orderBy('k', 'desc').orderBy('n'), 'e b d a c'],
      'order by one goes on by name, the same way': [(q) => q.orderBy('k', 'desc'), 'e d b c a'],
      'order by name': [(q) => q.orderBy(name), 'a b c d e f'],
    'order by name behind an equal field': [(q) => q.where('k', '==', 'x').orderBy(name, 'desc'), 'c a'],
      'a range without order is ordered by its field': [(q) => q.where('k', '>', 'x'), 'b d e'],
      'limit': [(q) => q.orderBy('n', 'desc').limit(2), 'e d'],
      'limitToLast': [(q) => q.orderBy('n').limitToLast(2), 'd e'],
      'offset': [(q) => q.orderBy('k').offset(3), 'd e'],
      'offset and limit': [(q) => q.orderBy(name).offset(1).limit(2), 'b c'],
      'startAt': [(q) => q.orderBy('n').startAt(3), 'c d e'],
      'startAfter and endBefore': [(q) => q.orderBy('n').startAfter(1).endBefore(4), 'b c'],
      'endAt, descending': [(q) => q.orderBy('n', 'desc').endAt(3), 'e d c'],
      'a cursor in the middle of equals': [(q) => q.orderBy('k').orderBy(name).startAfter('x', 'a'), 'c b d e'],
      'a cursor of one value of two': [(q) => q.orderBy('k').orderBy('n').startAt('y'), 'b d e'],
    };
    for (const [title, [build, wanted]] of Object.entries(cases)) {
      test(title, async () => assert.equal(ids(await build(within).get()), wanted));
    }

    test('a cursor from a document', async () => {
      const from = await within.doc('b').get();
      assert.equal(ids(await within.orderBy('k').startAfter(from).get()), 'd e');
    });

    test('select brings these fields alone', async () => {
      const { docs } = await within.where('k', '==', 'x').select('m.i', 'n').get();
      assert.deepEqual(docs.map((doc) => doc.data()), [{ n: 1 }, { n: 3, m: { i: 6 } }]);
      assert.deepEqual((await within.where('n', '==', 1).select().get()).docs[0].data(), {});
    });

    test('a group finds the collections of one name, wherever they are', async () => {
      const group = `g-${randomUUID()}`;
      await within.doc('a').collection(group).doc('1').set({ v: 1 });
      await within.doc('b').collection('x').doc('y').collection(group).doc('2').set({ v: 2 });
      assert.equal(ids(await db.collectionGroup(group).orderBy('v').get()), '1 2');
      assert.equal(ids(await db.collectionGroup(group).where('v', '>', 1).get()), '2');
      assert.equal(ids(await within.get()), 'a b c d e f');
    });

    test('values of all types have one order', async () => {
      const names = times(25, (i) => `d${String(i).padStart(2, '0')}`);
      const values = [
        null, false, true, NaN, -1, 0, 0.5, 1, 9007199254740991, new Timestamp(1, 0), new Timestamp(1, 1000), '', 'a', 'ab',
        'é', Buffer.from('a'), within.doc('a'), within.doc('b'), new GeoPoint(1, 2), [1], [1, 2], [2], { a: 1 }, { a: 1, b: 0 },
        { b: 0 },
      ];
      const mixed = await fill(Object.fromEntries(names.map((id, i) => [id, { v: values[i] }])));
      assert.equal(ids(await mixed.orderBy('v').get()), names.join(' '));
      assert.equal(ids(await mixed.orderBy('v', 'desc').get()), names.toReversed().join(' '));
    });

    test('what is too much for Firestore is refused', async () => {
      const numbers = times(31, (i) => i);
      const six = numbers.slice(0, 6);
      const tags = within.where('tags', 'array-contains', 'p');
      assert.equal((await within.where('n', 'in', numbers.slice(1)).get()).size, 4);
      const too_much = [
        within.where('n', 'in', numbers),
        within.where('n', 'in', six).where('k', 'in', six),
        within.where('n', 'not-in', numbers.slice(0, 11)),
        within.where('n', 'not-in', [1]).where('k', '!=', 'x'),
        tags.where('tags', 'array-contains', 'q'),
      ];
      // All at once: the client asks five times, for seconds, before it believes a refusal.
      await Promise.all([
        ...too_much.map((query) => refused(query.get(), code.invalid)),
        refused(within.orderBy(name, 'desc').get(), code.precondition),
      ]);
    });

    test('count, sum and average', async () => {
      const { count, sum, average } = AggregateField;
      const data = async (query, wanted) => (await query.aggregate(wanted).get()).data();
      assert.deepEqual(await data(within, { n: count() }), { n: 6 });
      assert.deepEqual(await data(within.limit(2), { n: count() }), { n: 2 });
      assert.deepEqual(await data(within, { n: count(), s: sum('m.i'), a: average('m.i') }), { n: 2, s: 11, a: 5.5 });
      assert.deepEqual(await data(within.where('k', '==', 'nobody'), { s: sum('n'), a: average('n') }), { s: 0, a: null });
    });
  });

  describe('transactions', () => {
    const patient = { maxAttempts: 60 };

    test('ten at once lose no increment', async () => {
      const doc = document();
      await doc.set({ n: 0 });
      const add_one = async (transaction) => {
        const { n } = (await transaction.get(doc)).data();
        transaction.update(doc, { n: n + 1 });
      };
      await Promise.all(times(10, () => db.runTransaction(add_one, patient)));
      assert.deepEqual((await doc.get()).data(), { n: 10 });
    });

    test('eight claimers of one thing: one has it', async () => {
      const doc = document();
      await doc.set({ claimed_by: null });
      const claim = (who) => async (transaction) => {
        if ((await transaction.get(doc)).data().claimed_by !== null) return false;
        transaction.update(doc, { claimed_by: who });
        return true;
      };
      const won = await Promise.all(times(8, (who) => db.runTransaction(claim(who), patient)));
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await doc.get()).data().claimed_by, won.indexOf(true));
    });

    test('four claimers of four things by a query: each has another one', async () => {
      const within = await fill(Object.fromEntries(times(4, (i) => [`k${i}`, { i, free: true }])));
      const oldest = within.where('free', '==', true).orderBy('i').limit(1);
      const claim = async (transaction) => {
        const [first] = (await transaction.get(oldest)).docs;
        transaction.update(first.ref, { free: false });
        return first.id;
      };
      const had = await Promise.all(times(4, () => db.runTransaction(claim, patient)));
      assert.deepEqual(had.toSorted(), ['k0', 'k1', 'k2', 'k3']);
    });

    test('eight claimers by the time of the version, without transactions: one has it', async () => {
      const doc = document();
      const { writeTime } = await doc.set({ free: true });
      const claims = times(8, (who) => doc.update({ free: false, who }, { lastUpdateTime: writeTime }));
      const outcomes = await Promise.allSettled(claims);
      const lost = outcomes.filter(({ reason }) => reason).map(({ reason }) => reason.code);
      assert.deepEqual(lost, times(7, () => code.precondition));
    });

    test('one that fails in the middle writes nothing', async () => {
      const doc = document();
      const fails = async (transaction) => {
        transaction.set(doc, { x: 1 });
        throw new Error('changed my mind');
      };
      await assert.rejects(db.runTransaction(fails), /changed my mind/);
      assert.equal((await doc.get()).exists, false);
    });

    test('a read-only one sees one moment', async () => {
      const within = await fill({ a: { n: 1 }, b: { n: 1 } });
      const read = async (transaction) => {
        const first = (await transaction.get(within.doc('a'))).data().n;
        await within.doc('b').set({ n: 2 });
        return [first, (await transaction.get(within.doc('b'))).data().n];
      };
      assert.deepEqual(await db.runTransaction(read, { readOnly: true }), [1, 1]);
    });
  });

  describe('listeners', () => {
    /** Follows `query`: `seen` has "added:a" and the like, of each snapshot. */
    function follow(t, query) {
      const seen = [];
      const heard = (snapshot) => {
        const changes = snapshot.docChanges?.().map(({ type, doc }) => `${type}:${doc.id}`);
        seen.push(changes ? changes.join(' ') : JSON.stringify(snapshot.data() ?? null));
      };
      t.after(query.onSnapshot(heard, (error) => seen.push(`error ${error.code}`)));
      const hears = (wanted) =>
        eventually(() => seen.includes(wanted), `“${wanted}”, after ${JSON.stringify(seen)}`);
      return { seen, hears };
    }

    test('a query: added, modified, left and removed', async (t) => {
      const within = await fill({ old: { k: 1 } });
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
      const within = collection();
      const { hears } = follow(t, within.orderBy('i'));
      await hears('');
      const batch = db.batch();
      for (let i = 0; i < 5; ++i) batch.set(within.doc(`d${i}`), { i });
      await batch.commit();
      await hears('added:d0 added:d1 added:d2 added:d3 added:d4');
    });

    test('a document, there or not', async (t) => {
      const doc = document();
      const { seen, hears } = follow(t, doc);
      await hears('null');
      await doc.set({ v: 1 });
      await hears('{"v":1}');
      await doc.delete();
      await eventually(() => seen.length === 3, 'the deletion');
      assert.deepEqual(seen, ['null', '{"v":1}', 'null']);
    });

    test('a window moves when its first goes', async (t) => {
      const within = await fill({ a: { i: 1 }, b: { i: 2 }, c: { i: 3 } });
      const { hears } = follow(t, within.orderBy('i').limit(2));
      await hears('added:a added:b');
      await within.doc('a').delete();
      await hears('removed:a added:c');
    });

    test('from a time on, with times of the server', async (t) => {
      const within = await fill({ old: { at: Timestamp.fromMillis(1) } });
      const { seen, hears } = follow(t, within.orderBy('at').startAfter(Timestamp.fromMillis(5)));
      await hears('');
      await within.doc('new').set({ at: FieldValue.serverTimestamp() });
      await hears('added:new');
      assert.deepEqual(seen, ['', 'added:new']);
    });
  });
}

describe('the fake', { concurrency: true }, () => behaves_like_firestore(FakeFirestore));

if (Emulator.jar) {
  describe('the official emulator', { concurrency: true }, () => behaves_like_firestore(Emulator));
} else {
  console.warn('NOT RUN: the same tests against the official emulator, for want of FIRESTORE_EMULATOR_JAR');
}

describe('what only the fake can do', () => {
  /** A fake of its own, its client, and an empty collection; `follow()` listens to it. */
  async function fresh(test) {
    const t = last_first((end) => test.after(end));
    const fake = await FakeFirestore.of(t);
    const within = firestore_client(t, fake.host).collection('c');
    const follow = () => {
      const seen = [];
      const heard = (snapshot) =>
        seen.push(...snapshot.docChanges().map(({ type, doc }) => `${type}:${doc.id}`));
      t.after(within.onSnapshot(heard, (error) => seen.push(`error ${error.code}`)));
      return seen;
    };
    return { fake, within, follow };
  }

  test('a listener whose stream is cut goes on where it was: no document comes twice', async (t) => {
    const { fake, within, follow } = await fresh(t);
    const seen = follow();
    await within.doc('a').set({ v: 1 });
    await eventually(() => seen.length === 1, 'the first document');
    await fake.order('hold Commit after 1');
    const written = within.doc('b').set({ v: 1 });
    await eventually(async () => (await fake.number('held')) === 1, 'the commit to be held');
    await eventually(() => seen.length === 2, 'a commit that has no answer yet to be heard of');
    await fake.order('cut');
    await fake.order('release');
    await written;
    await within.doc('a').delete();
    await within.doc('c').set({ v: 1 });
    await eventually(() => seen.length === 4, 'what came after the cut');
    assert.deepEqual(seen.toSorted(), ['added:a', 'added:b', 'added:c', 'removed:a']);
    assert.ok((await fake.number('calls Listen', 'calls')) >= 2);
    // Each once for the listener; the deletion is free.
    assert.equal(await fake.number('counts', 'reads'), 3);
  });

  test('a RESET, and a token that was forgotten: the listener hears of nothing new', async (t) => {
    const { fake, within, follow } = await fresh(t);
    const seen = follow();
    await within.doc('a').set({ v: 1 });
    await eventually(() => seen.length === 1, 'the first document');
    await fake.order('reset');
    await fake.order('forget-tokens');
    await fake.order('cut');
    await eventually(async () => (await fake.number('calls Listen', 'calls')) === 2, 'the client to come back');
    await within.doc('b').set({ v: 1 });
    await eventually(() => seen.length === 2, 'the second document');
    assert.deepEqual(seen, ['added:a', 'added:b']);
  });

  test('a lost reply: the write is there, its retry says so', async (t) => {
    const { fake, within } = await fresh(t);
    await fake.order('fail Commit DATA_LOSS after');
    await refused(within.doc('a').create({ x: 1 }), 15);
    await refused(within.doc('a').create({ x: 1 }), code.exists);
    await fake.order('fail Commit DATA_LOSS before 2');
    await refused(within.doc('b').create({ x: 1 }), 15);
    await refused(within.doc('b').create({ x: 1 }), 15);
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
    assert.deepEqual((await outcomes).map(({ status }) => status), ['rejected', 'fulfilled', 'fulfilled']);
  });

  test('an outage: documents are there afterwards', async (t) => {
    const { fake, within } = await fresh(t);
    await within.doc('a').set({ x: 1 });
    await fake.order('down');
    const back = eventually(async () => (await within.doc('a').get()).data(), 'the document', { ms: 30_000 });
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
    assert.equal(await counted(() => within.where('i', '>', 9).get()), 'reads 1 writes 0 deletes 0');
    assert.equal(await counted(() => within.offset(3).get()), 'reads 5 writes 0 deletes 0');
    assert.equal(await counted(() => within.count().get()), 'reads 1 writes 0 deletes 0');
    assert.equal(await counted(() => within.doc('nobody').get()), 'reads 1 writes 0 deletes 0');
    assert.equal(await counted(() => within.doc('d0').delete()), 'reads 0 writes 0 deletes 1');
  });

  test('an order that makes no sense is refused', async (t) => {
    const { fake } = await fresh(t);
    for (const order of ['fail Commit', 'fail Commit NEVER', 'delay Commit soon', 'hold Commit before 0', 'dance'])
      await assert.rejects(fake.order(order), /error:/);
  });
});
