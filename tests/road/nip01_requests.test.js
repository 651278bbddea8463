// NIP-01: what a REQ finds, in which order, and how much of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, now_s, sign } from './support/event.js';
import { Relay } from './support/relay.js';

const NOW = now_s();
const [alice, bob] = [new NostrKey(), new NostrKey()];
let relay, connection;
const events = {
  newest: sign(alice, { kind: 1, created_at: NOW, tags: [['t', 'a']] }),
  reply: sign(bob, {
    kind: 1,
    created_at: NOW - 10,
    tags: [
      ['e', 'e'.repeat(64)],
      ['t', 'b'],
    ],
  }),
  like: sign(bob, {
    kind: 7,
    created_at: NOW - 20,
    tags: [
      ['p', alice.pubkey],
      ['t', 'A'],
    ],
  }),
  both: sign(alice, {
    kind: 1,
    created_at: NOW - 30,
    tags: [
      ['t', 'a'],
      ['t', 'b'],
      ['T', 'big'],
    ],
  }),
  second_value: sign(alice, {
    kind: 1,
    created_at: NOW - 40,
    tags: [
      ['t', 'x', 'a'],
      ['tt', 'a'],
    ],
  }),
  long: sign(alice, { kind: 1, created_at: NOW - 50, tags: [['t', 'l'.repeat(3000)]] }),
};
const name_of = (event) => Object.keys(events).find((name) => events[name].id === event.id);

before(async () => {
  relay = await Relay.start();
  connection = await relay.connect();
  for (const event of Object.values(events)) await connection.post(event);
});
after(() => relay?.remove());

const by_alice = { authors: [alice.pubkey] };
const found = [
  ['everything, newest first', [{}], Object.keys(events)],
  [
    'ids, newest first whatever their order',
    [{ ids: [events.long.id, events.newest.id] }],
    ['newest', 'long'],
  ],
  ['authors', [{ authors: [bob.pubkey] }], ['reply', 'like']],
  ['kinds', [{ kinds: [7] }], ['like']],
  ['author and kind together', [{ authors: [bob.pubkey], kinds: [1] }], ['reply']],
  ['a tag', [{ '#t': ['a'] }], ['newest', 'both']],
  ['any value of a tag', [{ '#t': ['a', 'b'] }], ['newest', 'reply', 'both']],
  ['several tags together', [{ '#t': ['a'], '#T': ['big'] }], ['both']],
  ['#e and #p', [{ '#e': ['e'.repeat(64)] }, { '#p': [alice.pubkey] }], ['reply', 'like']],
  ['tag values by their case', [{ '#t': ['A'] }], ['like']],
  ['tag letters by their case', [{ '#T': ['a'] }], []],
  ['a long tag value', [{ '#t': ['l'.repeat(3000)] }], ['long']],
  ['not the start of a tag value', [{ '#t': ['l'.repeat(2999)] }], []],
  ['author and tag together', [{ authors: [bob.pubkey], '#t': ['a'] }], []],
  ['since, inclusive', [{ since: NOW - 20 }], ['newest', 'reply', 'like']],
  ['until, inclusive', [{ until: NOW - 40 }], ['second_value', 'long']],
  ['one second by since and until', [{ since: NOW - 10, until: NOW - 10 }], ['reply']],
  ['nothing where since is after until', [{ since: NOW, until: NOW - 50 }], []],
  [
    'each event once across filters',
    [{ kinds: [7] }, { '#t': ['A'] }, { ids: [events.like.id] }],
    ['like'],
  ],
  [
    'filters merged newest first',
    [{ ids: [events.long.id] }, { kinds: [7] }, { ids: [events.newest.id] }],
    ['newest', 'like', 'long'],
  ],
  ['nothing for an empty list of ids', [{ ids: [] }], []],
  ['nothing for an empty list of authors', [{ authors: [], kinds: [1] }], []],
  ['nothing for an empty list of kinds', [{ kinds: [] }], []],
  ['nothing for an empty list of tag values', [{ '#t': [] }], []],
  ['nothing for kinds over 65535', [{ kinds: [65_536, 4_294_967_297] }], []],
  ['the newest when limited', [{ ...by_alice, limit: 2 }], ['newest', 'both']],
  [
    'the newest across tag values when limited',
    [{ '#t': ['a', 'b'], limit: 2 }],
    ['newest', 'reply'],
  ],
  [
    'limits per filter',
    [
      { ...by_alice, limit: 1 },
      { authors: [bob.pubkey], limit: 1 },
    ],
    ['newest', 'reply'],
  ],
  ['all where the limit is huge', [{ limit: 1_000_000_000 }], Object.keys(events)],
  ['nothing where the limit is 0', [{ limit: 0 }], []],
];
for (const [what, filters, expected] of found) {
  test(`a request finds ${what}`, async () => {
    assert.deepEqual((await connection.query(...filters)).map(name_of), expected);
  });
}

for (const filter of [
  { since: -1 },
  { until: Number.MAX_SAFE_INTEGER },
  { kinds: [-1] },
  { kinds: [1e300] },
  { since: 1e300 },
  { limit: 1e300 },
  { search: 'words' },
  { unknown: [1] },
]) {
  test(`${JSON.stringify(filter)} is answered, one way or the other`, async () => {
    const reason = await connection.refusal(filter);
    assert.match(reason ?? 'invalid: ', /^(invalid|unsupported): /);
  });
}

test('limit 0 stays open for live events, and live events ignore every limit', async () => {
  const author = new NostrKey();
  for (const limit of [0, 1]) {
    const hears = await connection.subscribe({ authors: [author.pubkey], limit });
    const sent = [];
    for (const n of [1, 2, 3])
      sent.push(await connection.post(sign(author, { kind: 1, content: `${limit} ${n}` })));
    assert.deepEqual(ids(await hears.next_of(3)), ids(sent));
    hears.close();
  }
});

test('in one second the lowest id comes first, and limit cuts there', async () => {
  const author = new NostrKey();
  const same = Array.from({ length: 8 }, (_, n) =>
    sign(author, { kind: 1, created_at: NOW - 5, content: `${n}` }),
  );
  for (const event of same) await connection.post(event);
  const in_order = ids(same).sort();
  assert.deepEqual(ids(await connection.query({ authors: [author.pubkey] })), in_order);
  assert.deepEqual(
    ids(await connection.query({ authors: [author.pubkey], limit: 3 })),
    in_order.slice(0, 3),
  );
});

test('a live event reaches only the subscriptions that match it, once each', async () => {
  const author = new NostrKey();
  const filters = {
    author: { authors: [author.pubkey] },
    kind: { kinds: [1444] },
    tag: { '#x': ['tag'] },
    twice: [{ authors: [author.pubkey] }, { '#x': ['tag'] }],
    everything: {},
    other_kind: { kinds: [1445], authors: [author.pubkey] },
    other_tag: { authors: [author.pubkey], '#x': ['gat'] },
    past: { authors: [author.pubkey], until: NOW - 1000 },
    future: { authors: [author.pubkey], since: NOW + 1000 },
  };
  const open = {};
  for (const [name, filter] of Object.entries(filters)) {
    open[name] = await connection.subscribe(
      ...[filter].flat().map((part) => ({ ...part, limit: 0 })),
    );
  }
  const event = await connection.post(sign(author, { kind: 1444, tags: [['x', 'tag']] }));
  await connection.catch_up(connection);
  const reached = Object.keys(open).filter((name) => ids(open[name].live).includes(event.id));
  assert.deepEqual(reached, ['author', 'kind', 'tag', 'twice', 'everything']);
  assert.equal(open.twice.live.length, 1);
  for (const subscription of Object.values(open)) subscription.close();
});

test('a large answer comes whole and in order', async () => {
  const author = new NostrKey();
  const many = Array.from({ length: 600 }, (_, n) =>
    sign(author, { kind: 1, created_at: NOW - 10_000 - n, content: `${n}` }),
  );
  await Promise.all(many.map((event) => connection.post(event)));
  assert.deepEqual(
    ids(await connection.query({ authors: [author.pubkey], limit: 1000 })),
    ids(many),
  );
});
