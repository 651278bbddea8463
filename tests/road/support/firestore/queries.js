import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { AggregateField, FieldPath, Filter, GeoPoint, Timestamp } from '@google-cloud/firestore';

import { code, ids, refused, times } from './shelf.js';

/** Queries and aggregations, as Firestore has them. */
export function queries(shelf) {
  describe('queries', () => {
    let within;
    before(async () => {
      within = await shelf.fill({
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
      in: [(q) => q.where('n', 'in', [1, 4, 'text']), 'a d e'],
      'in never finds null': [(q) => q.where('n', 'in', [1, null]), 'a'],
      'not-in': [(q) => q.where('n', 'not-in', [1, 2]), 'c d e'],
      'array-contains': [(q) => q.where('tags', 'array-contains', 'q'), 'a b'],
      'array-contains-any': [(q) => q.where('tags', 'array-contains-any', ['p', 'r']), 'a c'],
      'ranges of two fields': [(q) => q.where('n', '>', 1).where('m.i', '<', 6), 'b'],
      or: [(q) => q.where(or(where('n', '==', 1), where('k', '==', 'z'))), 'a e'],
      'and of ors': [
        (q) => q.where(and(where('k', '==', 'x'), or(where('n', '==', 1), where('n', '==', 2)))),
        'a',
      ],
      names: [(q) => q.where(name, '>=', 'c').where(name, '<', 'e'), 'c d'],
      'names in': [(q) => q.where(name, 'in', ['a', 'e', 'nobody']), 'a e'],
      'order: a missing field leaves the document out': [(q) => q.orderBy('m.i', 'desc'), 'c b'],
      'order by two fields': [(q) => q.orderBy('k', 'desc').orderBy('n'), 'e b d a c'],
      'order by one goes on by name, the same way': [(q) => q.orderBy('k', 'desc'), 'e d b c a'],
      'order by name': [(q) => q.orderBy(name), 'a b c d e f'],
      'order by name behind an equal field': [
        (q) => q.where('k', '==', 'x').orderBy(name, 'desc'),
        'c a',
      ],
      'a range without order is ordered by its field': [(q) => q.where('k', '>', 'x'), 'b d e'],
      limit: [(q) => q.orderBy('n', 'desc').limit(2), 'e d'],
      limitToLast: [(q) => q.orderBy('n').limitToLast(2), 'd e'],
      offset: [(q) => q.orderBy('k').offset(3), 'd e'],
      'offset and limit': [(q) => q.orderBy(name).offset(1).limit(2), 'b c'],
      startAt: [(q) => q.orderBy('n').startAt(3), 'c d e'],
      'startAfter and endBefore': [(q) => q.orderBy('n').startAfter(1).endBefore(4), 'b c'],
      'endAt, descending': [(q) => q.orderBy('n', 'desc').endAt(3), 'e d c'],
      'a cursor in the middle of equals': [
        (q) => q.orderBy('k').orderBy(name).startAfter('x', 'a'),
        'c b d e',
      ],
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
      assert.deepEqual(
        docs.map((doc) => doc.data()),
        [{ n: 1 }, { n: 3, m: { i: 6 } }],
      );
      assert.deepEqual((await within.where('n', '==', 1).select().get()).docs[0].data(), {});
    });

    test('a group finds the collections of one name, wherever they are', async () => {
      const group = `g-${randomUUID()}`;
      await within.doc('a').collection(group).doc('1').set({ v: 1 });
      await within.doc('b').collection('x').doc('y').collection(group).doc('2').set({ v: 2 });
      assert.equal(ids(await shelf.db().collectionGroup(group).orderBy('v').get()), '1 2');
      assert.equal(ids(await shelf.db().collectionGroup(group).where('v', '>', 1).get()), '2');
      assert.equal(ids(await within.get()), 'a b c d e f');
    });

    test('values of all types have one order', async () => {
      const names = times(25, (i) => `d${String(i).padStart(2, '0')}`);
      const values = [
        null,
        false,
        true,
        NaN,
        -1,
        0,
        0.5,
        1,
        9007199254740991,
        new Timestamp(1, 0),
        new Timestamp(1, 1000),
        '',
        'a',
        'ab',
        'é',
        Buffer.from('a'),
        within.doc('a'),
        within.doc('b'),
        new GeoPoint(1, 2),
        [1],
        [1, 2],
        [2],
        { a: 1 },
        { a: 1, b: 0 },
        { b: 0 },
      ];
      const mixed = await shelf.fill(
        Object.fromEntries(names.map((id, i) => [id, { v: values[i] }])),
      );
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
      assert.deepEqual(await data(within, { n: count(), s: sum('m.i'), a: average('m.i') }), {
        n: 2,
        s: 11,
        a: 5.5,
      });
      assert.deepEqual(
        await data(within.where('k', '==', 'nobody'), { s: sum('n'), a: average('n') }),
        { s: 0, a: null },
      );
    });
  });
}
