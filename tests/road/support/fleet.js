// Several gateways on one PostgreSQL, or on one Firestore: one relay with several processes.
import { eventually } from './deadline.js';
import { IS_FLEET, shared_store } from './kept_in.js';
import { Relay } from './relay.js';

/** A connection that lasts: who reads its store anew takes nobody, and sends away whoever comes. */
export function let_in(gateway, ...keys) {
  const come = async () => {
    const at = await gateway.connect();
    await at.wait_for(() => at.messages.length > 0 || at.is_closed || undefined, 'a challenge, or the end');
    if (at.is_closed) throw new Error('sent away');
    for (const key of keys) await at.authenticate(key);
    return at;
  };
  return eventually(come, 'a gateway to let somebody in', { ms: 20_000, every_ms: 50 });
}

export class Fleet {
  gateways = [];
  #overrides;
  #store;
  #next = 0;

  /**
   * `overrides`: as of Relay.start, for all alike; `store`: keys of one that is there, else it is new;
   * `through`: what keys the gateway of a number has instead.
   */
  static async start(overrides = {}, { size = 3, store, through } = {}) {
    const fleet = new Fleet();
    fleet.#overrides = overrides;
    fleet.#store = store ?? (await shared_store());
    const starts = Array.from({ length: size }, (_, n) => fleet.#start(through?.(n) ?? fleet.#store));
    const ends = await Promise.allSettled(starts);
    fleet.gateways = ends.flatMap(({ value }) => value ?? []);
    const failed = ends.find(({ reason }) => reason);
    if (!failed) return fleet;
    await fleet.remove();
    throw failed.reason;
  }

  /** A fleet for one test; it goes when the test ends, whatever its end. */
  static async of(t, overrides, options) {
    const fleet = await Fleet.start(overrides, options);
    t.after(() => fleet.remove());
    return fleet;
  }

  #start(store) {
    const section = 'extensions.mls_gateway';
    const gateway = { ...this.#overrides[section], ...store };
    return Relay.start({ ...this.#overrides, [section]: gateway });
  }

  /** One gateway more, on the same store. */
  async grow() {
    const gateway = await this.#start(this.#store);
    this.gateways.push(gateway);
    return gateway;
  }

  /** Each in its turn: what a load balancer does. */
  get next() {
    return this.gateways[this.#next++ % this.gateways.length];
  }
  get url() {
    return this.next.url;
  }
  get http_url() {
    return this.next.http_url;
  }
  connect(...keys) {
    return this.next.connect(...keys);
  }
  open(options) {
    return this.next.open(options);
  }

  async remove() {
    const ends = await Promise.allSettled(this.gateways.map((gateway) => gateway.remove()));
    const failed = ends.find(({ reason }) => reason);
    if (failed) throw failed.reason;
  }
}

/** What a test that can do with either starts: GATEWAY_STORE=fleet or firestore-fleet makes it three gateways. */
export const Gateway = IS_FLEET ? Fleet : Relay;
