// RFC 7692, along sections 12 and 13 of the Autobahn test suite.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';

import {
  comes_back,
  ends_with,
  event_of,
  goes_on,
  is_read,
  request_of,
  subscribe,
} from '../support/echo.js';
import { Random } from '../support/random.js';
import { Relay } from '../support/relay.js';
import {
  OP,
  RawWebSocket,
  compressed,
  compressed_fragments,
  deflated,
  frame,
  text,
} from '../support/websocket.js';

let relay;
before(async () => (relay = await Relay.start({ auth: { enabled: false } })));
after(() => relay?.remove());

const OFFER = 'permessage-deflate';
const ANSWER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const open = (offer = OFFER) =>
  RawWebSocket.open(relay.port, { 'Sec-WebSocket-Extensions': offer });

const random = new Random(7692);
const letters = (alphabet, size) =>
  Array.from({ length: size }, () => alphabet[random.integer(alphabet.length)]).join('');
const contents = {
  'JSON, or nearly': "{'name': 'a field', 'values': [1, 2, 3, 4], 'more': {'of': 'the same'}}, ",
  'English': 'It was the best of times, it was the worst of times, it was the age of wisdom. ',
  'hexadecimal digits': letters('0123456789abcdef', 70_000),
  'ciphertext in Base64': letters(
    'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
    70_000,
  ),
  'characters of two, three and four bytes': letters([...'äöüßéñ€漢字かな한국어🔑🌍𝄞'], 3000),
};

/** Message size and, where a message goes out in fragments, their size. */
const SIZES = [
  ...[16, 64, 256, 1024, 4096, 8192, 16384, 32768, 65536, 131072].map((size) => [size]),
  ...[8192, 16384, 32768, 65536, 131072].map((size) => [size, 256]),
  ...[1024, 4096, 32768].map((part) => [131072, part]),
];
const ROUNDS = 4; // Autobahn sends 1000; no message leaves a trace in the next one here

/** One message of this size there and back. */
async function echo(websocket, content, size, part, options) {
  const send = (message) =>
    websocket.send(
      part ? compressed_fragments(message, part, options) : compressed(message, options),
    );
  if (size === 16) {
    send('["CLOSE","none"]'); // is silent
    return goes_on(websocket);
  }
  if (size < 1024) {
    const { text: message, answered } = request_of(size);
    send(message);
    return answered(websocket);
  }
  const { text: message, event } = event_of(size, content);
  send(message);
  return comes_back(websocket, event);
}

Object.entries(contents).forEach(([what, content], index) => {
  describe(`12.${index + 1} messages of ${what}, compressed both ways`, () => {
    SIZES.forEach(([size, part], number) => {
      const cut = part ? `, in fragments of ${part}` : '';
      test(`12.${index + 1}.${number + 1} of ${size} bytes${cut}`, async () => {
        const websocket = await open();
        await subscribe(websocket);
        for (let round = 0; round < ROUNDS; round += 1)
          await echo(websocket, content, size, part, { level: [1, 6, 9, 0][round % 4] });
        assert.equal(websocket.compressed_messages, size < 1024 ? 0 : ROUNDS);
      });
    });
  });
});

// Autobahn's client asks for no context takeover or not, and for a window or not.
const NO_CONTEXT = 'server_no_context_takeover; client_no_context_takeover';
const parameters = [
  [`${OFFER}; client_max_window_bits`, ANSWER],
  [`${OFFER}; ${NO_CONTEXT}`, ANSWER],
  [
    `${OFFER}; client_max_window_bits; server_max_window_bits=9`,
    `${ANSWER}; server_max_window_bits=9`,
  ],
  [
    `${OFFER}; client_max_window_bits; server_max_window_bits=15`,
    `${ANSWER}; server_max_window_bits=15`,
  ],
  [
    `${OFFER}; ${NO_CONTEXT}; client_max_window_bits=9; server_max_window_bits=9`,
    `${ANSWER}; server_max_window_bits=9`,
  ],
  [
    `${OFFER}; ${NO_CONTEXT}; client_max_window_bits=15; server_max_window_bits=15`,
    `${ANSWER}; server_max_window_bits=15`,
  ],
  [
    `${OFFER}; ${NO_CONTEXT}; server_max_window_bits=9, ${OFFER}; ${NO_CONTEXT}, ${OFFER}`,
    `${ANSWER}; server_max_window_bits=9`,
  ],
];
parameters.forEach(([offer, answer], index) => {
  describe(`13.${index + 1} ${offer}`, () => {
    const window_bits = Number(/window_bits=(\d+)/.exec(offer)?.[1] ?? 15);

    SIZES.forEach(([size, part], number) => {
      const cut = part ? `, in fragments of ${part}` : '';
      test(`13.${index + 1}.${number + 1} messages of ${size} bytes${cut}`, async () => {
        const websocket = await open(offer);
        assert.equal(websocket.extensions, answer);
        await subscribe(websocket);
        for (const content of Object.values(contents).slice(0, 3))
          await echo(websocket, content, size, part, { window_bits });
        // What does not fit into the client's window is not compressed.
        const fits = size >= 1024 && websocket.window_bits === 15;
        assert.equal(websocket.compressed_messages, fits ? 3 : 0);
      });
    });
  });
});

describe('what is negotiated', () => {
  for (const bits of [8, 9, 10, 11, 12, 13, 14, 15]) {
    test(`a window of ${bits} bits: every message can be read with it`, async () => {
      const websocket = await open(`${OFFER}; server_max_window_bits=${bits}`);
      assert.equal(websocket.extensions, `${ANSWER}; server_max_window_bits=${bits}`);
      await subscribe(websocket);
      for (const size of [600, 1024, 2048, 4096, 10_000, 40_000]) {
        const half = event_of(size, letters('0123456789abcdef', 100).repeat(3));
        websocket.send(compressed(half.text));
        await comes_back(websocket, half.event);
      }
    });
  }

  for (const [offer, answer] of [
    [`${OFFER}; server_max_window_bits=16, ${OFFER}`, ANSWER],
    [
      `x-unknown; a=b, ${OFFER}; server_max_window_bits="10"`,
      `${ANSWER}; server_max_window_bits=10`,
    ],
    [['x-unknown', OFFER], ANSWER],
    [`${OFFER}; server_max_window_bits=7`, ''],
    [`${OFFER}; server_max_window_bits`, ''],
    [`${OFFER}; client_max_window_bits=16`, ''],
    [`${OFFER}; server_no_context_takeover=1`, ''],
    [`${OFFER}; server_no_context_takeover; server_no_context_takeover`, ''],
    [`${OFFER}; unknown`, ''],
    ['x-webkit-deflate-frame', ''],
  ]) {
    test(`${offer} is answered with ${answer || 'nothing'}`, async () => {
      const websocket = await open(offer);
      assert.equal(websocket.extensions, answer);
      if (answer) websocket.send(compressed('hello'));
      else websocket.send(text('hello'));
      await is_read(websocket);
      await goes_on(websocket);
    });
  }
});

describe('what a compressed message may be', () => {
  const message = () => request_of(80);

  test('a plain one between two', async () => {
    const websocket = await open();
    for (const send of [compressed, text, compressed]) {
      const { text: request, answered } = message();
      websocket.send(send(request));
      await answered(websocket);
    }
  });

  for (const [what, encode] of Object.entries({
    'one final block': (request) =>
      Buffer.concat([deflateRawSync(request), Buffer.from([0])]),
    'a stored block': (request) => deflated(request, { level: 0 }),
    'blocks of which one is empty': (request) =>
      Buffer.concat([
        deflateRawSync(request.slice(0, 40), { finishFlush: constants.Z_SYNC_FLUSH }),
        deflated(request.slice(40)),
      ]),
    'fixed Huffman codes': (request) =>
      deflateRawSync(request, {
        strategy: constants.Z_FIXED,
        finishFlush: constants.Z_SYNC_FLUSH,
      }).subarray(0, -4),
  })) {
    test(what, async () => {
      const websocket = await open();
      const { text: request, answered } = message();
      websocket.send(frame(OP.text, encode(request), { rsv: 4 }));
      await answered(websocket);
    });
  }

  test('fragments cut anywhere, with a ping between them', async () => {
    const websocket = await open();
    const { text: request } = message();
    const payload = deflated(request);
    for (let cut = 0; cut <= payload.length; cut += 1) {
      websocket.send(
        frame(OP.text, payload.subarray(0, cut), { rsv: 4, fin: false }),
        frame(OP.ping, 'between'),
        frame(OP.continuation, payload.subarray(cut)),
      );
      assert.equal((await websocket.next()).opcode, OP.pong);
      assert.equal((await websocket.json())[0], 'EOSE');
    }
  });

  test('octet by octet', async () => {
    const websocket = await open();
    const { text: request, answered } = message();
    await websocket.send_chopped(compressed(request), 1);
    await answered(websocket);
  });
});

describe('what it may not be', () => {
  const refusals = {
    'compressed without agreement': [1002, compressed('hello'), 'x-unknown'],
    'marked again in a continuation': [
      1002,
      Buffer.concat([
        frame(OP.text, deflated('hello').subarray(0, 2), { rsv: 4, fin: false }),
        frame(OP.continuation, deflated('hello').subarray(2), { rsv: 4 }),
      ]),
    ],
    'marked only in a continuation': [
      1002,
      Buffer.concat([
        text('plain', { fin: false }),
        frame(OP.continuation, deflated('hello'), { rsv: 4 }),
      ]),
    ],
    'a compressed ping': [1002, frame(OP.ping, deflated('hello'), { rsv: 4 })],
    'a compressed Close': [1002, frame(OP.close, deflated('hello'), { rsv: 4 })],
    'marked with another bit as well': [1002, text(deflated('hello'), { rsv: 6 })],
    'binary': [1003, frame(OP.binary, deflated('hello'), { rsv: 4 })],
    'plain text that is marked': [1007, text('["REQ","a",{}]', { rsv: 4 })],
    'empty': [1007, text('', { rsv: 4 })],
    'broken off': [1007, text(deflated('hello, all of you').subarray(0, -3), { rsv: 4 })],
    'of a reserved block type': [1007, text(Buffer.from([7, 0]), { rsv: 4 })],
    'no UTF-8 when inflated': [1007, compressed(Buffer.from('cebaeda080', 'hex'))],
    'too big when inflated': [1009, compressed(Buffer.alloc(512 * 1024 + 1, 0x20))],
    'a bomb': [1009, compressed(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 })],
    'a bomb in fragments': [1009, compressed_fragments(Buffer.alloc(50_000_000, 0x20), 1000)],
  };
  for (const [what, [code, bytes, offer]] of Object.entries(refusals)) {
    test(`${what}: ${code}`, async () => {
      const [websocket, other] = [await open(offer), await open()];
      websocket.send(bytes);
      await ends_with(websocket, code);
      await goes_on(other);
    });
  }

  test('in need of an earlier message: 1007', async () => {
    const websocket = await open();
    const once = deflated('a text that comes twice, a text that comes twice');
    websocket.send(frame(OP.text, once, { rsv: 4 }));
    await is_read(websocket);
    const dictionary = Buffer.from('a text that comes twice, a text that comes twice');
    const again = deflateRawSync(dictionary, {
      dictionary,
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4);
    websocket.send(frame(OP.text, again, { rsv: 4 }));
    await ends_with(websocket, 1007);
  });

  test('512 KiB exactly are taken', async () => {
    const websocket = await open();
    const { text: request, answered } = request_of(512 * 1024);
    websocket.send(compressed(request));
    await answered(websocket);
  });
});

test('[server] compression = false: nothing is negotiated', async (t) => {
  const plain = await Relay.of(t, {
    auth: { enabled: false },
    server: { compression: false },
  });
  const websocket = await RawWebSocket.open(plain.port, { 'Sec-WebSocket-Extensions': OFFER });
  assert.equal(websocket.extensions, '');
  await subscribe(websocket);
  const { text: message, event } = event_of(4096, contents.English);
  websocket.send(text(message));
  await comes_back(websocket, event);
  assert.equal(websocket.compressed_messages, 0);
  websocket.send(compressed('hello'));
  await ends_with(websocket, 1002);
});
