// NIP-77: a client learns which events it lacks and which the relay lacks, of those it may read and
// of no others.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { nip77 } from 'nostr-tools';
import { Relay as NostrToolsRelay, useWebSocketImplementation } from 'nostr-tools/relay';
import WebSocket from 'ws';

import { within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign } from './support/event.js';
import { alice_and_bob } from './support/gathering.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { Random } from './support/random.js';
import {
  NOTHING,
  NegError,
  ask,
  go_on,
  learn,
  named,
  negentropy_of,
  new_id,
  open,
  reconcile,
} from './support/reconcile.js';
import { Relay } from './support/relay.js';
import { roster } from './support/roster.js';
import { knowing_roads } from './support/secrets.js';
import { Town } from './support/town.js';

useWebSocketImplementation(WebSocket);

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

/** Public notes of a new author: {author, at, events}. */
async function notes(count, on = relay, { seconds = count, ...template } = {}) {
  const author = new NostrKey();
  const at = await on.connect();
  const newest = now_s();
  const events = Array.from({ length: count }, (_, n) =>
    sign(author, { created_at: newest - (n % seconds), content: String(n), ...template }),
  );
  await Promise.all(events.map((event) => at.post(event)));
  return { author, at, events };
}
const by = ({ pubkey }) => ({ authors: [pubkey] });
const sorted_ids = (events) => ids(events).sort();
/** The NegError that `promise` ends with. */
async function refusal_of(promise) {
  const error = await promise.then(
    () => assert.fail('it was answered'),
    (thrown) => thrown,
  );
  if (!(error instanceof NegError)) throw error;
  return error;
}

describe('a reconciliation', () => {
  test('finds what either side lacks', async () => {
    const { author, at, events } = await notes(100);
    const ours = [sign(author, { content: 'only here' }), sign(author, { content: 'and this' })];
    const { have, need } = await reconcile(at, by(author), [...events.slice(3), ...ours]);
    assert.deepEqual(have, sorted_ids(ours));
    assert.deepEqual(need, sorted_ids(events.slice(0, 3)));
  });

  test('finds nothing between equals, in one round', async () => {
    const { author, at, events } = await notes(80);
    const { have, need, rounds } = await reconcile(at, by(author), events);
    assert.deepEqual([have, need, rounds], [[], [], 1]);
  });

  test('of nothing with nothing ends at once', async () => {
    const { have, need } = await reconcile(await relay.connect(), by(new NostrKey()));
    assert.deepEqual([have, need], [[], []]);
  });

  test('is of the events that the filter matches', async () => {
    const { author, at, events } = await notes(6, relay, { tags: [['t', 'x']] });
    const authors = [author.pubkey];
    assert.deepEqual(await named(at, { authors, kinds: [7] }), []);
    assert.deepEqual(await named(at, { authors, '#t': ['y'] }), []);
    const two = events.slice(2, 4);
    assert.deepEqual(await named(at, { ids: ids(two) }), sorted_ids(two));
    const since = events[2].created_at;
    assert.deepEqual(await named(at, { authors, since }), sorted_ids(events.slice(0, 3)));
    assert.deepEqual(await named(at, { authors, limit: 2 }), sorted_ids(events.slice(0, 2)));
  });

  test('goes beyond the number of events that a REQ gives', async () => {
    const { author, at, events } = await notes(520, relay, { seconds: 50 });
    assert.deepEqual(await named(at, by(author)), sorted_ids(events));
  });

  test('does not name what is deleted, replaced or expired', async () => {
    const { author, at, events } = await notes(3);
    await at.post(sign(author, { kind: 5, tags: [['e', events[0].id]] }));
    const kinds = [1];
    assert.deepEqual(await named(at, { ...by(author), kinds }), sorted_ids(events.slice(1)));
    const profiles = [1, 0].map((age) => sign(author, { kind: 0, created_at: now_s() - age }));
    for (const profile of profiles) await at.post(profile);
    assert.deepEqual(await named(at, { ...by(author), kinds: [0] }), [profiles[1].id]);
  });

  test('shows the relay as it was when it was opened; opened again, as it is', async () => {
    const { author, at, events } = await notes(2);
    const id = new_id();
    assert.equal(learn(await open(at, by(author), { id })).need.length, 2);
    const later = await at.post(sign(author, { content: 'later' }));
    assert.deepEqual(learn(await go_on(at, id)).need.sort(), sorted_ids(events));
    const again = learn(await open(at, by(author), { id }));
    assert.deepEqual(again.need.sort(), sorted_ids([...events, later]));
  });

  test('opened again under its id is of the new filter', async () => {
    const [one, two] = [await notes(2), await notes(3)];
    const id = new_id();
    await open(one.at, by(one.author), { id });
    assert.equal(learn(await open(one.at, by(two.author), { id })).need.length, 3);
    assert.equal(learn(await go_on(one.at, id)).need.length, 3);
  });

  test('has an id that is its own, whatever subscription bears it', async () => {
    const { author, at, events } = await notes(2);
    const subscription = at.open([by(author)], 'shared');
    await subscription.end_of_stored();
    const { need } = learn(await open(at, by(author), { id: 'shared' }));
    assert.deepEqual(need.sort(), sorted_ids(events));
    at.send(['NEG-CLOSE', 'shared']);
    const live = await at.post(sign(author, { content: 'live' }));
    assert.equal((await subscription.next()).id, live.id);
    subscription.close();
  });

  test('may have any id of 1 to 64 characters', async () => {
    const at = await relay.connect();
    for (const id of ['x', '"', '\\', 'ключ', 'x'.repeat(64)])
      assert.deepEqual(learn(await open(at, by(new NostrKey()), { id })).need, []);
  });

  test('messages in one breath are answered in order', async () => {
    const { author, at } = await notes(2);
    const from = at.messages.length;
    at.send(['NEG-OPEN', 'quick', by(author), NOTHING]);
    at.send(['NEG-MSG', 'quick', NOTHING]);
    at.send(['NEG-CLOSE', 'quick']);
    at.send(['NEG-MSG', 'quick', NOTHING]);
    await at.next('NEG-ERR', from);
    const verbs = at.messages.slice(from).map(([verb]) => verb);
    assert.deepEqual(verbs, ['NEG-MSG', 'NEG-MSG', 'NEG-ERR']);
  });

  test('works with nostr-tools from end to end', async () => {
    const { author, events } = await notes(50);
    const client = await NostrToolsRelay.connect(relay.url);
    const storage = new nip77.NegentropyStorageVector();
    for (const { created_at, id } of events.slice(5)) storage.insert(created_at, id);
    storage.seal();
    const need = [];
    const ended = new Promise((resolve) => {
      const sync = new nip77.NegentropySync(client, storage, by(author), {
        onneed: (id) => need.push(id),
        onclose: resolve,
      });
      sync.start();
    });
    assert.equal(await within(ended, 'nostr-tools to have done'), undefined);
    client.close();
    assert.deepEqual(need.sort(), sorted_ids(events.slice(0, 5)));
  });

  test('finds the difference of any two sets exactly', async (t) => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    for (let round = 0; round < 8; round += 1) {
      const seconds = 1 + random.integer(60);
      const { author, at, events } = await notes(random.integer(200), relay, { seconds });
      const extra = Array.from({ length: random.integer(60) }, (_, n) =>
        sign(author, { created_at: now_s() - random.integer(seconds), content: `extra ${n}` }),
      );
      const share = random.fraction();
      const [kept, dropped] = [[], []];
      for (const event of events) (random.chance(share) ? kept : dropped).push(event);
      const frame_size = random.chance(0.5) ? 4096 : undefined;
      const found = await reconcile(at, by(author), [...kept, ...extra], { frame_size });
      assert.deepEqual(found.have, sorted_ids(extra), `have, round ${round} of SEED=${seed}`);
      assert.deepEqual(found.need, sorted_ids(dropped), `need, round ${round} of SEED=${seed}`);
    }
  });
});

describe('recorded exchanges', async () => {
  const { filter, events, exchanges } = JSON.parse(
    await readFile(new URL('fixtures/nip77.json', import.meta.url)),
  );
  let at;
  before(async () => {
    at = await relay.connect();
    for (const event of events) await at.post(event);
  });

  for (const { name, messages, need } of exchanges) {
    test(`${name} goes on as it did with another relay`, async () => {
      const lacked = new Set(need);
      const here = events.filter(({ id }) => !lacked.has(id));
      const client = negentropy_of(here);
      assert.equal(client.initiate(), messages[0]);
      const id = new_id();
      const learnt = [];
      for (let n = 0; n < messages.length; n += 2) {
        const payload = messages[n];
        const answer = n ? await go_on(at, id, payload) : await open(at, filter, { id, payload });
        const { need: more, next } = learn(answer, here, client);
        learnt.push(...more);
        assert.equal(next, messages[n + 2] ?? null);
      }
      assert.deepEqual(learnt.sort(), need);
    });
  }
});

describe('what cannot be answered', () => {
  test('another version is answered with the highest that the relay speaks', async () => {
    const { author, at } = await notes(1);
    const id = new_id();
    for (const payload of ['60', '62', '62aabb', 'ff'])
      assert.equal(await open(at, by(author), { id, payload }), '61');
    assert.equal(learn(await go_on(at, id)).need.length, 1);
  });

  for (const [what, message] of Object.entries({
    'no hex': ['NEG-OPEN', 'x', {}, 'zz'],
    'half a byte': ['NEG-OPEN', 'x', {}, '610'],
    'upper case': ['NEG-OPEN', 'x', {}, '61FF'],
    'an empty message': ['NEG-OPEN', 'x', {}, ''],
    'no message': ['NEG-OPEN', 'x', {}],
    'no filter': ['NEG-OPEN', 'x'],
    'a number for a filter': ['NEG-OPEN', 'x', 7, '61'],
    'a list of filters': ['NEG-OPEN', 'x', [{}], '61'],
    'a malformed filter': ['NEG-OPEN', 'x', { ids: ['XY'] }, '61'],
    'ranges that end too soon': ['NEG-OPEN', 'x', {}, '6100'],
    'a range of no known mode': ['NEG-OPEN', 'x', {}, '61000003'],
    'more ids than there are': ['NEG-OPEN', 'x', {}, '61000002ffffffff7f'],
    'ranges that descend': ['NEG-OPEN', 'x', {}, '610501bb000101aa00'],
    'a message that is no text': ['NEG-MSG', 'x', 61],
    'a later message that is no hex': ['NEG-MSG', 'x', 'zz'],
    'a later message that ends too soon': ['NEG-MSG', 'x', '610000'],
  }))
    test(`${what} ends it with invalid:`, async () => {
      const at = await relay.connect();
      await open(at, by(new NostrKey()), { id: 'x' });
      const { reason } = await refusal_of(ask(at, message));
      assert.match(reason, /^invalid: /);
      assert.match((await refusal_of(go_on(at, 'x'))).reason, /^closed: /);
      assert.ok(!at.messages.some(([verb]) => verb === 'NOTICE'));
    });

  test('an unknown key of a filter is refused as in a REQ', async () => {
    const at = await relay.connect();
    const filter = { kinds: [1], colour: 'red' };
    const { reason } = await refusal_of(open(at, filter));
    assert.equal(reason, await at.refusal(filter));
  });

  test('NEG-MSG for what is not open is closed:, NEG-CLOSE is nothing', async () => {
    const at = await relay.connect();
    assert.match((await refusal_of(go_on(at, 'never'))).reason, /^closed: /);
    at.send(['NEG-CLOSE', 'never']);
    assert.equal(await at.count(by(new NostrKey())), 0);
    assert.equal(at.messages.filter(([verb]) => verb.startsWith('NEG-')).length, 1);
  });

  test('after NEG-CLOSE it is not open', async () => {
    const at = await relay.connect();
    await open(at, by(new NostrKey()), { id: 'x' });
    at.send(['NEG-CLOSE', 'x']);
    assert.match((await refusal_of(go_on(at, 'x'))).reason, /^closed: /);
  });

  test('another connection cannot go on with it', async () => {
    await open(await relay.connect(), by(new NostrKey()), { id: 'mine' });
    const other = await relay.connect();
    assert.match((await refusal_of(go_on(other, 'mine'))).reason, /^closed: /);
  });
});

describe('limits', () => {
  test('more events than max_sync_events are blocked:, and the number is said', async (t) => {
    const small = await Relay.of(t, { limits: { max_sync_events: 10 } });
    const { author, at, events } = await notes(11, small);
    const { reason, max } = await refusal_of(open(at, by(author)));
    assert.match(reason, /^blocked: /);
    assert.equal(max, 10);
    const since = events[9].created_at;
    assert.equal((await named(at, { ...by(author), since })).length, 10);
  });

  test('what others may read takes nobody’s room', async (t) => {
    const small = await Relay.of(t, { limits: { max_sync_events: 3 } });
    const { h, alice, alice_at } = await alice_and_bob(small);
    for (const text of ['1', '2', '3', '4']) await alice_at.post(await alice.message(text));
    const note = await alice_at.post(sign(alice, { content: 'public' }));
    const mallory_at = await small.connect(new Person());
    assert.deepEqual(await named(mallory_at, { kinds: [1, 445] }), [note.id]);
    assert.match((await refusal_of(open(alice_at, { '#h': [h] }))).reason, /^blocked: /);
  });

  test('eight are open on one connection at most', async () => {
    const at = await relay.connect();
    const filter = by(new NostrKey());
    for (let n = 0; n < 8; n += 1) await open(at, filter, { id: `open ${n}` });
    const { reason } = await refusal_of(open(at, filter, { id: 'open 8' }));
    assert.match(reason, /^blocked: .*NEG-CLOSE/);
    await open(at, filter, { id: 'open 0' });
    at.send(['NEG-CLOSE', 'open 3']);
    await open(at, filter, { id: 'open 8' });
  });

  test('one whose client falls silent is closed:, and only that', async (t) => {
    const brief = await Relay.of(t, { limits: { neg_idle_timeout_s: 1 } });
    const { author, at, events } = await notes(2, brief);
    await open(at, by(author), { id: 'silent' });
    const ended = await at.next('NEG-ERR', 0);
    assert.deepEqual(ended.slice(0, 2), ['NEG-ERR', 'silent']);
    assert.match(ended[2], /^closed: /);
    assert.match((await refusal_of(go_on(at, 'silent'))).reason, /^closed: /);
    assert.deepEqual(await named(at, by(author)), sorted_ids(events));
  });

  test('one that never ends is closed: in the end', async (t) => {
    const brief = await Relay.of(t, { limits: { neg_max_age_s: 1 } });
    const { author, at } = await notes(2, brief);
    const end = async () => {
      const id = new_id();
      await open(at, by(author), { id });
      for (;;) await go_on(at, id);
    };
    assert.match((await refusal_of(within(end(), 'its end'))).reason, /^closed: /);
  });

  test('NIP-11 names NIP-77', async () => {
    const headers = { accept: 'application/nostr+json' };
    const { supported_nips } = await (await fetch(relay.http_url, { headers })).json();
    assert.ok(supported_nips.includes(77));
  });
});

describe('whoever asks', () => {
  let town, spies, secrets;

  before(async () => {
    town = new Town(relay);
    secrets = town.secrets;
    await town.begin();
    await town.go_on();
    await town.alice_at.post(
      roster(town.alice, town.h, 'remove', { seq: 1, p: [town.carol] }),
    );
    const mallory = new Person();
    spies = {
      Mallory: await relay.connect(mallory),
      Anonymous: await relay.connect(),
      Bob: await relay.connect(town.bob),
      'Carol, who was removed': await relay.connect(town.carol),
      Frank: await relay.connect(town.frank),
    };
  });

  for (const index of [0, 1, 2, 3, 4]) {
    const name = ['Mallory', 'Anonymous', 'Bob', 'Carol, who was removed', 'Frank'][index];
    test(`${name} is named what a REQ gives, and refused what a REQ is refused`, async () => {
      const at = spies[name];
      const { h, people, near } = town;
      const roads = knowing_roads({ h, people, near, events: secrets.events });
      for (const [road, filters] of Object.entries(roads)) {
        for (const { limit, ...filter } of filters) {
          const refused = await at.refusal(filter);
          if (refused !== null) {
            const { reason } = await refusal_of(open(at, filter));
            assert.equal(reason, refused, road);
            continue;
          }
          const given = sorted_ids(await at.query({ ...filter, limit: 5000 }));
          assert.deepEqual(await named(at, filter), given, road);
        }
      }
    });
  }

  test('an outsider is named no message of a group, a member all of them', async () => {
    const { h, said, alice_at } = town;
    const filter = { kinds: [445], '#h': [h] };
    assert.deepEqual(await named(spies.Mallory, filter), []);
    assert.deepEqual(await named(spies['Carol, who was removed'], filter), []);
    const messages = said.map(({ event }) => event.id).sort();
    assert.ok(messages.length > 3);
    assert.deepEqual(await named(alice_at, filter), messages);
    assert.deepEqual(await named(spies.Mallory, { ids: messages }), []);
    assert.deepEqual(await named(spies.Mallory, { kinds: [445], '#h': [new_group_id()] }), []);
  });

  test('direct messages are named to their recipients', async () => {
    const [alice, bob] = [new Person(), new Person()];
    const wrap = await (await relay.connect()).post(gift_wrap(alice, bob.pubkey, { kind: 14 }));
    const inbox = { kinds: [1059], '#p': [bob.pubkey] };
    assert.deepEqual(await named(await relay.connect(bob), inbox), [wrap.id]);
    assert.deepEqual(await named(await relay.connect(alice), inbox), []);
    assert.deepEqual(await named(await relay.connect(alice), { ids: [wrap.id] }), []);
  });

  test('a capability group is named to whoever names it, and by no other filter', async () => {
    const h = new_group_id();
    const at = await relay.connect();
    const event = await at.post(opaque_message(h));
    assert.deepEqual(await named(at, { kinds: [445], '#h': [h] }), [event.id]);
    for (const filter of [
      { ids: [event.id] },
      { authors: [event.pubkey] },
      { ids: [event.id], since: 0 },
      { ids: [event.id], '#h': [new_group_id()] },
    ])
      assert.deepEqual(await named(at, filter), [], JSON.stringify(filter));
  });

  test('whoever is anonymous is told to authenticate where all is gated', async () => {
    const at = await relay.connect();
    for (const filter of [
      { kinds: [1059] },
      { kinds: [446, 450] },
      { kinds: [445], '#h': [town.h] },
      { kinds: [443], '#p': [town.bob.pubkey] },
    ]) {
      const { reason } = await refusal_of(open(at, filter));
      assert.match(reason, /^auth-required: /, JSON.stringify(filter));
    }
    await at.authenticate(town.bob);
    assert.ok((await named(at, { kinds: [445], '#h': [town.h] })).length > 3);
  });

  test('whoever the operator has not admitted is refused as by REQ', async (t) => {
    const alice = new Person();
    const settings = { required: true, pubkey_whitelist: [alice.pubkey] };
    const closed = await Relay.of(t, { auth: settings });
    const [anonymous, mallory] = [await closed.connect(), await closed.connect()];
    assert.match((await refusal_of(open(anonymous, {}))).reason, /^auth-required: /);
    await mallory.auth(new Person());
    const { reason } = await refusal_of(open(mallory, {}));
    assert.equal(reason, await mallory.refusal({}));
    assert.match(reason, /^(restricted|auth-required): /);
    assert.deepEqual(await named(await closed.connect(alice), {}), []);
  });

  test('packages for a single use are named to their owner, and none is consumed', async (t) => {
    const settings = { 'extensions.mls_gateway': { keypackage_delivery: 'single_use' } };
    const single = await Relay.of(t, settings);
    const owner = new Person();
    const owner_at = await single.connect(owner);
    const packages = [];
    for (let n = 0; n < 3; n += 1)
      packages.push(await owner_at.post(await owner.key_package_event()));
    const stranger_at = await single.connect(new Person());
    for (const filter of [
      { kinds: [443], authors: [owner.pubkey] },
      { kinds: [443], '#p': [owner.pubkey] },
      { kinds: [443] },
      { ids: ids(packages) },
      {},
    ])
      assert.deepEqual(await named(stranger_at, filter), [], JSON.stringify(filter));
    assert.deepEqual(await named(owner_at, { kinds: [443] }), sorted_ids(packages));
  });
});

describe('what changes while it is open', () => {
  test('a removal ends what the removed member has open, before its OK', async () => {
    const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
    const { id: message } = await alice_at.post(await alice.message('one'));
    const filter = { kinds: [445], '#h': [h] };
    const [his, hers] = [new_id(), new_id()];
    assert.deepEqual(learn(await open(bob_at, filter, { id: his })).need, [message]);
    assert.deepEqual(learn(await open(alice_at, filter, { id: hers })).need, [message]);
    const from = bob_at.messages.length;
    await alice_at.post(roster(alice, h, 'remove', { seq: 1, p: [bob] }));
    // Sent after the OK: an answer that the open one gave would come first.
    assert.match((await refusal_of(go_on(bob_at, his))).reason, /^closed: /);
    await bob_at.count(by(new NostrKey()));
    const heard = bob_at.messages.slice(from).filter(([verb]) => verb.startsWith('NEG-'));
    assert.deepEqual([...new Set(heard.map(([verb]) => verb))], ['NEG-ERR']);
    assert.deepEqual(learn(await go_on(alice_at, hers)).need, [message]);
    assert.deepEqual(await named(bob_at, filter), []);
  });

  test('leaving ends it as well, and what others do in groups of theirs does not', async () => {
    const { h, alice, bob, alice_at, bob_at } = await alice_and_bob(relay);
    const other = await alice_and_bob(relay);
    const [id, of_others, of_all, public_ones] = [new_id(), new_id(), new_id(), new_id()];
    await open(bob_at, { kinds: [445], '#h': [h] }, { id });
    await open(bob_at, { kinds: [445], '#h': [other.h] }, { id: of_others });
    await open(bob_at, { authors: [bob.pubkey] }, { id: of_all });
    await open(bob_at, { kinds: [0, 1], authors: [bob.pubkey] }, { id: public_ones });
    await other.alice_at.post(roster(other.alice, other.h, 'remove', { seq: 1, p: [other.bob] }));
    await alice_at.post(await alice.message('more'));
    await alice_at.post(roster(alice, h, 'promote', { seq: 1, p: [bob] }));
    await go_on(bob_at, id);
    await bob_at.post(roster(bob, h, 'leave'));
    for (const lost of [id, of_all])
      assert.match((await refusal_of(go_on(bob_at, lost))).reason, /^closed: /);
    for (const kept of [of_others, public_ones]) await go_on(bob_at, kept);
  });

  test('a capability group that is gated now ends it for whoever named it', async () => {
    const founder = new Person();
    const h = new_group_id();
    const founder_at = await relay.connect(founder);
    await founder_at.post(opaque_message(h));
    const stranger_at = await relay.connect();
    const filter = { kinds: [445], '#h': [h] };
    const [id, of_all] = [new_id(), new_id()];
    assert.equal(learn(await open(stranger_at, filter, { id })).need.length, 1);
    await open(stranger_at, by(founder), { id: of_all });
    await founder_at.post(roster(founder, h, 'bootstrap', { seq: 1 }));
    assert.match((await refusal_of(go_on(stranger_at, id))).reason, /^closed: /);
    assert.match((await refusal_of(open(stranger_at, filter))).reason, /^auth-required: /);
    await go_on(stranger_at, of_all);
  });

  test('a key that is proved later opens nothing in what is open already', async () => {
    const { h, alice, bob, alice_at } = await alice_and_bob(relay);
    const { id: message } = await alice_at.post(await alice.message('one'));
    const at = await relay.connect(new Person());
    const id = new_id();
    const filter = { kinds: [445], '#h': [h] };
    assert.deepEqual(learn(await open(at, filter, { id })).need, []);
    await at.authenticate(bob);
    assert.deepEqual(learn(await go_on(at, id)).need, []);
    assert.deepEqual(learn(await open(at, filter, { id })).need, [message]);
  });
});
