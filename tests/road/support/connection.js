// A raw Nostr connection: what goes over the wire, as values a test can look at.
import './webcrypto.js';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

import WebSocket from 'ws';

import { within } from './deadline.js';
import { sign, NostrKey, now_s } from './event.js';

/** The relay answered a REQ with CLOSED. */
export class Closed extends Error {
  constructor(reason) {
    super(`CLOSED ${reason}`);
    this.reason = reason;
  }
}

export class Connection {
  #socket;
  #waiting = new Set();
  #numbered = 0;

  /** Opens a WebSocket; does not wait for the challenge. */
  static async open(url, options = {}) {
    const connection = new Connection();
    connection.url = url;
    connection.messages = []; // everything received, in order, parsed
    connection.subscriptions = new Map();
    connection.#socket = new WebSocket(url, options);
    connection.#socket.on('message', (data, binary) => connection.#receive(data, binary));
    connection.closed = new Promise((resolve) =>
      connection.#socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        connection.#look();
      }),
    );
    await within(once(connection.#socket, 'open'), `a WebSocket to ${url}`);
    connection.#socket.on('error', () => {}); // its 'close' follows
    return connection;
  }

  #receive(data, binary) {
    if (binary) throw new Error('the relay sent a binary frame');
    const message = JSON.parse(data.toString());
    this.messages.push(message);
    const [verb, id] = message;
    if (['EVENT', 'EOSE', 'CLOSED', 'COUNT'].includes(verb)) {
      const subscription = this.subscriptions.get(id);
      if (!subscription) throw new Error(`a ${verb} for a subscription nobody opened: ${id}`);
      subscription.take(message);
    }
    this.#look();
  }

  #look() {
    for (const look of this.#waiting) look();
  }

  /** Gives `probe()` as soon as it is not undefined; asked again after every message. */
  wait_for(probe, what) {
    let look;
    const found = new Promise((resolve, reject) => {
      look = () => {
        try {
          const answer = probe();
          if (answer !== undefined) resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.add(look);
      look();
    });
    const seen = () => `; last received: ${JSON.stringify(this.messages.slice(-4)).slice(0, 1500)}`;
    return within(found, what, { detail: seen }).finally(() => this.#waiting.delete(look));
  }

  /** A whole message as JSON; a string or Buffer goes out as it is. */
  send(message) {
    const raw = typeof message === 'string' || Buffer.isBuffer(message);
    this.#socket.send(raw ? message : JSON.stringify(message));
  }

  send_fragments(parts) {
    parts.forEach((part, index) => this.#socket.send(part, { fin: index === parts.length - 1 }));
  }

  async ping(payload = randomBytes(8)) {
    const pong = once(this.#socket, 'pong');
    this.#socket.ping(payload);
    const [answer] = await within(pong, 'a pong');
    return answer.equals(payload);
  }

  /** The newest challenge; waits for the first. */
  challenge() {
    return this.wait_for(
      () => this.messages.filter(([verb]) => verb === 'AUTH').at(-1)?.[1],
      'an AUTH challenge',
    );
  }

  /** The next message of this verb after the `from`-th message. */
  next(verb, from) {
    return this.wait_for(
      () => this.messages.slice(from).find((message) => message[0] === verb),
      `a ${verb}`,
    );
  }

  /** Sends a message and gives the OK for `id`: {accepted, reason}. */
  async #acknowledged(message, id) {
    const from = this.messages.length;
    this.send(message);
    const [, , accepted, reason] = await this.wait_for(
      () => this.messages.slice(from).find(([verb, subject]) => verb === 'OK' && subject === id),
      `OK for ${JSON.stringify(message).slice(0, 300)}`,
    );
    return { accepted, reason };
  }

  publish(event) {
    return this.#acknowledged(['EVENT', event], event.id);
  }

  /** Publishes what must be accepted; gives the event back. */
  async post(event) {
    const { accepted, reason } = await this.publish(event);
    if (!accepted) throw new Error(`refused kind ${event.kind}: ${reason}`);
    return event;
  }

  /** The reason with which the relay refuses this event; fails if it takes it. */
  async rejection(event) {
    const { accepted, reason } = await this.publish(event);
    if (accepted) throw new Error(`accepted: kind ${event.kind} ${JSON.stringify(event.tags)}`);
    return reason;
  }

  /** The answer to an AUTH event: {accepted, reason}. Any part of the event can be set to something wrong. */
  async auth(
    key,
    {
      relay = this.url,
      challenge,
      kind = 22242,
      created_at = now_s(),
      tamper = (event) => event,
    } = {},
  ) {
    const tags = [
      ['relay', relay],
      ['challenge', challenge ?? (await this.challenge())],
    ];
    const event = tamper(sign(key, { kind, created_at, tags, content: '' }));
    return this.#acknowledged(['AUTH', event], event.id);
  }

  async authenticate(key) {
    const { accepted, reason } = await this.auth(key);
    if (!accepted) throw new Error(`AUTH refused: ${reason}`);
  }

  /** Sends a REQ; gives the subscription at once. `id` may be reused to replace an open one. */
  open(filters, id = `sub-${++this.#numbered}`) {
    const subscription = new Subscription(this, id, filters);
    this.subscriptions.set(id, subscription);
    this.send(['REQ', id, ...filters]);
    return subscription;
  }

  /** An open subscription, its stored part read. Throws Closed. */
  async subscribe(...filters) {
    const subscription = this.open(filters);
    await subscription.end_of_stored();
    return subscription;
  }

  /** Stored events, in the order in which the relay gave them. Throws Closed. */
  async query(...filters) {
    const subscription = await this.subscribe(...filters);
    subscription.close();
    return subscription.stored;
  }

  /** How many events match (NIP-45). Throws Closed. */
  async count(...filters) {
    const id = `count-${++this.#numbered}`;
    const query = new Subscription(this, id, filters);
    this.subscriptions.set(id, query);
    const from = this.messages.length;
    this.send(['COUNT', id, ...filters]);
    return this.wait_for(
      () => {
        if (query.closed !== null) throw new Closed(query.closed);
        const notice = this.messages.slice(from).find(([verb]) => verb === 'NOTICE');
        if (notice) throw new Error(`COUNT was answered with NOTICE ${notice[1]}`);
        return query.counted;
      },
      `COUNT of ${JSON.stringify(filters).slice(0, 300)}`,
    );
  }

  /** The reason of CLOSED, or null where the REQ was answered with EOSE. */
  async refusal(...filters) {
    try {
      await this.query(...filters);
      return null;
    } catch (error) {
      if (error instanceof Closed) return error.reason;
      throw error;
    }
  }

  /**
   * Returns after everything committed before now has reached this connection: a public marker is published and
   * awaited on a subscription of its own. Fan-out keeps commit order, so what has not come by then never will.
   */
  async catch_up(publisher) {
    const marker = randomBytes(8).toString('hex');
    const subscription = await this.subscribe({ kinds: [1], '#t': [marker] });
    await publisher.post(
      sign(new NostrKey(), { kind: 1, tags: [['t', marker]], content: 'marker' }),
    );
    await subscription.next();
    subscription.close();
  }

  /** Stops reading from the socket, as a client does that is stuck. */
  pause() {
    this.#socket.pause();
  }
  read_on() {
    this.#socket.resume();
  }

  get is_closed() {
    return this.#socket.readyState === WebSocket.CLOSED;
  }

  async close() {
    this.#socket.close();
    return within(this.closed, 'the WebSocket to close');
  }

  /** Without a closing handshake, as a lost network does it. */
  terminate() {
    this.#socket.terminate();
  }
}

class Subscription {
  #read = 0;

  constructor(connection, id, filters) {
    Object.assign(this, { connection, id, filters, stored: [], live: [], eose: 0, closed: null });
  }

  take([verb, , body]) {
    if (this.closed !== null) throw new Error(`${verb} after CLOSED for ${this.id}`);
    if (verb === 'EOSE') this.eose += 1;
    if (verb === 'CLOSED') this.closed = body;
    if (verb === 'COUNT') this.counted = body.count;
    if (verb === 'EVENT') (this.eose ? this.live : this.stored).push(body);
  }

  get events() {
    return [...this.stored, ...this.live];
  }

  async end_of_stored() {
    await this.connection.wait_for(() => {
      if (this.closed !== null) throw new Closed(this.closed);
      return this.eose || undefined;
    }, `EOSE of ${this.id}`);
    return this.stored;
  }

  /** The next live event. */
  next() {
    const index = this.#read++;
    return this.connection.wait_for(
      () => this.live[index],
      `live event ${index + 1} on ${this.id}`,
    );
  }

  async next_of(count) {
    const events = [];
    while (events.length < count) events.push(await this.next());
    return events;
  }

  close() {
    this.connection.send(['CLOSE', this.id]);
  }
}
