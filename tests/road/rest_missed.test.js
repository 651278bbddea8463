// The REST API: what came while somebody was away.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ids, now_s, sign, sign_once } from './support/event.js';
import { noise_message, NoiseKey } from './support/noise.js';
import { Person, gift_wrap, new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';
import { Rest, with_api } from './support/rest.js';
import { roster } from './support/roster.js';

const message = (h, rest) => opaque_message(h, { tags: [['k', '1']], ...rest });
const PATH = '/messages/missed';

let relay;
before(async () => {
  relay = await Relay.start(
    with_api(
      {},
      {
        server: { workers: 4 },
        'extensions.mls_gateway.rate_limits': { max_api_calls_per_minute: 0 },
      },
    ),
  );
});
after(() => relay?.remove());

/** Alice founds `count` groups with Bob in them. */
async function groups_of_two(count = 1) {
  const [alice, bob] = [new Person(), new Person()];
  const [alice_at, bob_at] = [await relay.connect(alice), await relay.connect(bob)];
  const groups = Array.from({ length: count }, new_group_id);
  for (const h of groups) await alice_at.post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
  return { alice, bob, alice_at, bob_at, groups, h: groups[0], bob_api: new Rest(relay, bob) };
}

/** Oldest first, of one second the highest id first: the order of a query, backwards. */
const oldest_first = (a, b) => a.created_at - b.created_at || (a.id > b.id ? -1 : 1);

describe('what somebody missed', () => {
  test('is all that is for them and nothing else, as it was signed, oldest first', async () => {
    const { alice, bob, alice_at, bob_at, groups, bob_api } = await groups_of_two(3);
    const carol = new Person();
    const carol_at = await relay.connect(carol);
    const elsewhere = new_group_id();
    await carol_at.post(roster(carol, elsewhere, 'bootstrap', { seq: 1 }));
    const expected = [];
    for (let n = 0; n < 12; n += 1) {
      expected.push(
        await alice_at.post(message(groups[n % 3], { created_at: now_s() - 1000 + n * 7 })),
      );
      await carol_at.post(message(elsewhere));
    }
    expected.push(
      await alice_at.post(noise_message(alice, bob.pubkey, new NoiseKey().public_key, 'psst')),
    );
    await alice_at.post(noise_message(alice, carol.pubkey, new NoiseKey().public_key, 'psst'));
    expected.push(await carol_at.post(gift_wrap(carol, bob.pubkey, { kind: 14, content: 'hi' })));
    await carol_at.post(gift_wrap(carol, alice.pubkey, { kind: 14, content: 'hi' }));
    const capability = new_group_id();
    await bob_at.post(opaque_message(capability));
    await bob_at.post(sign(bob, { content: 'not archived' }));
    const missed = await bob_api.pages(`${PATH}?limit=500`, 'messages');
    assert.deepEqual(missed, expected.sort(oldest_first));
    assert.deepEqual((await new Rest(relay, new Person()).get(PATH)).body.messages, []);
  });

  test('begins at since, and gift wraps two days before it', async () => {
    const { bob, alice_at, h, bob_api, alice } = await groups_of_two();
    const since = now_s() - 500;
    await alice_at.post(message(h, { created_at: since - 1 }));
    const first = await alice_at.post(message(h, { created_at: since }));
    const wrap = (created_at) =>
      sign_once({ kind: 1059, created_at, tags: [['p', bob.pubkey]], content: 'x' });
    await alice_at.post(wrap(since - 2 * 86_400 - 1));
    const dated_back = await alice_at.post(wrap(since - 2 * 86_400));
    const { body } = await bob_api.get(`${PATH}?since=${since}`);
    assert.deepEqual(ids(body.messages), [dated_back.id, first.id]);
    assert.equal(body.has_more, false);
    assert.equal(body.cursor, null);
    assert.ok(body.next_since <= now_s() && body.next_since >= now_s() - 200);
    assert.deepEqual(
      (await new Rest(relay, alice).get(`${PATH}?since=${now_s() + 3600}`)).body.messages,
      [],
    );
  });

  for (const limit of [1, 7, 100]) {
    test(`comes in pages of ${limit}, each once, while more is said`, async () => {
      const { alice_at, groups, bob_api } = await groups_of_two(4);
      const long_ago = now_s() - 5000;
      const before = [];
      for (let n = 0; n < 60; n += 1) {
        // Many in one second, so that pages end within one.
        before.push(
          await alice_at.post(message(groups[n % 4], { created_at: long_ago + Math.floor(n / 9) })),
        );
      }
      const meanwhile = [];
      const missed = await bob_api.pages(
        `${PATH}?since=${long_ago}&limit=${limit}`,
        'messages',
        async (page) => {
          assert.ok(page.messages.length <= limit);
          if (meanwhile.length < 20) meanwhile.push(await alice_at.post(message(groups[0])));
        },
      );
      assert.deepEqual(ids(missed).slice(0, 60), ids(before.sort(oldest_first)));
      assert.equal(new Set(ids(missed)).size, missed.length, 'nothing twice');
      const { body } = await bob_api.get(`${PATH}?since=${now_s() - 300}&limit=500`);
      for (const id of ids(meanwhile)) assert.ok(ids(body.messages).includes(id));
    });
  }

  test('and came during the last pass is found with next_since', async () => {
    const { alice_at, h, bob_api } = await groups_of_two();
    const first = await alice_at.post(message(h));
    const { body } = await bob_api.get(`${PATH}?limit=1`);
    assert.deepEqual(ids(body.messages), [first.id]);
    const later = await Promise.all(
      Array.from({ length: 5 }, () => alice_at.post(message(h, { created_at: first.created_at }))),
    );
    const again = await bob_api.get(`${PATH}?since=${body.next_since}`);
    for (const id of ids(later)) assert.ok(ids(again.body.messages).includes(id));
  });

  test('goes on with its cursor alone, and not with another since', async () => {
    const { alice_at, h, bob_api } = await groups_of_two();
    for (let n = 0; n < 3; n += 1) await alice_at.post(message(h));
    const { body } = await bob_api.get(`${PATH}?since=5&limit=2`);
    assert.equal(body.has_more, true);
    assert.equal((await bob_api.get(`${PATH}?cursor=${body.cursor}`)).body.messages.length, 1);
    assert.equal(
      (await bob_api.get(`${PATH}?since=5&cursor=${body.cursor}`)).body.messages.length,
      1,
    );
    assert.equal((await bob_api.get(`${PATH}?since=6&cursor=${body.cursor}`)).status, 400);
  });

  test('begins nowhere with a cursor that nobody was given', async () => {
    const { alice_at, h, bob_api } = await groups_of_two();
    for (let n = 0; n < 2; n += 1) await alice_at.post(message(h));
    const { body } = await bob_api.get(`${PATH}?since=5&limit=1`);
    const [since, begun, after, id] = body.cursor.match(/^(.{16})(.{16})(.{16})(.{64})$/).slice(1);
    for (const forged of ['8000000000000000', 'ffffffffffffffff'])
      for (const cursor of [
        `${forged}${begun}${after}${id}`,
        `${since}${forged}${after}${id}`,
        `${since}${begun}${forged}${id}`,
      ])
        assert.equal((await bob_api.get(`${PATH}?cursor=${cursor}`)).status, 400, cursor);
    const later = `${since}7fffffffffffffff${after}${id}`;
    assert.equal((await bob_api.get(`${PATH}?cursor=${later}`)).status, 400);
    const of_packages = `/keypackages?owner=${bob_api.as.pubkey}&cursor=8000000000000000${id}`;
    assert.equal((await bob_api.get(of_packages)).status, 400);
    assert.equal((await bob_api.get(`${PATH}?cursor=${body.cursor}`)).body.messages.length, 1);
  });

  test('is nothing any more for whoever is out, with a cursor from before too', async () => {
    const { bob, alice, alice_at, h, bob_api } = await groups_of_two();
    for (let n = 0; n < 5; n += 1) await alice_at.post(message(h));
    const { body } = await bob_api.get(`${PATH}?limit=2`);
    await alice_at.post(roster(alice, h, 'remove', { seq: 2, p: [bob] }));
    const after_removal = await bob_api.get(`${PATH}?cursor=${body.cursor}`);
    assert.deepEqual(after_removal.body.messages, []);
    assert.equal(after_removal.body.has_more, false);
  });

  test('by somebody else’s cursor is what they may have themselves', async () => {
    const { alice_at, h, bob_api } = await groups_of_two();
    for (let n = 0; n < 3; n += 1) await alice_at.post(message(h));
    const { body } = await bob_api.get(`${PATH}?limit=1`);
    const { status, body: stolen } = await new Rest(relay, new Person()).get(
      `${PATH}?cursor=${body.cursor}`,
    );
    assert.equal(status, 200);
    assert.deepEqual(stolen.messages, []);
  });

  test('is not what has expired, was deleted or vanished', async () => {
    const { alice, bob, alice_at, bob_at, h, bob_api } = await groups_of_two();
    const gone = await alice_at.post(
      sign(alice, {
        kind: 445,
        tags: [
          ['h', h],
          ['k', '1'],
        ],
        content: 'x',
      }),
    );
    const kept = await alice_at.post(message(h));
    await alice_at.post(sign(alice, { kind: 5, tags: [['e', gone.id]] }));
    const wrap = await alice_at.post(gift_wrap(alice, bob.pubkey, { kind: 14, content: 'x' }));
    await bob_at.post(sign(bob, { kind: 5, tags: [['e', wrap.id]] }));
    assert.deepEqual(ids((await bob_api.get(PATH)).body.messages), [kept.id]);
  });

  test('of large messages comes in answers of about a mebibyte', async () => {
    const { alice_at, h, bob_api } = await groups_of_two();
    const content = 'x'.repeat(300_000);
    for (let n = 0; n < 9; n += 1) await alice_at.post(message(h, { content }));
    let pages = 0;
    const missed = await bob_api.pages(`${PATH}?limit=500`, 'messages', ({ messages }) => {
      pages += 1;
      assert.ok(messages.length <= 4);
    });
    assert.equal(missed.length, 9);
    assert.ok(pages >= 3);
  });

  test('of more groups than one search names is read all the same', async () => {
    const { alice_at, groups, bob_api } = await groups_of_two(260);
    const said = [
      await alice_at.post(message(groups[0])),
      await alice_at.post(message(groups[259])),
    ];
    const missed = await bob_api.pages(`${PATH}?limit=10`, 'messages');
    assert.deepEqual(ids(missed).sort(), ids(said).sort());
  });

  test('of many groups tells nothing of the messages of others', async () => {
    const { alice_at, groups, bob_api } = await groups_of_two(260);
    const carol = new Person();
    const carol_at = await relay.connect(carol);
    const elsewhere = new_group_id();
    await carol_at.post(roster(carol, elsewhere, 'bootstrap', { seq: 1 }));
    const long_ago = now_s() - 50_000;
    // More than one call would read to pick from.
    for (let n = 0; n < 4300; n += 100) {
      const some = Array.from({ length: 100 }, (_, i) =>
        carol_at.post(message(elsewhere, { created_at: long_ago + n + i })),
      );
      await Promise.all(some);
    }
    const own = await alice_at.post(message(groups[259]));
    const { body } = await bob_api.get(`${PATH}?since=${long_ago}`);
    assert.deepEqual(ids(body.messages), [own.id], 'no empty page, no place of theirs');
    assert.equal(body.has_more, false);
  });
});

test('with p_hint = "narrow" only those of whoever is named are missed', async (t) => {
  const other = await Relay.of(t, with_api({ p_hint: 'narrow' }));
  const [alice, bob] = [new Person(), new Person()];
  const at = await other.connect(alice);
  const h = new_group_id();
  await at.post(roster(alice, h, 'bootstrap', { seq: 1, p: [bob] }));
  await at.post(
    message(h, {
      tags: [
        ['k', '1'],
        ['p', alice.pubkey],
      ],
    }),
  );
  const all = await at.post(message(h, { tags: [['k', '1']] }));
  assert.deepEqual(ids((await new Rest(other, bob).get(PATH)).body.messages), [all.id]);
});
