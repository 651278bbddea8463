// NIP-01: the messages themselves.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

let relay;
before(async () => (relay = await Relay.start()));
after(() => relay?.remove());

const note = (rest) => sign_once({ kind: 1, content: 'note', ...rest });

const not_understood = {
  'no JSON': 'hello',
  'half a message': '["REQ","a",{',
  'an object': '{}',
  'an empty array': '[]',
  'an unknown verb': '["PUBLISH",{}]',
  'a verb that is no text': '[1,2]',
  'EVENT without event': '["EVENT"]',
  'REQ without id': '["REQ"]',
  'REQ with a number as id': '["REQ",7,{}]',
  'CLOSE without id': '["CLOSE"]',
  'AUTH with a text': '["AUTH","challenge"]',
  'deep nesting': '['.repeat(5000) + ']'.repeat(5000),
};
for (const [what, text] of Object.entries(not_understood)) {
  test(`${what} is answered with NOTICE, and the connection goes on`, async () => {
    const connection = await relay.connect();
    const from = connection.messages.length;
    connection.send(text);
    const [, reason] = await connection.next('NOTICE', from);
    assert.equal(typeof reason, 'string');
    await connection.post(note());
  });
}

test('fragments are joined and pings answered', async () => {
  const connection = await relay.connect();
  const event = note({ content: 'in parts' });
  const text = JSON.stringify(['EVENT', event]);
  const from = connection.messages.length;
  connection.send_fragments([text.slice(0, 10), text.slice(10, 50), text.slice(50)]);
  assert.deepEqual(await connection.next('OK', from), ['OK', event.id, true, '']);
  assert.ok(await connection.ping());
});

test('EVENT is answered with one OK of four parts', async () => {
  const connection = await relay.connect();
  const [good, bad] = [note(), { ...note(), content: 'forged' }];
  await connection.publish(good);
  await connection.publish(bad);
  await connection.query({ limit: 0 });
  const oks = connection.messages.filter(([verb]) => verb === 'OK');
  assert.equal(oks.length, 2);
  assert.deepEqual(oks[0], ['OK', good.id, true, '']);
  assert.deepEqual(oks[1].slice(0, 3), ['OK', bad.id, false]);
  assert.match(oks[1][3], /^invalid: /);
});

test('a malformed event with a readable id gets its OK, not a NOTICE', async () => {
  const connection = await relay.connect();
  const { id } = note();
  assert.match(await connection.rejection({ id }), /^invalid: /);
});

test('what got its OK is read back at once on another connection', async () => {
  const [writer, reader] = [await relay.connect(), await relay.connect()];
  for (let round = 0; round < 20; round += 1) {
    const event = await writer.post(note({ content: `round ${round}` }));
    assert.deepEqual(await reader.query({ ids: [event.id] }), [event]);
  }
});

test('a duplicate is true, says duplicate, and is not sent out again', async () => {
  const [writer, reader] = [await relay.connect(), await relay.connect()];
  const event = note();
  const hears = await reader.subscribe({ ids: [event.id] });
  await writer.post(event);
  await hears.next();
  const { accepted, reason } = await writer.publish(event);
  assert.equal(accepted, true);
  assert.match(reason, /^duplicate: /);
  await reader.catch_up(writer);
  assert.equal(hears.events.length, 1);
});

const refused_requests = {
  'a filter that is no object': ['x'],
  'no filter at all': [],
  'a short event id': [{ ids: ['abc'] }],
  'an author in upper case': [{ authors: ['A'.repeat(64)] }],
  'a name for an author': [{ authors: ['alice'] }],
  'a short #e': [{ '#e': ['abc'] }],
  'an #p that is no key': [{ '#p': ['bob'] }],
  'a kind in quotes': [{ kinds: ['1'] }],
  'ids that are no list': [{ ids: 'a'.repeat(64) }],
  'since in quotes': [{ since: 'yesterday' }],
  'a negative limit': [{ limit: -1 }],
  'numbers as tag values': [{ '#t': [1] }],
  'more filters than allowed': Array.from({ length: 1000 }, () => ({ kinds: [1] })),
};
for (const [what, filters] of Object.entries(refused_requests)) {
  test(`REQ with ${what} gets CLOSED with its id`, async () => {
    const connection = await relay.connect();
    assert.match(
      (await connection.refusal(...filters)) ?? 'EOSE',
      /^(invalid|unsupported|blocked|restricted): /,
    );
    await connection.post(note());
  });
}

test('after CLOSED nothing more comes for that subscription', async () => {
  const connection = await relay.connect();
  const subscription = connection.open([{ kinds: [1] }, { ids: ['abc'] }]);
  await assert.rejects(subscription.end_of_stored());
  await connection.post(note());
  await connection.catch_up(connection);
  assert.deepEqual(subscription.events, []);
});

test('CLOSE is silent, ends the subscription, and may name one that never was', async () => {
  const [reader, writer] = [await relay.connect(), await relay.connect()];
  const subscription = await reader.subscribe({ kinds: [1], limit: 0 });
  reader.send(['CLOSE', 'never opened']);
  subscription.close();
  const from = reader.messages.length;
  await reader.query({ limit: 0 });
  await writer.post(note());
  await reader.catch_up(writer);
  assert.deepEqual(subscription.events, []);
  assert.ok(reader.messages.slice(from).every(([verb]) => verb === 'EVENT' || verb === 'EOSE'));
});

test('every accepted REQ gets exactly one EOSE', async () => {
  const connection = await relay.connect();
  const subscription = await connection.subscribe({ kinds: [1] }, { kinds: [7] }, { limit: 0 });
  await connection.post(note());
  await connection.catch_up(connection);
  assert.equal(subscription.eose, 1);
});

test('no event is lost or repeated between the stored part and the live part', async () => {
  const [reader, writer] = [await relay.connect(), await relay.connect()];
  const author = new NostrKey();
  const events = Array.from({ length: 150 }, (_, index) =>
    sign(author, { kind: 1, created_at: now_s() - index, content: `${index}` }),
  );
  let subscription;
  const writes = events.map((event, index) => {
    if (index === 75) subscription = reader.open([{ authors: [author.pubkey] }]);
    return writer.post(event);
  });
  await Promise.all(writes);
  await reader.catch_up(writer);
  assert.equal(subscription.eose, 1);
  assert.deepEqual(ids(subscription.events).sort(), ids(events).sort());
});

test('an event and a request for it, sent in one breath, meet exactly once', async () => {
  const connection = await relay.connect();
  for (let round = 0; round < 20; round += 1) {
    const event = note({ content: `round ${round}` });
    const written = connection.post(event);
    const subscription = connection.open([{ ids: [event.id] }]);
    await written;
    await subscription.end_of_stored();
    await connection.catch_up(connection);
    assert.deepEqual(ids(subscription.events), [event.id]);
    subscription.close();
  }
});

test('requests closed at once harm nobody', async () => {
  const connection = await relay.connect();
  for (let n = 0; n < 50; n += 1) connection.open([{}]).close();
  await connection.post(note());
  await connection.query({ limit: 0 });
});

test('a subscription id may be any text of 1 to 64 characters', async () => {
  const connection = await relay.connect();
  for (const id of [
    'a',
    'with "quotes" and \\',
    'ünïcödé 🔑',
    '\u0001\n\t',
    'x'.repeat(64),
    'é'.repeat(64),
  ]) {
    await connection.open([{ limit: 0 }], id).end_of_stored();
  }
});

test('a subscription id that is empty or longer is refused', async () => {
  const connection = await relay.connect();
  for (const id of ['', 'x'.repeat(65)]) {
    const from = connection.messages.length;
    connection.subscriptions.set(id, { take() {} });
    connection.send(['REQ', id, {}]);
    const answer = await connection.wait_for(
      () =>
        connection.messages.slice(from).find(([verb]) => verb === 'NOTICE' || verb === 'CLOSED'),
      'a refusal',
    );
    assert.match(answer.at(-1), /^invalid: |sub|id/);
  }
});

test('subscription ids belong to their connection', async () => {
  const [one, other, writer] = [
    await relay.connect(),
    await relay.connect(),
    await relay.connect(),
  ];
  const kind = 1234;
  const first = one.open([{ kinds: [kind], limit: 0 }], 'same');
  const second = other.open([{ kinds: [kind], limit: 0 }], 'same');
  await Promise.all([first.end_of_stored(), second.end_of_stored()]);
  first.close();
  await one.query({ limit: 0 });
  const event = await writer.post(note({ kind }));
  assert.equal((await second.next()).id, event.id);
  await one.catch_up(writer);
  assert.deepEqual(first.events, []);
});

test('reusing a subscription id replaces its filters and ends in EOSE', async () => {
  const connection = await relay.connect();
  const [one, two] = [1301, 1302];
  const first = connection.open([{ kinds: [one], limit: 0 }], 'reused');
  await first.end_of_stored();
  const second = connection.open([{ kinds: [two], limit: 0 }], 'reused');
  await second.end_of_stored();
  await connection.post(note({ kind: one }));
  const event = await connection.post(note({ kind: two }));
  assert.equal((await second.next()).id, event.id);
  await connection.catch_up(connection);
  assert.deepEqual(ids(second.events), [event.id]);
});

test('200 subscriptions fit on one connection, as MLS clients open one per group', async () => {
  const connection = await relay.connect();
  const open = Array.from({ length: 200 }, (_, index) =>
    connection.open([{ kinds: [2000 + index], limit: 0 }]),
  );
  await Promise.all(open.map((subscription) => subscription.end_of_stored()));
  const event = await connection.post(note({ kind: 2199 }));
  assert.equal((await open[199].next()).id, event.id);
});

test('a WebSocket opens on the root path alone', async () => {
  const { Connection } = await import('./support/connection.js');
  await assert.rejects(Connection.open(`${relay.url}/elsewhere`));
});
