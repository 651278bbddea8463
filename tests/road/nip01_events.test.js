// NIP-01: what is a valid event, and which of several versions stays.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_canonical, sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

let relay, connection;
before(async () => {
  relay = await Relay.start();
  connection = await relay.connect();
});
after(() => relay?.remove());

async function assert_invalid(event, what) {
  assert.match(await connection.rejection(event), /^invalid: /);
}

const key = new NostrKey();
const good = sign(key, { content: 'good' });
const other_hex = (text) => (text[0] === '0' ? '1' : '0') + text.slice(1);

const broken = {
  'an id in upper case': { id: good.id.toUpperCase() },
  'a pubkey in upper case': { pubkey: good.pubkey.toUpperCase() },
  'a signature in upper case': { sig: good.sig.toUpperCase() },
  'a short pubkey': { pubkey: good.pubkey.slice(1) },
  'a short signature': { sig: good.sig.slice(2) },
  "somebody else's pubkey": { pubkey: new NostrKey().pubkey },
  'another content': { content: 'changed' },
  'another id': { id: other_hex(good.id) },
  'another signature': { sig: other_hex(good.sig) },
  'no tags': { tags: undefined },
  'no content': { content: undefined },
  'a content that is no text': { content: 7 },
  'a tag that is no list': { tags: ['t'] },
  'a number in a tag': { tags: [['t', 1]] },
  'null in a tag': { tags: [['t', null]] },
  'a kind in quotes': { kind: '1' },
};
for (const [what, change] of Object.entries(broken)) {
  test(`an event with ${what} is invalid`, () => assert_invalid({ ...good, ...change }, what));
}

/** Publishes an event whose numbers are exactly these texts, id and signature matching them. */
async function publish_numbers({ created_at = String(now_s()), kind = '1' }) {
  const { id, sig } = sign_canonical(key, `[0,"${key.pubkey}",${created_at},${kind},[],""]`);
  const from = connection.messages.length;
  connection.send(
    `["EVENT",{"id":"${id}","pubkey":"${key.pubkey}","created_at":${created_at},"kind":${kind},"tags":[],"content":"","sig":"${sig}"}]`,
  );
  const [, subject, accepted, reason] = await connection.next('OK', from);
  assert.equal(subject, id);
  return { accepted, reason };
}

for (const numbers of [
  { kind: '65536' },
  { kind: '-1' },
  { kind: '1.0' },
  { kind: '1e0' },
  { created_at: '1e10' },
  { created_at: '1700000000.0' },
  { created_at: '-200' },
  { created_at: '99999999999999999999999' },
]) {
  test(`${JSON.stringify(numbers)} is refused`, async () => {
    const { accepted, reason } = await publish_numbers(numbers);
    assert.equal(accepted, false);
    assert.match(reason, /^invalid: /);
  });
}

for (const numbers of [{ kind: '65535' }, { created_at: '0' }, { created_at: '915148800' }]) {
  test(`${JSON.stringify(numbers)} is accepted`, async () => {
    assert.deepEqual(await publish_numbers(numbers), { accepted: true, reason: '' });
  });
}

const texts = {
  'the seven escapes': '\n"\\\r\t\b\f',
  'other control characters': '\u0001\u001f',
  'DEL and line separators': '\u007f\u2028\u2029',
  'non-characters': '\ufffe\uffff\u{1ffff}',
  'many planes': 'aé漢🔑𐍈',
  'escapes that are only text': '\\n \\u0041 \\/',
};
for (const [what, content] of Object.entries(texts)) {
  test(`a content with ${what} keeps its id and comes back as it was`, async () => {
    const event = await connection.post(sign_once({ content, tags: [['t', content]] }));
    assert.deepEqual(await connection.query({ ids: [event.id] }), [event]);
  });
}

test('a control character may be hashed raw, as NIP-01 says, or escaped, as JSON libraries do', async () => {
  for (const hashed of ['\u0001', '\\u0001']) {
    const created_at = now_s();
    const { id, sig } = sign_canonical(key, `[0,"${key.pubkey}",${created_at},1,[],"${hashed}"]`);
    const event = { id, pubkey: key.pubkey, created_at, kind: 1, tags: [], content: '\u0001', sig };
    await connection.post(event);
    assert.deepEqual(await connection.query({ ids: [id] }), [event]);
  }
});

test('escapes that a client chose differently make the same event', async () => {
  const event = sign_once({ content: 'A/é🔑' });
  const text = JSON.stringify(['EVENT', event]).replace('A/é🔑', '\\u0041\\/\\u00e9\\ud83d\\udd11');
  const from = connection.messages.length;
  connection.send(text);
  assert.deepEqual(await connection.next('OK', from), ['OK', event.id, true, '']);
});

test('spaces, order and unknown fields do not matter, and unknown fields are not passed on', async () => {
  const event = sign_once({ content: 'odd order' });
  const { id, pubkey, created_at, kind, tags, content, sig } = event;
  const odd = { seen_on: ['elsewhere'], sig, content, tags, kind, created_at, pubkey, id };
  const from = connection.messages.length;
  connection.send(JSON.stringify(['EVENT', odd], null, 2));
  assert.deepEqual(await connection.next('OK', from), ['OK', id, true, '']);
  assert.deepEqual(await connection.query({ ids: [id] }), [event]);
});

test('tags may be empty lists, and a tag may have one item or very long ones', async () => {
  const tags = [[], ['t'], ['t', 'x'.repeat(5000)], ['t', 'a', 'b', 'c']];
  const event = await connection.post(sign_once({ tags }));
  assert.deepEqual(await connection.query({ ids: [event.id] }), [event]);
});

test('a created_at far ahead is refused', async () => {
  await assert_invalid(sign_once({ created_at: now_s() + 86_400 }), 'tomorrow');
});

test('kinds outside every range are kept like regular ones', async () => {
  for (const kind of [1, 4, 44, 1000, 9999, 62_000]) {
    const author = new NostrKey();
    const events = [0, 1].map((age) => sign(author, { kind, created_at: now_s() - age }));
    for (const event of events) await connection.post(event);
    assert.deepEqual(
      ids(await connection.query({ authors: [author.pubkey] })),
      ids(events),
      `kind ${kind}`,
    );
  }
});

const replaceable = [
  { kind: 0 },
  { kind: 3 },
  { kind: 10_000 },
  { kind: 19_999 },
  { kind: 30_000, tags: [['d', 'slot']] },
  {
    kind: 39_999,
    tags: [
      ['t', 'before'],
      ['d', 'slot'],
    ],
  },
  { kind: 30_001, tags: [['d']] },
  { kind: 30_002, tags: [] },
];
for (const template of replaceable) {
  const name = JSON.stringify([template.kind, template.tags ?? []]);

  test(`of ${name} the newest stays, whichever came first`, async () => {
    const author = new NostrKey();
    const versions = [3, 2, 1].map((age) =>
      sign(author, { ...template, created_at: now_s() - age, content: `${age}` }),
    );
    const [oldest, middle, newest] = versions;
    const hears = await connection.subscribe({ authors: [author.pubkey] });
    await connection.post(middle);
    const stale = await connection.publish(oldest);
    assert.equal(stale.accepted, false);
    await connection.post(newest);
    assert.deepEqual(ids(await connection.query({ authors: [author.pubkey] })), [newest.id]);
    assert.deepEqual(await connection.query({ ids: [middle.id] }), []);
    await connection.catch_up(connection);
    assert.deepEqual(ids(hears.events), [middle.id, newest.id]);
  });

  test(`of ${name} in one second the lowest id stays, whichever came first`, async () => {
    for (const order of [(a, b) => (a.id < b.id ? -1 : 1), (a, b) => (a.id < b.id ? 1 : -1)]) {
      const author = new NostrKey();
      const created_at = now_s();
      const versions = [1, 2, 3]
        .map((n) => sign(author, { ...template, created_at, content: `${n}` }))
        .sort(order);
      for (const version of versions) await connection.publish(version);
      const lowest = ids(versions).sort()[0];
      assert.deepEqual(ids(await connection.query({ authors: [author.pubkey] })), [lowest]);
    }
  });
}

test('addresses differ by kind, author and exact d', async () => {
  const author = new NostrKey();
  const events = ['', 'x', 'x_y', 'X'].map((d) => sign(author, { kind: 30_000, tags: [['d', d]] }));
  events.push(
    sign(author, { kind: 30_001, tags: [['d', 'x']] }),
    sign_once({ kind: 30_000, tags: [['d', 'x']] }),
  );
  for (const event of events) await connection.post(event);
  for (const event of events)
    assert.deepEqual(ids(await connection.query({ ids: [event.id] })), [event.id]);
});

test('ephemeral events go to who listens and are never kept', async () => {
  const listener = await relay.connect();
  const hears = await listener.subscribe({ kinds: [20_001] });
  const event = await connection.post(sign_once({ kind: 20_001, content: 'now or never' }));
  assert.deepEqual(await hears.next(), event);
  assert.deepEqual(await listener.query({ kinds: [20_001] }), []);
  assert.deepEqual(await listener.query({ ids: [event.id] }), []);
});

test('an ephemeral event nobody listens to is accepted', async () => {
  await connection.post(sign_once({ kind: 29_999 }));
});

test('an event of 250 KiB passes', async () => {
  const event = await connection.post(sign_once({ content: 'x'.repeat(250 * 1024) }));
  assert.deepEqual(await connection.query({ ids: [event.id] }), [event]);
});
