// Who a client is when a proxy stands in between, and what is counted by its address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import WebSocket from 'ws';

import { within } from './support/deadline.js';
import { NostrKey } from './support/event.js';
import { new_group_id, opaque_message } from './support/person.js';
import { Relay } from './support/relay.js';

const budget = { 'extensions.mls_gateway.rate_limits': { max_group_messages_per_minute: 3 } };
const trusting = { server: { trusted_proxies: ['127.0.0.0/8', '10.0.0.0/8'] } };

/** How many messages a client with these headers may write before its address has no budget left. */
async function budget_of(relay, headers) {
  const connection = await relay.open({ headers });
  for (let taken = 0; taken < 10; taken += 1) {
    const { accepted, reason } = await connection.publish(opaque_message(new_group_id()));
    if (!accepted) {
      assert.match(reason, /^rate-limited: /);
      return taken;
    }
  }
  return Infinity;
}
const from = (address) => ({ 'X-Forwarded-For': address });

/** The status of the answer to an upgrade; the socket stays open until the test ends. */
async function upgrade(t, relay, headers) {
  const socket = new WebSocket(relay.url, { headers });
  t.after(() => socket.terminate());
  socket.on('error', () => {});
  const refused = once(socket, 'unexpected-response').then(([, response]) => response);
  const open = once(socket, 'open').then(() => ({ statusCode: 101, headers: {} }));
  return within(Promise.race([open, refused]), 'an answer to an upgrade');
}

test('clients behind a trusted proxy have a budget each', async (t) => {
  const relay = await Relay.of(t, { ...budget, ...trusting });
  assert.equal(await budget_of(relay, from('203.0.113.1')), 3);
  assert.equal(await budget_of(relay, from('203.0.113.1')), 0);
  assert.equal(await budget_of(relay, from('6.6.6.6, 203.0.113.1, 10.0.0.7')), 0, 'the same');
  assert.equal(await budget_of(relay, from('203.0.113.2')), 3);
  assert.equal(await budget_of(relay, { Forwarded: 'for=203.0.113.3' }), 3);
  assert.equal(await budget_of(relay, { 'X-Real-IP': '203.0.113.3' }), 0, 'the same');
});

test('an IPv6 client has one budget for its whole /64', async (t) => {
  const relay = await Relay.of(t, { ...budget, ...trusting });
  assert.equal(await budget_of(relay, from('2001:db8:0:1::1')), 3);
  assert.equal(await budget_of(relay, from('2001:db8:0:1:ffff::2')), 0);
  assert.equal(await budget_of(relay, from('2001:db8:0:2::1')), 3);
});

test('whom nobody trusts cannot choose an address', async (t) => {
  const relay = await Relay.of(t, budget);
  assert.equal(await budget_of(relay, from('203.0.113.1')), 3);
  assert.equal(await budget_of(relay, from('203.0.113.2')), 0);
  assert.equal(await budget_of(relay, { 'X-Real-IP': '203.0.113.3' }), 0);
  assert.equal(await budget_of(relay, { Forwarded: 'for=203.0.113.4' }), 0);
});

test('a client cannot choose one by a header that its proxy passes on', async (t) => {
  const relay = await Relay.of(t, { ...budget, ...trusting });
  for (const address of ['198.51.100.1', 'junk"']) {
    const answer = await upgrade(t, relay, { Forwarded: `for=${address}`, ...from('203.0.113.1') });
    assert.equal(answer.statusCode, 400);
  }
});

test('whom the relay trusts may change while it runs', async (t) => {
  const relay = await Relay.of(t, budget);
  assert.equal(await budget_of(relay, from('203.0.113.1')), 3);
  assert.equal(await budget_of(relay, from('203.0.113.1')), 0);
  await relay.reconfigure(trusting);
  assert.equal(await budget_of(relay, from('203.0.113.1')), 3);
  await relay.reconfigure({ server: { trusted_proxies: [] } });
  assert.equal(await budget_of(relay, from('203.0.113.2')), 0);
});

test('what the proxy says of scheme and host makes no address for AUTH', async (t) => {
  const relay = await Relay.of(t, trusting);
  const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example' };
  const connection = await relay.open({ headers });
  const { accepted } = await connection.auth(new NostrKey(), { relay: 'wss://evil.example' });
  assert.equal(accepted, false);
});

describe('max_connections_per_address', () => {
  const two = { limits: { max_connections_per_address: 2 } };

  test('is refused with 429 beyond it, for each client of a proxy by itself', async (t) => {
    const relay = await Relay.of(t, { ...two, ...trusting });
    for (const status of [101, 101, 429]) {
      const answer = await upgrade(t, relay, from('203.0.113.1'));
      assert.equal(answer.statusCode, status);
      if (status === 429) assert.ok(Number(answer.headers['retry-after']) > 0);
    }
    assert.equal((await upgrade(t, relay, from('203.0.113.2'))).statusCode, 101);
  });

  test('holds over all workers together', async (t) => {
    const relay = await Relay.of(t, { ...two, server: { ...trusting.server, workers: 4 } });
    const answers = [];
    for (let n = 0; n < 12; n += 1)
      answers.push((await upgrade(t, relay, from('203.0.113.1'))).statusCode);
    assert.equal(answers.filter((status) => status === 101).length, 2, `${answers}`);
  });

  test('does not hold for loopback: that may be a proxy nobody told us of', async (t) => {
    const relay = await Relay.of(t, two);
    for (let n = 0; n < 6; n += 1)
      assert.equal((await upgrade(t, relay, from('203.0.113.1'))).statusCode, 101);
  });
});

test('over max_connections the answer is 503 with Retry-After', async (t) => {
  const relay = await Relay.of(t, { limits: { max_connections: 2 } });
  assert.equal((await upgrade(t, relay, {})).statusCode, 101);
  assert.equal((await upgrade(t, relay, {})).statusCode, 101);
  const answer = await upgrade(t, relay, {});
  assert.equal(answer.statusCode, 503);
  assert.ok(Number(answer.headers['retry-after']) > 0);
});
