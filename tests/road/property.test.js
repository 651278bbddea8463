// Random people, groups, rosters and events, against a naive model of the rules: whatever happened, every viewer gets
// by every road exactly what the model says. SEED=n repeats a run, ROUNDS=n makes it longer.
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Closed } from './support/connection.js';
import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Model } from './support/model.js';
import { new_group_id } from './support/person.js';
import { Random } from './support/random.js';
import { NegError, named } from './support/reconcile.js';
import { Gateway } from './support/fleet.js';
import { Rest, with_api } from './support/rest.js';
import { roster } from './support/roster.js';

const SEED = Number(process.env.SEED ?? randomInt(2 ** 31));
const ROUNDS = Number(process.env.ROUNDS ?? 20);
const EVENTS_PER_ROUND = 15;
const FILTERS_PER_ROUND = 6;

const random = new Random(SEED);
const model = new Model();
const start_s = now_s();
const keys = Array.from({ length: 6 }, () => new NostrKey());
const groups = Array.from({ length: 6 }, new_group_id);
const published = []; // every event that was tried, taken or not
let relay, viewers;

const some_keys = (most = 3) => random.some_of(keys, most).map(({ pubkey }) => pubkey);
const some_time = () => start_s - random.integer(7200);

/** A public key for each viewer of the test; the last two are several keys and none. */
async function connect_viewers() {
  const all = [...keys.map((key) => [key]), [keys[1], keys[4]], [keys[5], keys[0], keys[2]], []];
  return Promise.all(
    all.map(async (proved) => {
      const connection = await relay.connect(...proved);
      return { connection, proved, pubkeys: proved.map(({ pubkey }) => pubkey), open: [] };
    }),
  );
}

before(async () => {
  const unlimited = { 'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 0 } };
  relay = await Gateway.start(with_api({}, { server: { workers: 3 }, ...unlimited }));
  viewers = await connect_viewers();
});
after(() => relay?.remove());

// What happens.

const content = () => String(random.integer(1e9));

const makers = {
  note: ({ author }) => sign(author, { kind: 1, created_at: some_time(), content: content() }),

  message: ({ author, h }) =>
    sign(random.chance(0.2) ? author : new NostrKey(), {
      kind: 445,
      created_at: some_time(),
      tags: [['h', h], ...(random.chance(0.6) ? [['k', String(random.integer(9))]] : [])],
      content: content(),
    }),

  invitation: ({ author, h }) =>
    sign(random.chance(0.5) ? author : new NostrKey(), {
      kind: 1059,
      created_at: some_time(),
      tags: [
        ['p', random.one_of(keys).pubkey],
        ['h', h],
      ],
      content: content(),
    }),

  letter: ({ author }) =>
    sign(random.one_of([author, new NostrKey()]), {
      kind: random.one_of([446, 1059]),
      created_at: some_time(),
      tags: [['p', random.one_of(keys).pubkey]],
      content: content(),
    }),

  key_package: ({ author }) => {
    const tags = random.one_of([
      [
        ['p', author.pubkey],
        ['kpr', content()],
        ['exp', String(start_s + 3600)],
      ],
      [['i', content()]],
    ]);
    return sign(author, { kind: 443, created_at: some_time(), tags, content: content() });
  },

  deletion: ({ author }) => {
    const named = published.filter(({ kind }) => [1, 443, 446, 1059].includes(kind));
    const tags = random.some_of([...named, { id: author.pubkey }], 3).map(({ id }) => ['e', id]);
    return sign(author, { kind: 5, created_at: start_s, tags, content: content() });
  },

  /** Mostly what makes sense, so that groups come alive: by an admin, with the next seq. */
  roster: ({ author, h }) => {
    const group = model.groups.get(h);
    const roles = group?.roles ?? new Map();
    const ops = ['add', 'add', 'remove', 'promote', 'demote', 'replace', 'rename', 'leave'];
    const op = group?.mode === 'gated' && random.chance(0.9) ? random.one_of(ops) : 'bootstrap';
    const seq = (group?.seq ?? 0) + random.one_of(op === 'bootstrap' ? [1, 3] : [1, 1, 1, 3, 0]);
    const are = (role) => [...roles].filter(([, its]) => its === role).map(([key]) => key);
    const p =
      {
        remove: () =>
          random
            .some_of([...new Set([...roles.keys(), author.pubkey])], 2)
            .filter((key) => roles.has(key)),
        demote: () => are('admin').slice(0, 2),
        rename: () => [],
        leave: () => [],
      }[op]?.() ?? some_keys();
    const may_have_p = !['rename', 'leave', 'bootstrap'].includes(op);
    return roster(author, h, may_have_p && p.length === 0 ? 'rename' : op, {
      seq: op === 'leave' ? undefined : seq,
      p,
      name: op === 'rename' || (may_have_p && p.length === 0) ? 'name' : undefined,
      created_at: some_time(),
    });
  },
};
const likely = ['message', 'message', 'message', 'roster', 'roster', 'roster'];
const makings = [...likely, ...Object.keys(makers)];

/** Somebody to act: of a gated group with rosters mostly an admin, else anybody. */
function actor(kind, h) {
  const roles = model.groups.get(h)?.roles;
  const wanted = kind === 'roster' && roles && random.chance(0.8) ? 'admin' : undefined;
  const fits = (viewer) => viewer.pubkeys.some((key) => roles?.get(key) === wanted);
  const able = wanted ? viewers.filter(fits) : viewers;
  const viewer = random.one_of(able);
  const author =
    viewer.proved.find(({ pubkey }) => wanted && roles.get(pubkey) === wanted) ??
    random.one_of(random.chance(0.9) && viewer.proved.length ? viewer.proved : keys);
  return { viewer, author };
}

async function publish_one() {
  const making = random.one_of(makings);
  const h = random.one_of(groups);
  const { viewer, author } = actor(making, h);
  const event = makers[making]({ author, h });
  published.push(event);
  const expected = model.publish(event, viewer.pubkeys);
  const { accepted, reason } = await viewer.connection.publish(event);
  const what = () => `kind ${event.kind} ${JSON.stringify(event.tags)}: ${reason}`;
  assert.equal(accepted, expected, `${making} by ${who(viewer)}, as ${name_of(author)}: ${what()}`);
  if (!accepted) return;
  for (const { open, pubkeys } of viewers) {
    for (const { filters, expected: coming } of open)
      if (model.delivers(filters, event, pubkeys)) coming.push(event.id);
  }
}

const name_of = ({ pubkey }) => `key ${keys.findIndex((key) => key.pubkey === pubkey)}`;
const who = ({ proved }) => (proved.length ? proved.map(name_of).join(' and ') : 'nobody');

// How it is asked for.

const kind_lists = [
  [1],
  [445],
  [443],
  [446, 1059],
  [450],
  [1, 445, 450],
  [443, 445, 446, 450, 1059],
];
const parts = {
  ids: () => published.length && { ids: ids(random.some_of(published, 40)) },
  kinds: () => ({ kinds: random.one_of(kind_lists) }),
  authors: () => ({ authors: some_keys() }),
  one_time_authors: () =>
    published.length && { authors: random.some_of(published, 20).map(({ pubkey }) => pubkey) },
  h: () => ({ '#h': random.some_of(groups, 3) }),
  p: () => ({ '#p': some_keys() }),
  since: () => ({ since: some_time() }),
  until: () => ({ until: some_time() }),
  limit: () => ({ limit: random.integer(8) }),
};
const some_filter = () =>
  Object.assign({}, ...random.some_of(Object.values(parts), 3).map((part) => part() || {}));
const some_filters = () => Array.from({ length: 1 + random.integer(3) }, some_filter);

/** What `ask` gives; an anonymous client may be told to authenticate instead, where there is nothing for it. */
async function asked(viewer, nothing, ask) {
  try {
    return await ask();
  } catch (error) {
    const closed = error instanceof Closed || error instanceof NegError;
    if (!closed || viewer.proved.length > 0) throw error;
    assert.match(error.reason, /^auth-required: /);
    return nothing;
  }
}

async function compare(viewer, filters) {
  const { connection, pubkeys } = viewer;
  const what = `${who(viewer)} asks ${JSON.stringify(filters).slice(0, 1500)}`;
  const given = await asked(viewer, [], () => connection.query(...filters));
  assert.deepEqual(ids(given).sort(), model.query(filters, pubkeys).sort(), what);
  const all = model.query(filters, pubkeys, { limits: false }).length;
  const counted = await asked(viewer, 0, () => connection.count(...filters));
  assert.equal(counted, all, `${what} by COUNT`);
  const told = await asked(viewer, [], () => named(connection, filters[0]));
  assert.deepEqual(told, model.query([filters[0]], pubkeys).sort(), `${what} by NEG-OPEN`);
}

async function compare_by_ids(viewer) {
  const filters = [{ ids: ids(published.slice(-500)) }];
  const given = await asked(viewer, [], () => viewer.connection.query(...filters));
  const expected = model.query(filters, viewer.pubkeys);
  assert.deepEqual(ids(given).sort(), expected.sort(), `${who(viewer)} asks for all ids`);
}

/** Over HTTP a viewer has one key. */
async function compare_over_http(key) {
  const api = new Rest(relay, key);
  const filters = [{ kinds: [445] }, { kinds: [446, 1059], '#p': [key.pubkey] }];
  const missed = await api.pages(`/messages/missed?limit=${1 + random.integer(50)}`, 'messages');
  const expected = model.query(filters, [key.pubkey], { limits: false });
  assert.deepEqual(ids(missed).sort(), expected.sort(), `${name_of(key)} asks what it missed`);
  const times = missed.map(({ created_at }) => created_at);
  assert.deepEqual(times, times.toSorted((a, b) => a - b));
  const listed = await api.pages(`/groups?limit=${1 + random.integer(5)}`, 'groups');
  const own = groups.filter((h) => model.is_member(h, [key.pubkey]));
  assert.deepEqual(listed.map(({ group_id }) => group_id), own.sort(), `${name_of(key)} asks for its groups`);
  for (const { group_id, member_count } of listed)
    assert.equal(member_count, model.groups.get(group_id).roles.size, 'members');
}

async function open_one(viewer) {
  const filters = some_filters().map(({ limit, ...filter }) => ({ ...filter, limit: 0 }));
  const subscription = await asked(viewer, null, () => viewer.connection.subscribe(...filters));
  if (subscription) viewer.open.push({ filters, subscription, expected: [] });
}

async function compare_live(viewer) {
  await viewer.connection.catch_up(viewers[0].connection);
  for (const { filters, subscription, expected } of viewer.open) {
    const live = ids(subscription.live.filter(({ content: text }) => text !== 'marker'));
    const what = `${who(viewer)} listens to ${JSON.stringify(filters).slice(0, 1500)}`;
    assert.deepEqual(live, expected, what);
  }
}

test(`every road gives every viewer what the rules say, seed ${SEED}`, async (t) => {
  t.diagnostic(`SEED=${SEED} ROUNDS=${ROUNDS}`);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const viewer of viewers) await open_one(viewer);
    for (let n = 0; n < EVENTS_PER_ROUND; n += 1) await publish_one();
    for (const viewer of viewers) {
      for (let n = 0; n < FILTERS_PER_ROUND; n += 1) await compare(viewer, some_filters());
      await compare_by_ids(viewer);
    }
    for (const key of keys) await compare_over_http(key);
  }
  for (const viewer of viewers) await compare_live(viewer);
  if (ROUNDS < 20) return; // which kinds a short run meets is luck
  const kinds = new Set(model.events.map(({ kind }) => kind));
  assert.deepEqual(
    [...kinds].sort((a, b) => a - b),
    [1, 5, 443, 445, 446, 450, 1059],
  );
});
