// What a store on Firestore has kept, asked by the official client; docs/format/firestore.md names the fields.
import assert from 'node:assert/strict';

const numbers = (documents, field) => documents.map((document) => document.get(field));
const is_ascending = (all) => all.every((each, n) => n === 0 || all[n - 1] < each);

export class FirestoreRecords {
  /** `client`: of firestore_client. */
  constructor(client) {
    this.client = client;
  }

  async #all(collection, order, ...fields) {
    return (await this.client.collection(collection).orderBy(order).select(...fields).get()).docs;
  }
  events() {
    return this.#all('events', 's', 's', 'i');
  }
  commits() {
    return this.#all('commits', 'n', 'n', 'last', 'events');
  }

  /** The ids of all events, in the order in which they were committed. */
  async kept() {
    return (await this.events()).map(({ id }) => id);
  }

  /** Fails where one part of a commit is there and another is not, or the chain of commits has a gap. */
  async assert_whole() {
    const [events, commits] = await Promise.all([this.events(), this.commits()]);
    assert.deepEqual(numbers(commits, 'n'), Array.from(commits, (_, n) => n + 1));
    assert.ok(is_ascending(numbers(commits, 'last')), 'every commit ends behind the one before');
    assert.ok(is_ascending(numbers(events, 's')), 'no number is given twice');
    const newest = commits.at(-1);
    assert.equal(newest.get('events'), events.length);
    assert.ok(events.at(-1).get('s') <= newest.get('last'));
    for (const event of events) assert.ok(event.get('i').length > 0, 'every event can be found');
  }
}
