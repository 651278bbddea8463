// RFC 6455 §4.2: the opening handshake, which the Autobahn test suite takes for granted.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { goes_on, is_read } from '../support/echo.js';
import { Relay } from '../support/relay.js';
import { RawWebSocket, text, upgrade_headers } from '../support/websocket.js';

let relay;
before(async () => (relay = await Relay.start({ auth: { enabled: false } })));
after(() => relay?.remove());

/** The answer to an upgrade request with these headers changed; null leaves one out. */
async function answer_to(headers, request_line) {
  const websocket = await RawWebSocket.dial(relay.port);
  const answer = await websocket.handshake(headers, request_line);
  return { websocket, ...answer };
}

test('the accept key is the one of the RFC', async () => {
  const { status, headers } = await answer_to({});
  assert.equal(status, 101);
  assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal(headers.upgrade.toLowerCase(), 'websocket');
  assert.equal(headers.connection.toLowerCase(), 'upgrade');
});

describe('the WebSocket opens', () => {
  for (const [what, headers] of Object.entries({
    'with names and values in any case': { Upgrade: 'WebSocket', Connection: 'upgrade' },
    'with other tokens in Connection': { Connection: 'keep-alive, Upgrade' },
    'with an Origin': { Origin: 'https://chat.example.com' },
    'with a subprotocol, which is not taken': { 'Sec-WebSocket-Protocol': 'nostr' },
    'with cookies': { Cookie: 'a=b; c=d' },
    'with an extension that nobody knows': { 'Sec-WebSocket-Extensions': 'x-unknown; a=1' },
  })) {
    test(what, async () => {
      const { status, headers: answer, websocket } = await answer_to(headers);
      assert.equal(status, 101);
      assert.equal(answer['sec-websocket-protocol'], undefined);
      assert.equal(answer['sec-websocket-extensions'], undefined);
      await goes_on(websocket);
    });
  }

  test('for a request with a query', async () => {
    assert.equal((await answer_to({}, 'GET /?a=b HTTP/1.1')).status, 101);
  });

  test('and takes frames that came right behind the request', async () => {
    const websocket = await RawWebSocket.dial(relay.port);
    const lines = Object.entries(upgrade_headers).map(([name, value]) => `${name}: ${value}`);
    const head = ['GET / HTTP/1.1', ...lines, '', ''].join('\r\n');
    websocket.send(Buffer.concat([Buffer.from(head), text('hello')]));
    assert.equal((await websocket.response()).status, 101);
    await is_read(websocket);
  });

  test('for a request that comes octet by octet', async () => {
    const websocket = await RawWebSocket.dial(relay.port);
    const lines = Object.entries(upgrade_headers).map(([name, value]) => `${name}: ${value}`);
    const head = ['GET / HTTP/1.1', ...lines, '', ''].join('\r\n');
    await websocket.send_chopped(Buffer.from(head), 1);
    assert.equal((await websocket.response()).status, 101);
    await goes_on(websocket);
  });
});

describe('the WebSocket does not open', () => {
  for (const [what, status, headers, request_line] of [
    ['without a key', 400, { 'Sec-WebSocket-Key': null }],
    ['with a short key', 400, { 'Sec-WebSocket-Key': 'c2hvcnQ=' }],
    ['with a key that is no base64', 400, { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZ!==' }],
    ['without a version', 426, { 'Sec-WebSocket-Version': null }],
    ['with version 8', 426, { 'Sec-WebSocket-Version': '8' }],
    ['without Host', 400, { Host: null }],
    ['on another path', 404, {}, 'GET /chat HTTP/1.1'],
    ['with extensions that cannot be read', 400, { 'Sec-WebSocket-Extensions': 'a;;b' }],
  ]) {
    test(`${what}: ${status}`, async () => {
      const answer = await answer_to(headers, request_line);
      assert.equal(answer.status, status);
      if (status === 426) assert.equal(answer.headers['sec-websocket-version'], '13');
    });
  }

  for (const [what, headers, request_line] of [
    ['without Upgrade', { Upgrade: null }],
    ['without Connection: Upgrade', { Connection: 'keep-alive' }],
    ['by POST', { 'Content-Length': '0' }, 'POST / HTTP/1.1'],
    ['in HTTP/1.0', { Connection: 'Upgrade' }, 'GET / HTTP/1.0'],
  ]) {
    test(`${what}: it is a request like any other`, async () => {
      const { status } = await answer_to(headers, request_line);
      assert.notEqual(status, 101);
      assert.ok(status >= 200 && status < 500, `${status}`);
    });
  }
});
