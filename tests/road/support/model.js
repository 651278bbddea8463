// The rules of who may write and read what, once more and naively: what the property test holds the relay against.
// Keys are hex; a viewer is a list of proved keys, the first one proved first.
import { matchFilter } from 'nostr-tools/filter';

const DEFAULT_LIMIT = 500; // of a filter that names none
const GATED = 'gated';
const CAPABILITY = 'capability';

const values = (event, name) => event.tags.filter((tag) => tag[0] === name).map((tag) => tag[1]);
const value = (event, name) => values(event, name)[0];

/** Newest first, then by id, as NIP-01 wants it. */
const newest_first = (a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1);

export class Model {
  groups = new Map(); // h -> {mode, founder, seq, roles: Map(key -> "admin" | "member")}
  events = [];

  /** Takes the event or refuses it, as the relay should: true or false. */
  publish(event, viewer) {
    const taken = this.#accepts(event, viewer);
    if (taken) this.#store(event, viewer);
    return taken;
  }

  #accepts(event, viewer) {
    switch (event.kind) {
      case 443:
        return value(event, 'p') === undefined || viewer.includes(event.pubkey);
      case 445:
        return this.#message(event, viewer);
      case 446:
        return viewer.length > 0;
      case 450:
        return this.#roster(event, viewer);
      case 1059:
        return value(event, 'h') === undefined || this.#invitation(event, viewer);
      default:
        return true;
    }
  }

  #store(event, viewer) {
    if (event.kind === 5) return this.#delete(event, viewer);
    this.events.push(event);
  }

  #delete(deletion) {
    const named = values(deletion, 'e');
    const may_delete = (event) =>
      event.pubkey === deletion.pubkey ||
      (event.kind === 1059 && value(event, 'p') === deletion.pubkey);
    this.events = this.events.filter((event) => !(named.includes(event.id) && may_delete(event)));
    this.events.push(deletion);
  }

  // Groups.

  is_member(h, viewer) {
    const group = this.groups.get(h);
    return group?.mode === GATED && viewer.some((key) => group.roles.has(key));
  }

  #found(h, event, viewer) {
    const founder = viewer.includes(event.pubkey) ? event.pubkey : viewer[0];
    this.groups.set(h, { mode: GATED, founder, seq: 0, roles: new Map([[founder, 'admin']]) });
  }

  #message(event, viewer) {
    const h = value(event, 'h');
    const group = this.groups.get(h);
    if (group) return group.mode === CAPABILITY || this.is_member(h, viewer);
    if (value(event, 'k') === undefined && !viewer.includes(event.pubkey)) {
      this.groups.set(h, { mode: CAPABILITY, founder: viewer[0] });
      return true;
    }
    if (viewer.length === 0) return false;
    this.#found(h, event, viewer);
    return true;
  }

  #invitation(event, viewer) {
    const h = value(event, 'h');
    const group = this.groups.get(h);
    if (group ? !this.is_member(h, viewer) : viewer.length === 0) return false;
    if (!group) this.#found(h, event, viewer);
    this.#add(h, value(event, 'p'));
    return true;
  }

  #add(h, ...keys) {
    const { roles } = this.groups.get(h);
    for (const key of keys) if (!roles.has(key)) roles.set(key, 'member');
  }

  #roster(event, viewer) {
    const author = event.pubkey;
    if (!viewer.includes(author)) return false;
    const [h, op] = [value(event, 'h'), value(event, 'op')];
    const seq = Number(value(event, 'seq'));
    const group = this.groups.get(h);
    if (op === 'bootstrap') return this.#bootstrap(event, group, h, seq);
    if (group?.mode !== GATED || !group.roles.has(author)) return false;
    if (op !== 'leave' && (group.roles.get(author) !== 'admin' || seq <= group.seq)) return false;
    const roles = after(op, group.roles, author, values(event, 'p'));
    if (![...roles.values()].includes('admin')) return false;
    group.roles = roles;
    if (op !== 'leave') group.seq = seq;
    return true;
  }

  #bootstrap(event, group, h, seq) {
    const author = event.pubkey;
    if (group && (group.mode !== CAPABILITY || group.founder !== author)) return false;
    const roles = new Map([[author, 'admin']]);
    this.groups.set(h, { mode: GATED, founder: author, seq, roles });
    this.#add(h, ...values(event, 'p'));
    return true;
  }

  // Reading.

  may_read(event, viewer, filter) {
    switch (event.kind) {
      case 443:
        return value(event, 'p') === undefined || viewer.length > 0;
      case 445:
      case 450: {
        const h = value(event, 'h');
        const open = this.groups.get(h).mode === CAPABILITY;
        return open ? (filter['#h'] ?? []).includes(h) : this.is_member(h, viewer);
      }
      case 446:
      case 1059:
        return viewer.includes(value(event, 'p'));
      default:
        return true;
    }
  }

  #gives(filter, event, viewer) {
    return matchFilter(filter, event) && this.may_read(event, viewer, filter);
  }

  /** Would a subscription with these filters be sent this event now? */
  delivers(filters, event, viewer) {
    return filters.some((filter) => this.#gives(filter, event, viewer));
  }

  /** The ids of all that a REQ gives, each filter within its limit; COUNT takes `limits` false. */
  query(filters, viewer, { limits = true } = {}) {
    const found = filters.flatMap((filter) =>
      this.events
        .filter((event) => this.#gives(filter, event, viewer))
        .sort(newest_first)
        .slice(0, limits ? (filter.limit ?? DEFAULT_LIMIT) : undefined),
    );
    return [...new Set(found.map(({ id }) => id))];
  }
}

/** The roles after an operation of `author` on the keys `p`. */
function after(op, before, author, p) {
  const roles = new Map(before);
  switch (op) {
    case 'add':
      for (const key of p) if (!roles.has(key)) roles.set(key, 'member');
      return roles;
    case 'remove':
      for (const key of p) roles.delete(key);
      return roles;
    case 'promote':
      for (const key of p) roles.set(key, 'admin');
      return roles;
    case 'demote':
      for (const key of p) roles.set(key, 'member');
      return roles;
    case 'leave':
      roles.delete(author);
      return roles;
    case 'replace': {
      const kept = p.some((key) => before.get(key) === 'admin');
      return new Map(p.map((key) => [key, kept ? (before.get(key) ?? 'member') : 'admin']));
    }
    default:
      return roles; // rename
  }
}
