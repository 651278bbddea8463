import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { eventually } from '../deadline.js';

/** What the tests of a Firestore say. Codes are those of google.rpc. */
export const code = {
  invalid: 3,
  not_found: 5,
  exists: 6,
  precondition: 9,
  data_loss: 15,
};

export const refused = (promise, wanted) =>
  assert.rejects(promise, (error) => (assert.equal(error.code, wanted, error.message), true));

/** Of the documents found, in order. */
export const ids = (snapshot) => snapshot.docs.map((doc) => doc.id).join(' ');

export const times = (number, make) => Array.from({ length: number }, (_, i) => make(i));

/** What was begun last ends first: a listener before its client, a client before its server. */
export function last_first(at_the_end) {
  const ends = [];
  at_the_end(async () => {
    for (const end of ends.reverse()) await end();
  });
  return { after: (end) => ends.push(end) };
}

/**
 * Remembers what a listener is told, an entry for each snapshot: “added:a removed:b” of a query,
 * JSON of a document.
 */
export function follow(t, target) {
  const seen = [];
  const heard = (snapshot) => {
    const changes = snapshot.docChanges?.().map(({ type, doc }) => `${type}:${doc.id}`);
    seen.push(changes ? changes.join(' ') : JSON.stringify(snapshot.data() ?? null));
  };
  t.after(target.onSnapshot(heard, (error) => seen.push(`error ${error.code}`)));
  const hears = (wanted) =>
    eventually(() => seen.includes(wanted), `“${wanted}”, after ${JSON.stringify(seen)}`);
  return { seen, hears };
}

/** Collections that nobody else has, in the database that `db()` gives. */
export class Shelf {
  constructor(db) {
    this.db = db;
  }
  collection() {
    return this.db().collection(`c-${randomUUID()}`);
  }
  document() {
    return this.collection().doc('a');
  }
  /** A collection of documents by id, written in one commit. */
  async fill(documents) {
    const within = this.collection();
    const batch = this.db().batch();
    for (const [id, fields] of Object.entries(documents)) batch.set(within.doc(id), fields);
    await batch.commit();
    return within;
  }
}
