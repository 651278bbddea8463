// Publishers and subscribers on every gateway of a fleet, who keep account: of each OK, each error and each delivery.
import assert from 'node:assert/strict';

import { eventually } from './deadline.js';
import { ids } from './event.js';
import { let_in } from './fleet.js';
import { Person, new_group_id, opaque_message } from './person.js';
import { Random } from './random.js';
import { roster } from './roster.js';

const PATIENCE_MS = 20_000;
const message = (h) => opaque_message(h, { tags: [['k', '1']] });
const patiently = (probe, what) => eventually(probe, what, { ms: PATIENCE_MS });

export class Load {
  h = new_group_id(); // the group that all talk in
  sent = new Map(); // id -> {event, gateway, answer: {accepted, reason} or null where none came, ms}
  listeners = []; // by gateway: {at, subscription}
  #oks = [];
  #publishers = [];
  #people = [];
  #ending = false;

  constructor(fleet, { seed, per_gateway = 2 } = {}) {
    Object.assign(this, { fleet, random: new Random(seed), per_gateway });
  }

  static async begin(fleet, options) {
    const load = new Load(fleet, options);
    const count = fleet.gateways.length * load.per_gateway;
    load.#people = Array.from({ length: count }, () => new Person());
    const [founder] = load.#people;
    const at = await fleet.gateways[0].connect(founder);
    await at.post(roster(founder, load.h, 'bootstrap', { seq: 1, p: load.#people.slice(1) }));
    await at.close();
    for (const person of load.#people) await load.#found(person);
    load.#oks = fleet.gateways.map(() => 0);
    for (const n of fleet.gateways.keys()) await load.listen(n);
    load.#publishers = load.#people.map((person, index) => load.#publish(person, index % fleet.gateways.length));
    return load;
  }

  /** A group of their own, whose roster they change: a change that is made twice is refused the second time. */
  async #found(person) {
    const at = await this.fleet.next.connect(person);
    Object.assign(person, { own: new_group_id(), seq: 1 });
    await at.post(roster(person, person.own, 'bootstrap', { seq: 1 }));
    await at.close();
  }

  #next_event(person) {
    if (this.random.chance(0.4)) {
      person.seq += 1;
      return roster(person, person.own, 'rename', { seq: person.seq, name: 'mine' });
    }
    // Some found a group: an event with rows beside it.
    return message(this.random.chance(0.15) ? new_group_id() : this.h);
  }

  /** A subscriber on gateway `n`, from now on. */
  async listen(n) {
    const at = await this.fleet.gateways[n].connect(this.#people[0]);
    const subscription = await at.subscribe({ kinds: [445], '#h': [this.h], limit: 0 });
    this.listeners[n] = { at, subscription };
  }

  /** One of the people of the group on gateway `n`. */
  member_at(n) {
    return let_in(this.fleet.gateways[n], this.#people[1]);
  }

  // One event after the other; whoever loses the connection comes again.

  async #publish(person, gateway) {
    let at = null;
    while (!this.#ending) {
      at = at && !at.is_closed ? at : await this.#come_again(person, gateway);
      if (!at) return;
      const event = this.#next_event(person);
      const record = { event, gateway, answer: null, person };
      this.sent.set(event.id, record);
      const begun = performance.now();
      record.answer = await this.#answer(at, event);
      record.ms = performance.now() - begun;
      if (record.answer?.accepted) this.#oks[gateway] += 1;
    }
    at?.terminate();
  }

  async #come_again(person, gateway) {
    const at = await let_in(this.fleet.gateways[gateway], person);
    if (!this.#ending) return at;
    at.terminate();
    return null;
  }

  async #answer(at, event) {
    const from = at.messages.length;
    at.send(['EVENT', event]);
    const answer = await patiently(
      () => at.messages.slice(from).find(([verb, id]) => verb === 'OK' && id === event.id) ?? at.is_closed,
      'an answer or the end of the connection',
    );
    return answer === true ? null : { accepted: answer[2], reason: answer[3] };
  }

  /** Until each of these gateways has taken `count` events more. */
  async progress(count, gateways = [...this.fleet.gateways.keys()]) {
    const wanted = this.#oks.map((oks) => oks + count);
    await patiently(
      () => gateways.every((n) => this.#oks[n] >= wanted[n]),
      `${count} events more on gateways ${gateways}`,
    );
  }

  get oks() {
    return this.#oks.reduce((sum, oks) => sum + oks, 0);
  }

  /** The reasons of all that was not taken, and how long the slowest answer took. */
  get refusals() {
    return [...this.sent.values()].filter(({ answer }) => answer && !answer.accepted);
  }
  get slowest_ms() {
    return Math.max(...[...this.sent.values()].map(({ ms }) => ms));
  }

  /** Nobody publishes any more. */
  async stop() {
    this.#ending = true;
    await Promise.allSettled(this.#publishers);
  }

  /** No more is published, and all that was has reached whoever is still connected. */
  async end() {
    this.#ending = true;
    await Promise.all(this.#publishers);
    const marker = await let_in(this.fleet.gateways[0]);
    for (const { at } of this.listeners) if (!at.is_closed) await at.catch_up(marker);
  }

  /**
   * Holds every answer and every delivery against what is kept, of `records` (postgres_records.js). `lost`: gateways
   * whose subscribers were cut off.
   */
  async account(records, { lost = [] } = {}) {
    const kept = (await records.kept()).filter((id) => this.sent.has(id));
    const is_kept = new Set(kept);
    for (const [id, { answer }] of this.sent) {
      if (answer?.accepted) assert.ok(is_kept.has(id), 'what got its OK is in the database');
      else if (answer) assert.match(answer.reason, /^error: /);
    }
    const said = kept.filter((id) => this.sent.get(id).event.tags[0][1] === this.h);
    for (const [n, { at, subscription }] of this.listeners.entries()) {
      assert.equal(at.is_closed, lost.includes(n), `the subscriber on gateway ${n}`);
      if (!at.is_closed) assert.deepEqual(ids(subscription.live), said, `all of it once, in order, on gateway ${n}`);
    }
    await records.assert_whole();
    await this.#groups_are_whole(is_kept);
    await this.#all_is_served(said);
    return kept.length;
  }

  async #groups_are_whole(is_kept) {
    // A group is founded with the event that founds it, or free.
    const stranger = await let_in(this.fleet.gateways[0], new Person());
    const doubtful = [...this.sent.values()].filter(({ answer }) => !answer?.accepted);
    for (const { event } of doubtful) {
      const h = event.tags[0][1];
      if (event.kind !== 445 || h === this.h) continue;
      const { accepted } = await stranger.publish(message(h));
      assert.equal(accepted, !is_kept.has(event.id), 'the group and the event that founds it');
    }
    await stranger.close();
  }

  /** By every gateway, to whoever comes now. */
  async #all_is_served(said) {
    for (const n of this.fleet.gateways.keys()) {
      const at = await this.member_at(n);
      for (let first = 0; first < said.length; first += 400) {
        const wanted = said.slice(first, first + 400);
        const found = await at.query({ ids: wanted });
        assert.deepEqual(ids(found).sort(), wanted.toSorted());
      }
      assert.equal(await at.count({ kinds: [445], '#h': [this.h] }), said.length);
      await at.close();
    }
  }
}
