// keypackage_delivery = "single_use": each package goes to one requester, and is gone before it is sent.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { eventually } from './support/deadline.js';
import { NostrKey, ids, sign } from './support/event.js';
import { Person } from './support/person.js';
import { Relay } from './support/relay.js';

const settings = { 'extensions.mls_gateway': { keypackage_delivery: 'single_use' } };
let relay;
before(async () => (relay = await Relay.start(settings)));
after(() => relay?.remove());

const of = (...owners) => ({ kinds: [443], authors: owners.map(({ pubkey }) => pubkey) });

/** Somebody with packages on the relay, oldest first: {owner, at, packages}. */
async function owner_of(count, on = relay) {
  const owner = new Person();
  const at = await on.connect(owner);
  const packages = [];
  for (let n = 0; n < count; n += 1) packages.push(await at.post(await owner.key_package_event()));
  return { owner, at, packages };
}
const requester = (on = relay) => on.connect(new Person());

describe('a hand-out', () => {
  test('gives one package, as it was signed, to each who asks, and never one twice', async () => {
    const { owner, packages } = await owner_of(4);
    const given = [];
    for (let n = 0; n < 3; n += 1) {
      const events = await (await requester()).query(of(owner));
      assert.equal(events.length, 1);
      assert.deepEqual(
        events[0],
        packages.find(({ id }) => id === events[0].id),
      );
      given.push(events[0].id);
    }
    assert.equal(new Set(given).size, 3);
  });

  test('gives one requester another one each time', async () => {
    const { owner } = await owner_of(4);
    const at = await requester();
    const given = [];
    for (let n = 0; n < 3; n += 1) given.push(...ids(await at.query(of(owner))));
    assert.equal(new Set(given).size, 3);
  });

  test('may be asked by #p as well, and with a limit', async () => {
    const { owner } = await owner_of(5);
    const at = await requester();
    const given = [];
    for (const filter of [
      { kinds: [443], '#p': [owner.pubkey] },
      { kinds: [443], '#p': [owner.pubkey], limit: 1 },
      { ...of(owner), limit: 1 },
      { ...of(owner), limit: 100 },
    ])
      given.push(...ids(await at.query(filter)));
    assert.equal(given.length, 4);
    assert.equal(new Set(given).size, 4);
  });

  test('gives one package of each owner that is named', async () => {
    const [one, two] = [await owner_of(2), await owner_of(2)];
    const nobody = new Person();
    const events = await (await requester()).query(of(one.owner, two.owner, nobody));
    assert.deepEqual(
      events.map(({ pubkey }) => pubkey).sort(),
      [one.owner.pubkey, two.owner.pubkey].sort(),
    );
  });

  test('names an owner among forty', async () => {
    const { owner } = await owner_of(2);
    const strangers = Array.from({ length: 39 }, () => new Person());
    const events = await (await requester()).query(of(...strangers, owner));
    assert.deepEqual(
      events.map(({ pubkey }) => pubkey),
      [owner.pubkey],
    );
  });

  test('loses nothing of a filter beside it, stored or live', async () => {
    const { owner } = await owner_of(2);
    const author = new NostrKey();
    const at = await requester();
    const note = await at.post(sign(author, { content: 'stored' }));
    const both = await at.subscribe(of(owner), { kinds: [1], authors: [author.pubkey] });
    assert.ok(ids(both.stored).includes(note.id));
    const later = await at.post(sign(author, { content: 'live' }));
    assert.equal((await both.next()).id, later.id);
  });

  test('takes the package from every road before it is sent', async () => {
    const { owner, at: owner_at } = await owner_of(3);
    const at = await requester();
    const [given] = await at.query(of(owner));
    for (const connection of [at, owner_at, await requester()]) {
      assert.deepEqual(await connection.query({ ids: [given.id] }), []);
      assert.ok(!ids(await connection.query({ authors: [owner.pubkey] })).includes(given.id));
    }
    assert.equal((await owner_at.query(of(owner))).length, 2);
  });

  test('leaves the last live package where it is, for everybody', async () => {
    const { owner, at: owner_at, packages } = await owner_of(1);
    for (let n = 0; n < 3; n += 1)
      assert.deepEqual(ids(await (await requester()).query(of(owner))), ids(packages));
    assert.deepEqual(ids(await owner_at.query(of(owner))), ids(packages));
  });

  test('goes on with new packages after the last one', async () => {
    const { owner, at: owner_at } = await owner_of(1);
    const [last] = await (await requester()).query(of(owner));
    const fresh = await owner_at.post(await owner.key_package_event());
    const given = new Set([
      ...ids(await (await requester()).query(of(owner))),
      ...ids(await (await requester()).query(of(owner))),
    ]);
    assert.deepEqual([...given].sort(), ids([last, fresh]).sort());
  });

  test('of nobody’s packages is empty', async () => {
    assert.deepEqual(await (await requester()).query(of(new Person())), []);
  });

  test('takes AUTH', async () => {
    const { owner, at: owner_at } = await owner_of(2);
    const anonymous = await relay.connect();
    assert.match(
      await anonymous.refusal({ kinds: [443], '#p': [owner.pubkey] }),
      /^auth-required: /,
    );
    const subscription = anonymous.open([of(owner)]);
    await subscription.end_of_stored().catch((error) => {
      assert.match(error.message, /^CLOSED auth-required: /);
    });
    assert.deepEqual(subscription.events, []);
    assert.equal((await owner_at.query(of(owner))).length, 2);
  });
});

test('a consumed package that is published again is refused', async () => {
  const { owner, at: owner_at } = await owner_of(3);
  const [given] = await (await requester()).query(of(owner));
  assert.match(await owner_at.rejection(given), /^invalid: /);
  const renewed = sign(owner, { ...given, created_at: given.created_at - 1 });
  assert.match(await owner_at.rejection(renewed), /^invalid: /, 'its reference is used up');
  assert.equal((await owner_at.query(of(owner))).length, 2);
});

test('what is consumed stays consumed across a restart', async (t) => {
  const own = await Relay.of(t, settings);
  const { owner } = await owner_of(3, own);
  const [given] = await (await requester(own)).query(of(owner));
  await own.restart();
  const owner_at = await own.connect(owner);
  assert.match(await owner_at.rejection(given), /^invalid: /);
  const left = ids(await owner_at.query(of(owner)));
  assert.equal(left.length, 2);
  assert.ok(!left.includes(given.id));
});

test('owners always see all their own, and consume nothing by it', async () => {
  const { owner, at, packages } = await owner_of(3);
  for (const filter of [of(owner), { kinds: [443] }, { kinds: [443], '#p': [owner.pubkey] }]) {
    const own = (await at.query(filter)).filter(({ pubkey }) => pubkey === owner.pubkey);
    assert.deepEqual(ids(own).sort(), ids(packages).sort(), JSON.stringify(filter));
  }
});

test('broad queries skip the packages of others and consume none', async () => {
  const { owner, at: owner_at, packages } = await owner_of(3);
  const at = await requester();
  for (const filters of [
    [{}],
    [{ kinds: [443] }],
    [{ kinds: [443], limit: 10 }],
    [{ authors: [owner.pubkey] }],
    [{ kinds: [443, 30443], authors: [owner.pubkey] }],
    [{ ...of(owner), since: 1 }],
    [{ ...of(owner), until: packages[2].created_at + 9 }],
    [{ ...of(owner), '#p': [owner.pubkey] }],
    [{ ids: ids(packages) }],
    [{ kinds: [443], ids: ids(packages) }],
    [{ '#p': [owner.pubkey] }],
    [{ kinds: [443], '#i': ['x'] }],
    [{ kinds: [443], '#v': ['x'], authors: [owner.pubkey] }],
  ]) {
    const found = ids(await at.query(...filters)).filter((id) => ids(packages).includes(id));
    const may_hand_out = JSON.stringify(filters).includes('#p') && 'authors' in filters[0];
    assert.ok(found.length <= (may_hand_out ? 1 : 0), JSON.stringify(filters));
    await at.count(...filters);
  }
  assert.ok((await owner_at.query(of(owner))).length >= 2);
});

test('a subscription left open is handed no later package', async () => {
  const { owner, at: owner_at } = await owner_of(2);
  const at = await requester();
  const open = [];
  for (const filter of [of(owner), { kinds: [443] }, { kinds: [443], '#p': [owner.pubkey] }, {}])
    open.push(await at.subscribe(filter));
  const later = await owner_at.post(await owner.key_package_event());
  await at.catch_up(owner_at);
  for (const { live, filters } of open)
    assert.ok(!ids(live).includes(later.id), JSON.stringify(filters));
});

test('a count consumes nothing', async () => {
  const { owner, at: owner_at } = await owner_of(3);
  const at = await requester();
  for (const filter of [of(owner), { kinds: [443], '#p': [owner.pubkey] }, { kinds: [443] }])
    await at.count(filter);
  assert.equal((await owner_at.query(of(owner))).length, 3);
  assert.equal(await owner_at.count(of(owner)), 3);
});

test('a deleted package is not handed out', async () => {
  const { owner, at: owner_at, packages } = await owner_of(2);
  await owner_at.post(sign(owner, { kind: 5, tags: [['e', packages[0].id]] }));
  for (let n = 0; n < 2; n += 1)
    assert.deepEqual(ids(await (await requester()).query(of(owner))), [packages[1].id]);
});

test('an expired package is neither handed out nor the last live one', async (t) => {
  const short = await Relay.of(t, {
    'extensions.mls_gateway': { keypackage_delivery: 'single_use', keypackage_ttl: 2 },
  });
  const { owner, at: owner_at } = await owner_of(2, short);
  const gone = async () => (await owner_at.query(of(owner))).length === 0;
  await eventually(gone, 'the packages to expire', { every_ms: 50 });
  assert.deepEqual(await (await requester(short)).query(of(owner)), []);
  const fresh = await owner_at.post(await owner.key_package_event());
  for (let n = 0; n < 2; n += 1)
    assert.deepEqual(ids(await (await requester(short)).query(of(owner))), [fresh.id]);
});

describe('Marmot’s packages', () => {
  test('are public and never consumed: 30443, and 443 without p', async () => {
    const owner = new Person();
    const at = await relay.connect();
    const reusable = [
      await at.post(await owner.marmot_key_package_event(30443)),
      await at.post(await owner.marmot_key_package_event(443)),
      await at.post(await owner.marmot_key_package_event(443)),
    ];
    const filter = { kinds: [443, 30443], authors: [owner.pubkey] };
    for (const connection of [at, await requester(), await requester()]) {
      assert.deepEqual(ids(await connection.query(filter)).sort(), ids(reusable).sort());
      assert.deepEqual(
        ids(await connection.query(of(owner))).sort(),
        ids(reusable.slice(1)).sort(),
      );
    }
  });

  test('lie beside those of the gateway’s dialect, of which one is handed out', async () => {
    const { owner, at: owner_at, packages } = await owner_of(3);
    const plain = await owner_at.post(await owner.marmot_key_package_event(443));
    const found = ids(await (await requester()).query(of(owner)));
    assert.ok(found.includes(plain.id));
    assert.equal(found.filter((id) => ids(packages).includes(id)).length, 1);
    assert.equal((await owner_at.query(of(owner))).length, 3);
  });
});

describe('the budget', () => {
  test('is ten hand-outs an hour to one requester of one owner', async () => {
    const { owner, at: owner_at } = await owner_of(14);
    const asker = new Person();
    const at = await relay.connect(asker);
    const given = [];
    for (let n = 0; n < 10; n += 1) given.push(...ids(await at.query(of(owner))));
    assert.equal(new Set(given).size, 10);
    assert.match(await at.refusal(of(owner)), /^rate-limited: /);
    const elsewhere = await relay.connect(asker);
    assert.match(
      await elsewhere.refusal(of(owner)),
      /^rate-limited: /,
      'a new connection is no way',
    );
    assert.equal((await owner_at.query(of(owner))).length, 4);
    assert.equal((await (await requester()).query(of(owner))).length, 1, 'others are served');
    const other = await owner_of(2);
    assert.equal((await at.query(of(other.owner))).length, 1, 'and of other owners');
  });

  test('counts hand-outs of the last package too', async () => {
    const { owner } = await owner_of(1);
    const at = await requester();
    for (let n = 0; n < 10; n += 1) assert.equal((await at.query(of(owner))).length, 1);
    assert.match(await at.refusal(of(owner)), /^rate-limited: /);
  });

  test('does not bind the owner', async () => {
    const { owner, at } = await owner_of(2);
    for (let n = 0; n < 15; n += 1) assert.equal((await at.query(of(owner))).length, 2);
  });
});

test('keypackage_delivery = "shared" gives everybody everything', async (t) => {
  const shared = await Relay.of(t, { 'extensions.mls_gateway': { keypackage_delivery: 'shared' } });
  const { owner, packages } = await owner_of(3, shared);
  for (let n = 0; n < 2; n += 1) {
    const found = ids(await (await requester(shared)).query(of(owner)));
    assert.deepEqual(found.sort(), ids(packages).sort());
  }
});

test('a consumed package stays away for as long as its event says, not only for its time here', async () => {
  const brief = await Relay.start({
    'extensions.mls_gateway': { keypackage_delivery: 'single_use', keypackage_ttl: 2 },
  });
  try {
    const owner = new Person();
    const owner_at = await brief.connect(owner);
    const packages = [await owner.key_package_event(), await owner.key_package_event()];
    for (const event of packages) await owner_at.post(event);
    const at = await brief.connect(new Person());
    const [given] = await at.query({ kinds: [443], authors: [owner.pubkey] });
    await eventually(
      async () => (await owner_at.query({ kinds: [443], authors: [owner.pubkey] })).length === 0,
      'the packages to expire',
    );
    assert.match(await owner_at.rejection(given), /^invalid: .*used before/);
  } finally {
    await brief.remove();
  }
});
