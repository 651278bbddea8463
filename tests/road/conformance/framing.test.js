// RFC 6455 §5, along sections 1 to 5 of the Autobahn test suite; README.md beside this file says
// what maps to what.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  comes_back,
  ends_with,
  event_of,
  goes_on,
  is_read,
  request_of,
  subscribe,
} from '../support/echo.js';
import { Relay } from '../support/relay.js';
import { OP, RawWebSocket, fragments, frame, text } from '../support/websocket.js';

let relay;
before(async () => (relay = await Relay.start({ auth: { enabled: false } })));
after(() => relay?.remove());

const open = () => RawWebSocket.open(relay.port);

/** Sends all in one write, frame by frame, or octet by octet. */
const cuts = {
  'in one write': async (websocket, frames) => websocket.send(Buffer.concat(frames)),
  'frame by frame': async (websocket, frames) => {
    for (const one of frames) await websocket.send_chopped(one, one.length);
  },
  'octet by octet': async (websocket, frames) =>
    websocket.send_chopped(Buffer.concat(frames), 1),
};

describe('1 framing', () => {
  test('1.1.1 an empty text is a message', async () => {
    const websocket = await open();
    websocket.send(text(''));
    await is_read(websocket);
    await goes_on(websocket);
  });

  for (const [number, size] of Object.entries({ 2: 125, 3: 126, 4: 127, 5: 128 })) {
    test(`1.1.${number} a text of ${size} bytes arrives whole`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(size);
      websocket.send(text(message));
      await answered(websocket);
    });
  }

  for (const [number, size, chop] of [
    [6, 65535, 0],
    [7, 65536, 0],
    [8, 65536, 997],
  ]) {
    const how = chop ? `, sent in pieces of ${chop} bytes,` : '';
    test(`1.1.${number} a text of ${size} bytes${how} comes back byte for byte`, async () => {
      const websocket = await open();
      await subscribe(websocket);
      const { text: message, event } = event_of(size, 'κόσμε and the rest of the world ');
      await websocket.send_chopped(text(message), chop || 2 * size);
      await comes_back(websocket, event);
    });
  }

  for (const size of [0, 125, 126, 127, 128, 65535, 65536]) {
    test(`1.2 a binary message of ${size} bytes is refused with 1003`, async () => {
      const websocket = await open();
      websocket.send(frame(OP.binary, Buffer.alloc(size, 0xfe)));
      await ends_with(websocket, 1003);
    });
  }

  test('a length written longer than it must be is a protocol error', async () => {
    for (const [size, length_bytes] of [
      [0, 2],
      [125, 2],
      [125, 8],
      [65535, 8],
    ]) {
      const websocket = await open();
      websocket.send(text('x'.repeat(size), { length_bytes }));
      await ends_with(websocket, 1002);
    }
  });

  test('an unmasked frame is a protocol error', async () => {
    const websocket = await open();
    websocket.send(text('hello', { masked: false }));
    await ends_with(websocket, 1002);
  });

  test('any mask is undone', async () => {
    const websocket = await open();
    for (const mask of ['00000000', 'ffffffff', '01020304', '80000001']) {
      const { text: message, answered } = request_of(61);
      websocket.send(text(message, { mask: Buffer.from(mask, 'hex') }));
      await answered(websocket);
    }
  });
});

describe('2 pings and pongs', () => {
  for (const [what, payload] of Object.entries({
    '2.1 without payload': Buffer.alloc(0),
    '2.2 with a text': Buffer.from('Hello, world!'),
    '2.3 with binary data': Buffer.from('00fffefdfcfb00ff', 'hex'),
    '2.4 with 125 bytes': Buffer.alloc(125, 0xfe),
  })) {
    test(`${what}: the pong brings it back`, async () => {
      const websocket = await open();
      websocket.send(frame(OP.ping, payload));
      const { opcode, fin, payload: answer } = await websocket.next();
      assert.deepEqual({ opcode, fin, answer }, { opcode: OP.pong, fin: true, answer: payload });
      await goes_on(websocket);
    });
  }

  test('2.5 with 126 bytes: a protocol error', async () => {
    const websocket = await open();
    websocket.send(frame(OP.ping, Buffer.alloc(126, 0xfe)));
    await ends_with(websocket, 1002);
  });

  test('2.6 with 125 bytes, octet by octet: the pong brings it back', async () => {
    const websocket = await open();
    await websocket.send_chopped(frame(OP.ping, Buffer.alloc(125, 0xfe)), 1);
    const { opcode, payload } = await websocket.next();
    assert.equal(opcode, OP.pong);
    assert.ok(payload.equals(Buffer.alloc(125, 0xfe)));
  });

  for (const [what, payload] of [
    ['2.7 without payload', ''],
    ['2.8 with payload', 'unsolicited pong payload'],
  ]) {
    test(`${what}: a pong that nobody asked for is dropped`, async () => {
      const websocket = await open();
      websocket.send(frame(OP.pong, payload));
      await goes_on(websocket);
    });
  }

  test('2.9 a pong that nobody asked for, then a ping: one pong', async () => {
    const websocket = await open();
    websocket.send(frame(OP.pong, 'unsolicited'), frame(OP.ping, 'ping payload'));
    const { opcode, payload } = await websocket.next();
    assert.deepEqual([opcode, payload.toString()], [OP.pong, 'ping payload']);
    await goes_on(websocket);
  });

  for (const [number, size] of [
    [10, 10_000],
    [11, 1],
  ]) {
    test(`2.${number} ten pings get ten pongs, in pieces of ${size} bytes`, async () => {
      const websocket = await open();
      const payloads = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
      const pings = Buffer.concat(payloads.map((payload) => frame(OP.ping, payload)));
      await websocket.send_chopped(pings, size);
      const pongs = [];
      for (const _ of payloads) pongs.push((await websocket.next()).payload.toString());
      assert.deepEqual(pongs, payloads);
    });
  }
});

describe('3 reserved bits', () => {
  test('3.1 RSV 1 on a text', async () => {
    const websocket = await open();
    websocket.send(text('Hello, world!', { rsv: 1 }));
    await ends_with(websocket, 1002);
  });

  for (const [number, rsv, how] of [
    [2, 2, 'in one write'],
    [3, 3, 'frame by frame'],
    [4, 4, 'octet by octet'],
  ]) {
    test(`3.${number} RSV ${rsv}, after a good text and before a ping, ${how}`, async () => {
      const websocket = await open();
      await cuts[how](websocket, [text('Hello'), text('world', { rsv }), frame(OP.ping)]);
      await ends_with(websocket, 1002, ['NOTICE']);
    });
  }

  for (const [number, opcode, rsv] of [
    [5, OP.binary, 5],
    [6, OP.ping, 6],
    [7, OP.close, 7],
  ]) {
    test(`3.${number} RSV ${rsv} on opcode ${opcode}`, async () => {
      const websocket = await open();
      websocket.send(frame(opcode, '', { rsv }));
      await ends_with(websocket, 1002);
    });
  }
});

describe('4 reserved opcodes', () => {
  for (const [section, first] of [
    ['4.1', 3],
    ['4.2', 11],
  ]) {
    for (const offset of [0, 1, 2, 3, 4]) {
      const opcode = first + offset;
      const how = ['in one write', 'frame by frame', 'octet by octet'][offset % 3];
      test(`${section}.${offset + 1} opcode ${opcode}, ${how}`, async () => {
        const alone = await open();
        alone.send(frame(opcode, offset % 2 ? 'reserved opcode payload' : ''));
        await ends_with(alone, 1002);
        const websocket = await open();
        const frames = [text('Hello'), frame(opcode, 'payload'), frame(OP.ping)];
        await cuts[how](websocket, frames);
        await ends_with(websocket, 1002, ['NOTICE']);
      });
    }
  }
});

describe('5 fragmentation', () => {
  for (const [number, opcode] of [
    [1, OP.ping],
    [2, OP.pong],
  ]) {
    test(`5.${number} control frame ${opcode} in two fragments is a protocol error`, async () => {
      const websocket = await open();
      websocket.send(frame(opcode, 'one', { fin: false }), frame(OP.continuation, 'two'));
      await ends_with(websocket, 1002);
    });
  }

  const first = (part) => text(part, { fin: false });
  const middle = (part) => frame(OP.continuation, part, { fin: false });
  const last = (part) => frame(OP.continuation, part);

  Object.entries(cuts).forEach(([how, cut], index) => {
    test(`5.${3 + index} a text in two fragments, ${how}`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(70);
      await cut(websocket, [first(message.slice(0, 30)), last(message.slice(30))]);
      await answered(websocket);
    });

    test(`5.${6 + index} a ping between two fragments is answered first, ${how}`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(70);
      const frames = [first(message.slice(0, 9)), frame(OP.ping, 'now'), last(message.slice(9))];
      await cut(websocket, frames);
      const { opcode, payload } = await websocket.next();
      assert.deepEqual([opcode, payload.toString()], [OP.pong, 'now']);
      await answered(websocket);
    });

    test(`5.${9 + index} a last fragment that continues nothing, ${how}`, async () => {
      const websocket = await open();
      await cut(websocket, [last('non-continuation payload'), text('Hello, world!')]);
      await ends_with(websocket, 1002);
    });

    test(`5.${12 + index} a fragment that continues nothing, ${how}`, async () => {
      const websocket = await open();
      await cut(websocket, [middle('non-continuation payload'), text('Hello, world!')]);
      await ends_with(websocket, 1002);
    });
  });

  test('5.15 a message in fragments, then a fragment that continues nothing', async () => {
    const websocket = await open();
    websocket.send(first('one'), last('two'), middle('three'), text('four'));
    await ends_with(websocket, 1002, ['NOTICE']);
  });

  for (const [number, stray] of [
    [16, middle],
    [17, last],
  ]) {
    test(`5.${number} a continuation before each fragmented message`, async () => {
      const websocket = await open();
      const once = [stray('one'), first('two'), last('three')];
      websocket.send(Buffer.concat([...once, ...once]));
      await ends_with(websocket, 1002);
    });
  }

  test('5.18 a second fragment that begins a text of its own', async () => {
    const websocket = await open();
    websocket.send(first('one'), text('two'));
    await ends_with(websocket, 1002);
  });

  for (const [number, how] of [
    [19, 'frame by frame'],
    [20, 'in one write'],
  ]) {
    test(`5.${number} five fragments and two pings, ${how}`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(100);
      const part = (index) => message.slice(20 * index, 20 * index + 20);
      await cuts[how](websocket, [
        first(part(0)),
        middle(part(1)),
        frame(OP.ping, 'one'),
        middle(part(2)),
        middle(part(3)),
        frame(OP.ping, 'two'),
        last(part(4)),
      ]);
      for (const expected of ['one', 'two'])
        assert.equal((await websocket.next()).payload.toString(), expected);
      await answered(websocket);
    });
  }

  test('empty fragments and many fragments are joined', async () => {
    const websocket = await open();
    await subscribe(websocket);
    const { text: message, event } = event_of(3000, 'a few words ');
    websocket.send(first(''), middle(''), middle(message), last(''));
    await comes_back(websocket, event);
    const again = event_of(3000, 'some more words ');
    websocket.send(fragments(again.text, 1));
    await comes_back(websocket, again.event);
  });
});
