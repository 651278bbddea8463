// RFC 6455 §8.1, along section 6 of the Autobahn test suite, which takes its sequences from Markus
// Kuhn's UTF-8 test.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  comes_back,
  ends_with,
  event_of,
  goes_on,
  is_read,
  subscribe,
} from '../support/echo.js';
import { Relay } from '../support/relay.js';
import { OP, RawWebSocket, fragments, frame, text } from '../support/websocket.js';

let relay;
before(async () => (relay = await Relay.start({ auth: { enabled: false } })));
after(() => relay?.remove());

const open = () => RawWebSocket.open(relay.port);
const hex = (digits) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const KOSME = 'ceba e1bdb9 cf83 cebc ceb5';

/** Each way in which a client may send one text. */
const ways = {
  whole: (bytes) => text(bytes),
  'in fragments of one byte': (bytes) => fragments(bytes, 1),
  'in fragments of two bytes': (bytes) => fragments(bytes, 2),
};

async function is_taken(bytes) {
  for (const [how, framed] of Object.entries(ways)) {
    const websocket = await open();
    websocket.send(framed(bytes));
    await is_read(websocket, how);
    await goes_on(websocket);
    websocket.drop();
  }
}

async function is_refused(bytes) {
  for (const framed of Object.values(ways)) {
    const websocket = await open();
    websocket.send(framed(bytes));
    await ends_with(websocket, 1007);
  }
}

describe('6.1 and 6.2 valid text, whole and in fragments', () => {
  for (const [number, parts] of [
    [1, ['']],
    [2, ['', '', '']],
    [3, ['', 'middle frame payload', '']],
  ]) {
    test(`6.1.${number} ${parts.length} frames, with ${parts.join('') || 'nothing'}`, async () => {
      const websocket = await open();
      parts.forEach((part, index) => {
        const options = { fin: index === parts.length - 1 };
        websocket.send(frame(index === 0 ? OP.text : OP.continuation, part, options));
      });
      await is_read(websocket);
      await goes_on(websocket);
    });
  }

  const words = 'Hello-µ@ßöäüàá-UTF-8!!';
  for (const [number, size] of [
    [1, 10_000],
    [2, 300],
    [3, 1],
  ]) {
    test(`6.2.${number} comes back byte for byte from fragments of ${size} bytes`, async () => {
      const websocket = await open();
      await subscribe(websocket);
      const { text: message, event } = event_of(700, words);
      websocket.send(fragments(message, size));
      await comes_back(websocket, event);
    });
  }

  test('6.2.4 κόσμε comes back byte for byte, octet by octet', async () => {
    const websocket = await open();
    await subscribe(websocket);
    const { text: message, event } = event_of(600, 'κόσμε');
    await websocket.send_chopped(text(message), 1);
    await comes_back(websocket, event);
  });
});

describe('6.3 and 6.4 invalid text', () => {
  const broken = hex(`${KOSME} eda080 656469746564`);
  test('6.3 is refused, whole and in fragments', () => is_refused(broken));

  for (const [number, parts] of [
    [1, [KOSME, 'f4908080', '656469746564']],
    [2, [`${KOSME} f4`, '90', '8080 656469746564']],
  ]) {
    test(`6.4.${number} is refused with the fragment that breaks it, not at the end`, async () => {
      const websocket = await open();
      websocket.send(text(hex(parts[0]), { fin: false }), frame(OP.ping, 'good so far'));
      assert.equal((await websocket.next()).payload.toString(), 'good so far');
      websocket.send(frame(OP.continuation, hex(parts[1]), { fin: false }));
      await ends_with(websocket, 1007);
    });
  }

  for (const [number, at] of [
    [3, 12],
    [4, 13],
  ]) {
    test(`6.4.${number} in one frame that is cut at ${at} is refused at its end`, async () => {
      const websocket = await open();
      const whole = text(hex(`${KOSME} f4908080 656469746564`));
      await websocket.send_chopped(whole, 6 + at);
      await ends_with(websocket, 1007);
    });
  }
});

const valid = {
  '6.5': [KOSME, 'ceba', 'cebae1bdb9'],
  '6.6': ['00', 'c280', 'e0a080', 'f0908080'],
  '6.7': ['7f', 'dfbf', 'efbfbf', 'f48fbfbf'],
  '6.9': ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf'],
  '6.11 to 6.19, beside what is overlong': ['2f', 'c2af', 'e0a0af', 'f09080af'],
  '6.22 noncharacters': [
    'efb790',
    'efb7af',
    'efbfbe',
    'efbfbf',
    ...Array.from({ length: 16 }, (_, plane) =>
      Buffer.from(String.fromCodePoint((plane + 1) * 0x10000 + 0xfffe)).toString('hex'),
    ),
    ...Array.from({ length: 16 }, (_, plane) =>
      Buffer.from(String.fromCodePoint((plane + 1) * 0x10000 + 0xffff)).toString('hex'),
    ),
  ],
  '6.23 specials': ['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'],
};

const invalid = {
  '6.6 cut off': ['ce', 'cebae1', 'cebae1bd', `${KOSME} f0`, 'e0a0', 'f09080'],
  '6.8 first of five and six bytes': ['f888808080', 'fc8480808080'],
  '6.8 last of four, five and six bytes': ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf'],
  '6.10 above U+10FFFF': ['f4908080', 'f5808080'],
  '6.11 continuation bytes alone': ['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80bf'],
  '6.11 all continuation bytes': [
    Array.from({ length: 64 }, (_, index) => (0x80 + index).toString(16)).join(''),
  ],
  '6.12 first bytes, each with a space': [
    Array.from({ length: 32 }, (_, index) => `${(0xc0 + index).toString(16)}20`).join(''),
    Array.from({ length: 16 }, (_, index) => `${(0xe0 + index).toString(16)}20`).join(''),
    Array.from({ length: 8 }, (_, index) => `${(0xf0 + index).toString(16)}20`).join(''),
    'f820f920fa20fb20',
    'fc20fd20',
  ],
  '6.13 the last continuation byte is missing': [
    'c0',
    'e080',
    'f08080',
    'f8808080',
    'fc80808080',
    'df',
    'efbf',
    'f7bfbf',
    'fbbfbfbf',
    'fdbfbfbfbf',
  ],
  '6.14 all of these in a row': ['c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf'],
  '6.15 bytes that never occur': ['fe', 'ff', 'fefeffff'],
  '6.16 an overlong slash': ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af'],
  '6.17 the longest overlong': ['c1bf', 'e09fbf', 'f08fbfbf', 'f887bfbfbf', 'fc83bfbfbfbf'],
  '6.18 an overlong NUL': ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080'],
  '6.19 single surrogates': ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'],
  '6.20 paired surrogates': [
    'eda080edb080',
    'eda080edbfbf',
    'edadbfedb080',
    'edadbfedbfbf',
    'edae80edb080',
    'edae80edbfbf',
    'edafbfedb080',
    'edafbfedbfbf',
  ],
};

describe('valid sequences are taken', () => {
  for (const [number, sequences] of Object.entries(valid))
    test(number, async () => {
      for (const sequence of sequences) await is_taken(hex(sequence));
    });
});

describe('invalid sequences are refused with 1007', () => {
  for (const [number, sequences] of Object.entries(invalid))
    test(number, async () => {
      for (const sequence of sequences) {
        await is_refused(hex(sequence));
        await is_refused(hex(`616263 ${sequence}`));
      }
    });
});
