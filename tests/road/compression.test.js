// permessage-deflate with a client as people use it (ws), beside clients that do without.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';

import WebSocket from 'ws';

import { eventually, within } from './support/deadline.js';
import { NostrKey, ids, now_s, sign, sign_once } from './support/event.js';
import { Relay } from './support/relay.js';

/** What a client may ask for; `false`: it offers nothing. */
const OPTIONS = {
  'no compression': false,
  'the default of ws': true,
  'everything compressed': { threshold: 0 },
  'no context takeover': { serverNoContextTakeover: true, clientNoContextTakeover: true },
  'a window of 9 bits': { serverMaxWindowBits: 9, clientMaxWindowBits: 9, threshold: 0 },
  'a window of 12 bits': { serverMaxWindowBits: 12, threshold: 0 },
  'a window of 15 bits': { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
};

/** A client that keeps each message as the text that came. */
class TextClient {
  constructor(url, perMessageDeflate) {
    this.texts = [];
    this.socket = new WebSocket(url, { perMessageDeflate });
    this.socket.on('message', (data) => this.texts.push(data.toString()));
    this.closed = once(this.socket, 'close');
  }

  static async open(url, perMessageDeflate) {
    const client = new TextClient(url, perMessageDeflate);
    client.socket.once('upgrade', ({ headers }) => {
      client.agreed = headers['sec-websocket-extensions'] ?? '';
    });
    await within(once(client.socket, 'open'), 'a WebSocket');
    return client;
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The message with this beginning; waits for it. */
  async got(beginning) {
    const found = () => this.texts.find((text) => text.startsWith(beginning));
    await eventually(found, `${beginning}, after ${this.texts.length} messages`);
    return found();
  }

  /** Sends a REQ and reads to its end: all that has come. */
  async query(id, ...filters) {
    this.send(['REQ', id, ...filters]);
    await this.got(JSON.stringify(['EOSE', id]));
    return this.texts;
  }
}

/** As the relay writes it. */
function delivery(subscription, { id, pubkey, created_at, kind, tags, content, sig }) {
  const event = { id, pubkey, created_at, kind, tags, content, sig };
  return JSON.stringify(['EVENT', subscription, event]);
}

const noise = (size) => randomBytes(size / 2).toString('hex');

describe('one relay', () => {
  let relay;
  before(async () => (relay = await Relay.start()));
  after(() => relay?.remove());

  test('ws agrees on compression, and on the window it asks for', async () => {
    for (const [what, options] of Object.entries(OPTIONS)) {
      const { socket, agreed } = await TextClient.open(relay.url, options);
      assert.equal(agreed.includes('permessage-deflate'), options !== false, what);
      if (options.serverMaxWindowBits)
        assert.match(agreed, new RegExp(`server_max_window_bits=${options.serverMaxWindowBits}$`));
      socket.terminate();
    }
  });

  test('every kind of message is the same with and without', async () => {
    const author = new NostrKey();
    const writer = await relay.connect();
    const event_texts = [
      'short',
      '"quotes", \\ and \u2028 and \u0001',
      'ünïcödé 漢字 🔑'.repeat(100),
      noise(300_000),
      'the same again '.repeat(20_000),
    ];
    const events = event_texts.map((content, index) =>
      sign(author, { created_at: now_s() - index, content, tags: [['t', 'x'.repeat(index)]] }),
    );
    for (const event of events) await writer.post(event);
    const forged = { ...events[2], content: 'forged' };

    const answers = async (options) => {
      const client = await TextClient.open(relay.url, options);
      await client.got('["AUTH"');
      client.texts.length = 0; // a challenge is different each time
      client.send('no message at all');
      client.send(['EVENT', events[0]]); // a duplicate
      client.send(['EVENT', forged]);
      client.send(['REQ', 'refused', { kinds: ['x'] }]);
      client.send(['COUNT', 'counted', { authors: [author.pubkey] }]);
      await client.got('["COUNT"');
      await client.query('ünïcödé "id" \\ 🔑', { authors: [author.pubkey] });
      client.socket.terminate();
      return client.texts.sort(); // the OK of a write may overtake what needs no writer
    };
    const plain = await answers(false);
    assert.equal(plain.length, 5 + events.length + 1);
    for (const event of events)
      assert.ok(plain.includes(delivery('ünïcödé "id" \\ 🔑', event)), 'byte for byte');
    for (const [what, options] of Object.entries(OPTIONS)) {
      const same = await answers(options);
      assert.equal(same.length, plain.length, what);
      const others = same.filter((text) => !plain.includes(text));
      assert.deepEqual(
        others.map((text) => text.slice(0, 300)),
        [],
        `differs with ${what}`,
      );
    }
  });

  test('large events, sent and received compressed, are stored as they were signed', async () => {
    const client = await TextClient.open(relay.url, { threshold: 0 });
    for (const content of ['a'.repeat(400_000), noise(400_000)]) {
      const event = sign_once({ content });
      client.send(['EVENT', event]);
      assert.equal(await client.got(`["OK","${event.id}"`), `["OK","${event.id}",true,""]`);
      await client.query(event.id, { ids: [event.id] });
      assert.ok(client.texts.includes(delivery(event.id, event)));
    }
  });

  test('members of one crowd, with and without, under ids of their own, get the same', async () => {
    const author = new NostrKey();
    const crowd = [];
    for (const options of [...Object.values(OPTIONS), ...Object.values(OPTIONS)]) {
      const id = `ïd "${crowd.length}"`.padEnd(1 + 4 * crowd.length, '_').slice(0, 64);
      const client = await TextClient.open(relay.url, options);
      await client.query(id, { authors: [author.pubkey], limit: 0 });
      crowd.push({ id, client });
    }
    const events = Array.from({ length: 150 }, (_, index) =>
      sign(author, { content: (index % 3 ? noise : (n) => 'words '.repeat(n / 6))(40 * index) }),
    );
    const writers = [await relay.connect(), await relay.connect()];
    await Promise.all(events.map((event, index) => writers[index % 2].post(event)));
    const end = await writers[0].post(sign(author, { content: 'the end' }));
    for (const { id, client } of crowd) {
      await client.got(delivery(id, end));
      const texts = client.texts.filter((text) => text.startsWith('["EVENT"'));
      assert.equal(texts.length, events.length + 1);
      const expected = new Set([...events, end].map((event) => delivery(id, event)));
      for (const text of texts) assert.ok(expected.delete(text), 'each once, byte for byte');
      client.socket.terminate();
    }
  });

  test('compressed, a crowd costs less on the wire', async () => {
    const author = new NostrKey();
    const received = async (options) => {
      const client = await TextClient.open(relay.url, options);
      await client.query('all', { authors: [author.pubkey] });
      const { bytesRead } = client.socket._socket;
      client.socket.terminate();
      return bytesRead;
    };
    const writer = await relay.connect();
    for (let n = 0; n < 30; n += 1) await writer.post(sign(author, { content: noise(1000) }));
    const [plain, compressed] = [await received(false), await received(true)];
    assert.ok(compressed < 0.7 * plain, `${compressed} of ${plain} bytes`);
  });
});

test('a restart is announced, and what was queued comes before it', async (t) => {
  const relay = await Relay.of(t);
  const author = new NostrKey();
  const client = await TextClient.open(relay.url, true);
  await client.query('live', { authors: [author.pubkey] });
  const writer = await relay.connect();
  const events = Array.from({ length: 50 }, () => sign(author, { content: noise(2000) }));
  await Promise.all(events.map((event) => writer.post(event)));
  await relay.restart();
  const [code] = await within(client.closed, 'the relay to close');
  assert.equal(code, 1012);
  for (const event of events) assert.ok(client.texts.includes(delivery('live', event)));

  const again = await TextClient.open(relay.url, true);
  await again.query('stored', { authors: [author.pubkey] });
  for (const event of events) assert.ok(again.texts.includes(delivery('stored', event)));
});

test('a slow reader gets all in order, one who does not read is dropped', async (t) => {
  const relay = await Relay.of(t, { limits: { max_send_queue_bytes: 4 * 1024 * 1024 } });
  const [stuck, slow, reader, writer] = [
    await relay.connect(),
    await relay.connect(),
    await relay.connect(),
    await relay.connect(),
  ];
  await stuck.subscribe({ kinds: [1] });
  const slowly = await slow.subscribe({ kinds: [1] });
  const hears = await reader.subscribe({ kinds: [1] });
  const sent = [];
  stuck.pause();
  for (let round = 0; round < 4; round += 1) {
    slow.pause();
    for (let n = 0; n < 10; n += 1) {
      sent.push(await writer.post(sign_once({ content: noise(300 * 1024) })));
      await hears.next();
    }
    slow.read_on();
    await slowly.next_of(10);
  }
  // How much the kernels hold for who does not read differs by an order of magnitude.
  for (let n = 0; n < 300 && !relay.log.includes('dropped a slow reader'); n += 1) {
    sent.push(await writer.post(sign_once({ content: noise(300 * 1024) })));
    await hears.next();
    await slowly.next();
  }
  assert.deepEqual(ids(hears.live), ids(sent));
  assert.deepEqual(ids(slowly.live), ids(sent));
  stuck.read_on();
  const { code } = await within(stuck.closed, 'the stuck reader to be dropped');
  assert.ok([1006, 1008].includes(code), `${code}`);
});
