// What a public test suite of relays (relay-tester) asks, item by item, of a relay that runs with its profile. As the
// suite does it, everything goes over one connection that has not authenticated, with keys the relay does not know.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_canonical } from './support/event.js';
import { Relay } from './support/relay.js';

let relay, at;
const [one, two, stranger] = [new NostrKey(), new NostrKey(), new NostrKey()];
const minutes_ago = (minutes) => now_s() - minutes * 60;
const address = (key, d, kind = 30023) => `${kind}:${key.pubkey}:${d}`;

before(async () => {
  relay = await Relay.with_profile('relay-tester.toml');
  at = await relay.connect();
});
after(() => relay?.remove());

/** Events of one run: name → [event, is it still found in the end]. */
const group = new Map();
async function submit_group() {
  const bookmark = [['e', '65f07794c052916f434d2a40ad4e3c58c1c287d829b999977a7221c0ebadab0a']];
  const parts = [
    ['limit_first', 1, [['t', 'a']], 40, true],
    ['limit_third', 1, [['t', 'a']], 50, true],
    ['limit_second', 1, [['t', 'b']], 45, true],
    ['limit_fourth', 1, [['t', 'b']], 55, true],
    ['metadata_older', 0, [], 60, false],
    ['metadata_newer', 0, [], 0, true],
    ['contacts_newer', 3, [], 10, true],
    ['contacts_older', 3, [], 70, false],
    ['ephemeral', 21_212, [], 10, false],
    ['two_tags', 9999, [['k', '3036'], ['n', 'approved']], 10, true],
    ['one_tag', 9999, [['n', 'approved']], 10, true],
    ['older_addressable', 30_000, [['d', '1']], 120, false],
    ['newer_addressable', 30_000, [['d', '1']], 60, true],
    ['older_replaceable', 10_003, bookmark, 80, false],
    ['newer_replaceable', 10_003, bookmark, 60, true],
  ];
  for (const [name, kind, tags, minutes, findable] of parts) {
    const event = sign(one, { kind, tags, content: name, created_at: minutes_ago(minutes) });
    group.set(name, [event, findable]);
    await at.publish(event);
  }
}
const event_of = (name) => group.get(name)[0];

describe('nip11', () => {
  test('the document is served, and claims what is on', async () => {
    const answer = await fetch(relay.http_url, { headers: { Accept: 'application/nostr+json' } });
    assert.equal(answer.status, 200);
    const { supported_nips } = await answer.json();
    for (const nip of [9, 11, 40, 42, 45, 59]) assert.ok(supported_nips.includes(nip), `${nip}`);
    for (const nip of [4, 26, 29, 50, 94, 96]) assert.ok(!supported_nips.includes(nip), `${nip}`);
  });
});

describe('auth', () => {
  test('prompts for AUTH on connecting', async () => {
    assert.ok(await (await relay.connect()).challenge());
  });
  for (const [what, part] of Object.entries({
    kind: { kind: 1 },
    relay: { relay: 'intentionally wrong relay' },
    challenge: { challenge: 'intentionally wrong challenge' },
    time: { created_at: now_s() - 30 * 60 },
  })) {
    test(`verifies the ${what} of an AUTH`, async () => {
      assert.equal((await (await relay.connect()).auth(one, part)).accepted, false);
    });
  }
  test('anybody can authenticate', async () => {
    const connection = await relay.connect();
    await connection.publish(sign(stranger, { tags: [['test']] }));
    await connection.authenticate(stranger);
  });
  test('the challenge is there before a gift wrap without recipient is refused', async () => {
    const connection = await relay.connect();
    await connection.publish(sign(stranger, { kind: 1059 }));
    assert.ok(connection.messages.some(([verb]) => verb === 'AUTH'));
  });
});

describe('eose and public', () => {
  test('EOSE comes, and an incomplete subscription stays open', async () => {
    const authors = [new NostrKey().pubkey];
    for (const filter of [
      { authors, kinds: [1], limit: 10 },
      { authors, kinds: [1], limit: 10, until: 1_700_000_000 },
    ]) {
      const subscription = await at.subscribe(filter);
      await at.catch_up(at);
      assert.equal(subscription.closed, null);
      subscription.close();
    }
  });
  for (const [what, kind] of [
    ['a note', 1],
    ['a relay list', 10_002],
    ['a list of relays for messages', 10_050],
    ['a list of relays for key packages', 10_051],
    ['a profile', 0],
    ['a wallet’s answer', 23_195],
  ]) {
    test(`a stranger writes ${what}`, () => at.post(sign(stranger, { kind, tags: [['test']] })));
  }
});

describe('reg, json, misc', () => {
  test('OK comes after an EVENT, signature and id are verified', async () => {
    const event = await at.post(sign(one, { tags: [['test']] }));
    const other = sign(one, { tags: [['test']], content: 'x' });
    assert.ok(await at.rejection({ ...other, sig: '0'.repeat(128) }));
    assert.ok(await at.rejection({ ...other, id: 'cafebabe'.repeat(8), sig: event.sig }));
  });
  for (const [what, content] of [
    ['the escapes of NIP-01', '\\n\\"\\\\\\r\\t\\b\\f'],
    ['UTF-8 non-characters', '\ufdd1\u{10fff2}'],
  ]) {
    test(`${what} pass as they were hashed`, async () => {
      const created_at = now_s();
      const canonical = `[0,"${one.pubkey}",${created_at},1,[],"${content}"]`;
      const { id, sig } = sign_canonical(one, canonical);
      const from = at.messages.length;
      at.send(
        `["EVENT",{"id":"${id}","pubkey":"${one.pubkey}","created_at":${created_at},"kind":1,"tags":[],` +
          `"content":"${content}","sig":"${sig}"}]`,
      );
      const [, subject, accepted, reason] = await at.next('OK', from);
      assert.equal(subject, id);
      assert.ok(accepted, reason);
    });
  }
  test('tags may be empty', () => at.post(sign(one, { tags: [[], []] })));
  test('odd content, numbers and events get an OK with their id, or a NOTICE', async () => {
    for (const created_at of ['-200', '1e+10', '9223372036854775807', '4294967297', '2147483649']) {
      const canonical = `[0,"${one.pubkey}",${created_at},1,[],""]`;
      const { id, sig } = sign_canonical(one, canonical);
      const from = at.messages.length;
      at.send(
        `["EVENT",{"id":"${id}","pubkey":"${one.pubkey}","created_at":${created_at},"kind":1,"tags":[],` +
          `"content":"","sig":"${sig}"}]`,
      );
      assert.equal((await at.next('OK', from))[1], id, created_at);
    }
  });
});

describe('time', () => {
  for (const [what, created_at] of [
    ['a week', minutes_ago(60 * 24 * 7)],
    ['a month', minutes_ago(60 * 24 * 28)],
    ['a year', minutes_ago(60 * 24 * 365)],
    ['before Nostr', 1_420_070_461],
    ['before 2000', 915_148_861],
    ['1970', 0],
  ]) {
    test(`an event of ${what} ago is accepted`, () => at.post(sign(one, { created_at })));
  }
});

describe('find and filters', () => {
  before(async () => {
    if (group.size === 0) await submit_group();
  });

  /** All that match and are findable come, and nothing else does. */
  async function finds(filter, expected) {
    const found = ids(await at.query(filter));
    for (const name of expected) assert.ok(found.includes(event_of(name).id), name);
    return found;
  }
  const findable = () => [...group].filter(([, [, is]]) => is).map(([name]) => name);

  test('an answer by ids is sorted from the newest', async () => {
    const events = await at.query({ ids: [...group.values()].map(([event]) => event.id) });
    assert.ok(events.length >= 3);
    const times = events.map(({ created_at }) => created_at);
    assert.deepEqual(times, [...times].sort((a, b) => b - a));
  });
  test('the newest of many values come when limited', async () => {
    const filter = { authors: [one.pubkey], '#t': ['a', 'b'], kinds: [1, 7], limit: 2 };
    assert.deepEqual(ids(await at.query(filter)), ids(['limit_first', 'limit_second'].map(event_of)));
  });
  test('by id', async () => {
    const wanted = findable();
    assert.equal((await finds({ ids: ids(wanted.map(event_of)) }, wanted)).length, wanted.length);
  });
  test('by author and kind', () =>
    finds({ authors: [one.pubkey, stranger.pubkey], kinds: [1, 3] }, ['limit_first', 'contacts_newer']));
  test('by author and tags', async () =>
    assert.deepEqual(await finds({ authors: [one.pubkey], '#p': [one.pubkey] }, []), []));
  test('by kind and tags', () =>
    finds({ kinds: [1, 9999, 3], '#n': ['approved'] }, ['two_tags', 'one_tag']));
  test('by tags', () => finds({ '#k': ['3036'] }, ['two_tags']));
  test('by several tags', async () =>
    assert.equal(
      (await finds({ kinds: [9999], authors: [one.pubkey], '#k': ['3036'], '#n': ['approved'], limit: 20 }, ['two_tags'])).length,
      1,
    ));
  test('by author', () => finds({ authors: [one.pubkey] }, findable()));
  test('by an empty filter', () => finds({}, findable()));
  test('since and until are inclusive', async () => {
    const event = await at.post(sign(one, { kind: 5000, tags: [['test']] }));
    const base = { authors: [one.pubkey], kinds: [5000] };
    for (const edge of ['since', 'until'])
      assert.deepEqual(ids(await at.query({ ...base, [edge]: event.created_at })), [event.id]);
  });
  test('limit 0 gets EOSE and stays open', async () => {
    const subscription = await at.subscribe({ authors: [one.pubkey], limit: 0 });
    await at.catch_up(at);
    assert.deepEqual([subscription.stored, subscription.closed], [[], null]);
    subscription.close();
  });
});

describe('ephemeral', () => {
  test('an ephemeral event goes from one connection to another, and is not kept', async () => {
    const filter = { kinds: [25_000], authors: [one.pubkey] };
    const subscription = await at.subscribe(filter);
    const event = await (await relay.connect()).post(sign(one, { kind: 25_000, tags: [['test']] }));
    assert.deepEqual(await subscription.next(), event);
    subscription.close();
    assert.deepEqual(await at.query(filter), []);
  });
});

describe('replaceables', () => {
  before(async () => {
    if (group.size === 0) await submit_group();
  });

  for (const [kind, older, newer] of [
    [0, 'metadata_older', 'metadata_newer'],
    [3, 'contacts_older', 'contacts_newer'],
    [10_003, 'older_replaceable', 'newer_replaceable'],
    [30_000, 'older_addressable', 'newer_addressable'],
  ]) {
    test(`kind ${kind} is accepted, replaced, and found`, async () => {
      assert.deepEqual(ids(await at.query({ kinds: [kind], authors: [one.pubkey] })), [
        event_of(newer).id,
      ]);
      assert.ok(!ids(await at.query({ kinds: [kind] })).includes(event_of(older).id));
    });
    test(`an older kind ${kind} is refused`, async () => {
      assert.ok(await at.rejection(event_of(older)));
    });
  }
});

describe('delete', () => {
  const article = (key, d, more = {}) =>
    sign(key, { kind: 30_023, tags: [['d', d]], content: 'I say wrong thing', ...more });
  const delete_address = (key, a, more = {}) =>
    at.publish(sign(key, { kind: 5, tags: [['a', a]], ...more }));
  const here = async (...events) => ids(await at.query({ ids: ids(events) })).sort();

  test('by id, and a deleted one is not taken again', async () => {
    const event = await at.post(sign(one, { tags: [['test']], content: 'wrong' }));
    await at.post(sign(one, { kind: 5, tags: [['e', event.id]] }));
    assert.deepEqual(await here(event), []);
    assert.ok(await at.rejection(event));
  });
  test('by address, in the same second', async () => {
    const event = await at.post(article(one, 'by_address'));
    await delete_address(one, address(one, 'by_address'), { created_at: event.created_at });
    assert.deepEqual(await here(event), []);
  });
  test('by address only what is older', async () => {
    await at.post(article(one, 'only_older', { created_at: minutes_ago(5) }));
    const newer = await at.post(article(one, 'only_older', { created_at: minutes_ago(1) }));
    await delete_address(one, address(one, 'only_older'), { created_at: minutes_ago(3) });
    const filter = { authors: [one.pubkey], kinds: [30_023], '#d': ['only_older'] };
    assert.deepEqual(ids(await at.query(filter)), [newer.id]);
  });
  test('by address is bound to author, d and kind', async () => {
    const gone = await at.post(article(one, 'bound'));
    const kept = [
      await at.post(article(two, 'bound')),
      await at.post(article(one, 'bound_x')),
      await at.post(sign(one, { kind: 30_024, tags: [['d', 'bound']] })),
    ];
    await delete_address(one, address(one, 'bound'));
    assert.deepEqual(await here(gone, ...kept), ids(kept).sort());
  });
  test('of others, by id or address, does nothing', async () => {
    const [note, long] = [await at.post(sign(two)), await at.post(article(two, 'others'))];
    await at.publish(sign(one, { kind: 5, tags: [['e', note.id]] }));
    await delete_address(one, address(two, 'others'));
    assert.deepEqual(await here(note, long), ids([note, long]).sort());
  });
  test('an older event of a deleted address is refused, a newer one accepted', async () => {
    const old = await at.post(article(one, 'again', { created_at: minutes_ago(5) }));
    await delete_address(one, address(one, 'again'), { created_at: minutes_ago(3) });
    assert.ok(await at.rejection(old));
    await at.post(article(one, 'again', { created_at: minutes_ago(2) }));
    await delete_address(one, address(one, 'first'), { created_at: minutes_ago(5) });
    await at.post(article(one, 'first', { created_at: minutes_ago(2) }));
  });
});

describe('what the suite means to ask later', () => {
  test('kinds beyond 16 bits and negative times in filters are answered', async () => {
    assert.deepEqual(await at.query({ kinds: [65_536] }), []);
    assert.ok((await at.query({ since: -1, limit: 1 })).length === 1);
    assert.deepEqual(await at.query({ until: -1 }), []);
  });
  test('an event of a kind beyond 16 bits is refused with its id', async () => {
    const { id, sig } = sign_canonical(one, `[0,"${one.pubkey}",1,65536,[],""]`);
    const event = { id, pubkey: one.pubkey, created_at: 1, kind: 65_536, tags: [], content: '', sig };
    assert.match(await at.rejection(event), /^invalid: /);
  });
  test('a prefix of an id or key is refused, not guessed at', async () => {
    for (const filter of [{ ids: ['cafe'] }, { authors: ['cafe'] }, { '#e': ['cafe'] }])
      assert.match(await at.refusal(filter), /^invalid: /);
  });
  test('gift wraps need AUTH', async () => {
    assert.match(await at.refusal({ kinds: [1059] }), /^auth-required: /);
  });
  test('a contact list of 2000 keys passes', async () => {
    const tags = Array.from({ length: 2000 }, (_, n) => ['p', n.toString(16).padStart(64, '0')]);
    await at.post(sign(new NostrKey(), { kind: 3, tags }));
  });
  test('NUL and other control characters pass', () => at.post(sign(one, { content: 'a\u0000b\u0001' })));
  test('who reconnects at once is served', async () => {
    for (let n = 0; n < 20; n += 1) {
      const connection = await relay.connect();
      await connection.query({ limit: 1 });
      await connection.close();
    }
  });
});
