// RFC 6455 §7, along section 7 of the Autobahn test suite.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { ends_with, request_of } from '../support/echo.js';
import { Relay } from '../support/relay.js';
import { OP, RawWebSocket, close, frame, text } from '../support/websocket.js';

let relay;
before(async () => (relay = await Relay.start({ auth: { enabled: false } })));
after(() => relay?.remove());

const open = () => RawWebSocket.open(relay.port);

describe('7.1 after a Close nothing is looked at', () => {
  test('7.1.1 what came before it is answered', async () => {
    const websocket = await open();
    const { text: message } = request_of(60);
    websocket.send(text(message), close(1000));
    assert.equal((await websocket.json())[0], 'EOSE');
    await ends_with(websocket, 1000);
  });

  for (const [number, what, later] of [
    [2, 'a second Close', close(1001)],
    [3, 'a ping', frame(OP.ping, 'late')],
    [4, 'a text', text('late')],
  ]) {
    test(`7.1.${number} ${what} after it gets no answer`, async () => {
      const websocket = await open();
      websocket.send(close(1000), later);
      await ends_with(websocket, 1000);
    });
  }

  test('7.1.5 between two fragments it ends the message', async () => {
    const websocket = await open();
    websocket.send(
      text('fragment one', { fin: false }),
      close(1000),
      frame(OP.continuation, 'fragment two'),
    );
    await ends_with(websocket, 1000);
  });

  test('7.1.6 a message of 256 KiB before it is answered, a ping after it is not', async () => {
    const websocket = await open();
    const { text: message } = request_of(256 * 1024);
    websocket.send(text(message), close(1000), frame(OP.ping));
    assert.equal((await websocket.json())[0], 'EOSE');
    await ends_with(websocket, 1000);
  });
});

describe('7.3 and 7.5 what a Close may hold', () => {
  test('7.3.1 nothing: it is answered in kind', async () => {
    const websocket = await open();
    websocket.send(frame(OP.close));
    const { opcode, payload } = await websocket.next();
    assert.deepEqual([opcode, payload.length], [OP.close, 0]);
    assert.deepEqual(await websocket.rest(), []);
  });

  test('7.3.2 one byte is a protocol error', async () => {
    const websocket = await open();
    websocket.send(frame(OP.close, 'a'));
    await ends_with(websocket, 1002);
  });

  for (const [number, reason] of [
    [3, ''],
    [4, 'Hello World!'],
    [5, '*'.repeat(123)],
  ]) {
    test(`7.3.${number} a reason of ${reason.length} bytes: the code comes back`, async () => {
      const websocket = await open();
      websocket.send(close(1000, reason));
      await ends_with(websocket, 1000);
    });
  }

  test('7.3.6 a reason of 124 bytes is a protocol error', async () => {
    const websocket = await open();
    websocket.send(close(1000, '*'.repeat(124)));
    await ends_with(websocket, 1002);
  });

  test('7.5.1 a reason that is not UTF-8 is refused with 1007', async () => {
    const websocket = await open();
    websocket.send(close(1000, Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex')));
    await ends_with(websocket, 1007);
  });
});

describe('7.7, 7.9 and 7.13 close codes', () => {
  for (const code of [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
  ]) {
    test(`7.7 ${code} comes back`, async () => {
      const websocket = await open();
      websocket.send(close(code));
      await ends_with(websocket, code);
    });
  }

  for (const code of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999]) {
    test(`7.9 ${code} is a protocol error`, async () => {
      const websocket = await open();
      websocket.send(close(code));
      await ends_with(websocket, 1002);
    });
  }

  for (const code of [5000, 65535]) {
    test(`7.13 ${code} is a protocol error`, async () => {
      const websocket = await open();
      websocket.send(close(code));
      await ends_with(websocket, 1002);
    });
  }
});

test('a client that closes without a Close frame leaves nothing behind', async () => {
  const websocket = await open();
  websocket.send(text('half a message', { fin: false }));
  websocket.drop();
  const other = await open();
  const { text: message, answered } = request_of(60);
  other.send(text(message));
  await answered(other);
});
