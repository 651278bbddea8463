// Large messages, many messages, many pieces: along sections 9 and 10 of the Autobahn test suite.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import {
  comes_back,
  ends_with,
  event_of,
  goes_on,
  request_of,
  subscribe,
} from '../support/echo.js';
import { Relay } from '../support/relay.js';
import { OP, RawWebSocket, fragments, frame, text } from '../support/websocket.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const LARGEST = 8 * MIB; // of what limits.max_message_bytes may be

let relay;
before(async () => {
  relay = await Relay.start({
    auth: { enabled: false },
    limits: { max_message_bytes: LARGEST },
  });
});
after(() => relay?.remove());

const open = () => RawWebSocket.open(relay.port);
const written = (size) => (size % MIB === 0 ? `${size / MIB} MiB` : `${size / KIB} KiB`);

describe('9.1 and 9.2 large messages in one frame', () => {
  [64 * KIB, 256 * KIB, MIB, 4 * MIB, LARGEST].forEach((size, index) => {
    test(`9.1.${index + 1} a text of ${written(size)} is answered`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(size);
      websocket.send(text(message));
      await answered(websocket);
    });
  });

  test('9.1.6 a text of 16 MiB is above the largest limit, and refused at its header', async () => {
    const websocket = await open();
    websocket.send(text(Buffer.alloc(16 * MIB, 0x20)).subarray(0, 14));
    await ends_with(websocket, 1009);
  });

  test('a text of one byte more than the limit is refused', async () => {
    const websocket = await open();
    websocket.send(text(request_of(LARGEST + 1).text).subarray(0, 100));
    await ends_with(websocket, 1009);
  });

  test('9.2 a large binary message is refused at its header', async () => {
    const websocket = await open();
    websocket.send(frame(OP.binary, Buffer.alloc(256 * KIB)).subarray(0, 14));
    await ends_with(websocket, 1003);
  });
});

describe('9.3 a message of 4 MiB in fragments', () => {
  [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB].forEach((size, index) => {
    test(`9.3.${index + 1} of ${size} bytes is answered`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(4 * MIB);
      websocket.send(fragments(message, size));
      await answered(websocket);
    });
  });

  test('fragments that exceed the limit together are refused', async () => {
    const websocket = await open();
    const { text: message } = request_of(LARGEST + 1);
    websocket.send(fragments(message, MIB));
    assert.equal(await websocket.close_code(), 1009);
  });
});

describe('9.5 a message of 1 MiB in pieces', () => {
  [64, 128, 256, 512, KIB, 2 * KIB].forEach((size, index) => {
    test(`9.5.${index + 1} of ${size} bytes is answered`, async () => {
      const websocket = await open();
      const { text: message, answered } = request_of(MIB);
      await websocket.send_chopped(text(message), size);
      await answered(websocket);
    });
  });
});

describe('9.7 a thousand messages, one after the other', () => {
  [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB].forEach((size, index) => {
    test(`9.7.${index + 1} of ${size} bytes are each answered`, async () => {
      const websocket = await open();
      for (let round = 0; round < 1000; round += 1) {
        const { text: message, answered } = request_of(size);
        websocket.send(text(message));
        await answered(websocket);
      }
    });
  });
});

describe('10.1 auto-fragmentation', () => {
  test('10.1.1 a message of 64 KiB in fragments of 1300 bytes comes back', async () => {
    const websocket = await open();
    await subscribe(websocket);
    const { text: message, event } = event_of(64 * KIB, 'as a proxy would cut it ');
    websocket.send(fragments(message, 1300));
    await comes_back(websocket, event);
  });

  test('the relay cuts no message, however large', async () => {
    const websocket = await open();
    await subscribe(websocket);
    const { text: message, event } = event_of(300 * KIB, 'a long read ');
    websocket.send(text(message));
    await comes_back(websocket, event);
    await goes_on(websocket);
  });
});
