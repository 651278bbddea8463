// What was said in confidence and to whom, and the ways in which somebody else might get at it.
import { matchFilter } from 'nostr-tools/filter';

import { Closed } from './connection.js';
import { ids, now_s } from './event.js';
import { new_group_id } from './person.js';

export const ANYBODY_AUTHENTICATED = Symbol('any proved key will do');

/** A filter that names `h` and matches: the one way to what a capability group said. */
const names = (h, event) => (filter) => filter['#h']?.includes(h) && matchFilter(filter, event);

export class Secrets {
  #told = new Map();

  /** `readers`: people, or ANYBODY_AUTHENTICATED; `named`: whoever names this `h` in a filter may have it. */
  tell(event, what, { readers = [], named } = {}) {
    this.#told.set(event.id, { event, what, readers, named });
    return event;
  }

  get events() {
    return [...this.#told.values()].map(({ event }) => event);
  }

  #is_for({ event, readers, named }, spy, filters) {
    if (named !== undefined) return filters.some(names(named, event));
    if (readers === ANYBODY_AUTHENTICATED) return spy.people.length > 0;
    return readers.some((reader) => spy.people.includes(reader));
  }

  #leaks_of(subscription, spy) {
    const { id, filters, stored } = subscription;
    return subscription.events.flatMap((event, index) => {
      const told = this.#told.get(event.id);
      if (!told || this.#is_for(told, spy, filters)) return [];
      const road = `${index < stored.length ? 'stored' : 'live'}, "${id}"`;
      return [`${spy.name} got ${told.what} (kind ${event.kind}) by ${road}`];
    });
  }

  /** Other messages than events must not name one either, but NEG-MSG to its readers; OK repeats the id that was sent. */
  #mentions(spy) {
    const talk = spy.connection.messages.filter(
      ([verb]) => !['EVENT', 'OK', 'AUTH'].includes(verb),
    );
    return talk.flatMap((message) => {
      const text = JSON.stringify(message);
      const filters = message[0] === 'NEG-MSG' ? [spy.reconciled.get(message[1])] : [];
      const told = [...this.#told.values()].filter(
        (secret) => text.includes(secret.event.id) && !(filters.length > 0 && this.#is_for(secret, spy, filters)),
      );
      return told.map(({ what }) => `${spy.name} read of ${what} in ${text.slice(0, 200)}`);
    });
  }

  /** What of `events`, given to `person` over HTTP, was not for them. */
  leaks_over_http(person, events) {
    const subscription = { id: 'HTTP', filters: [{}], stored: events, events };
    return this.#leaks_of(subscription, { name: 'a caller', people: [person] });
  }

  /** Everything a spy {name, people, connection} ever got that was not for them, one line each. */
  leaks(spy) {
    const subscriptions = [...spy.connection.subscriptions.values()];
    return [...subscriptions.flatMap((each) => this.#leaks_of(each, spy)), ...this.#mentions(spy)];
  }
}

/** Ways to ask that take no more than the group's id and its members' names. */
export function first_roads({ h, people }) {
  const members = people.map(({ pubkey }) => pubkey);
  const now = now_s();
  return {
    everything: [{}],
    'everything, live alone': [{ limit: 0 }],
    'newest of all': [{ limit: 1 }],
    'by kind 443': [{ kinds: [443] }],
    'by kind 444': [{ kinds: [444] }],
    'by kind 445': [{ kinds: [445] }],
    'by kind 446': [{ kinds: [446] }],
    'by kind 450': [{ kinds: [450] }],
    'by kind 1059': [{ kinds: [1059] }],
    'by kind 21059': [{ kinds: [21059] }],
    'by kind 22242': [{ kinds: [22242] }],
    'by all gated kinds': [{ kinds: [443, 444, 445, 446, 450, 1059] }],
    'by kinds among public ones': [{ kinds: [0, 1, 445, 446, 450, 1059] }],
    'by #h': [{ '#h': [h] }],
    'by kind and #h': [{ kinds: [445], '#h': [h] }],
    'by #h among others': [{ '#h': [new_group_id(), h, new_group_id()] }],
    'by roster kind and #h': [{ kinds: [450], '#h': [h] }],
    'by #p': [{ '#p': members }],
    'by kind and #p': [{ kinds: [443, 446, 1059], '#p': members }],
    'by #h and #p': [{ '#h': [h], '#p': members }],
    'by member as author': [{ authors: members }],
    'by #k': [{ '#k': ['0', '1', '2', '3'] }],
    'by #v': [{ '#v': ['gift.1', 'noise.1'] }],
    'by time': [{ since: now - 3 * 86_400, until: now + 600 }],
    'by time and kind': [{ kinds: [445, 1059], since: now - 3 * 86_400 }],
    'with mixed filters': [{ kinds: [1] }, { kinds: [445], '#h': [h] }, { kinds: [1059] }],
    'with search': [{ kinds: [445], '#h': [h], search: 'a' }],
  };
}

/** The same with all that a wiretap on another relay could have told. `near` is a capability group's id. */
export function knowing_roads({ h, people, near, events }) {
  const authors = [...new Set(events.map(({ pubkey }) => pubkey))];
  return {
    ...first_roads({ h, people }),
    'by id': [{ ids: ids(events) }],
    'by id and kind': [{ ids: ids(events), kinds: [443, 445, 446, 450, 1059] }],
    'by id and #h': [{ ids: ids(events), '#h': [h] }],
    'by one-time author': [{ authors }],
    'by author and kind': [{ authors, kinds: [443, 445, 446, 450, 1059] }],
    'beside a named group': [{ kinds: [1], '#h': [near] }, { kinds: [445] }, { ids: ids(events) }],
    'by almost a group id': [{ '#h': [near.slice(0, -1), near.toUpperCase(), `${near} `] }],
    'mixed with ids': [{ kinds: [1], limit: 1 }, { ids: ids(events) }, { authors, limit: 500 }],
  };
}

/** Somebody who listens where they should not; `people`: whose keys the connection has proved. */
export class Spy {
  constructor(name, connection, ...people) {
    Object.assign(this, { name, connection, people, reconciled: new Map() });
  }

  /** Asks what there is of `filter` (NIP-77), having nothing. */
  reconcile(road, filter) {
    this.reconciled.set(`neg ${road}`, filter);
    this.connection.send(['NEG-OPEN', `neg ${road}`, filter, '6100000200']);
    this.connection.send(['NEG-CLOSE', `neg ${road}`]);
  }

  /** Opens subscriptions and lets them be; gives those that the relay serves. */
  async listen(phase, roads) {
    const served = [];
    for (const [road, filters] of Object.entries(roads)) {
      const subscription = this.connection.open(filters, `${phase}, ${road}`);
      try {
        await subscription.end_of_stored();
        served.push(subscription);
      } catch (error) {
        if (!(error instanceof Closed)) throw error;
      }
    }
    return served;
  }
}
