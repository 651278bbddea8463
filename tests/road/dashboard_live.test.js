// The dashboard with the relay's own metrics: what clients do is what it shows, wherever /metrics is served.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Browser, shoot } from './support/browser.js';
import {
  complaints_but,
  line_cut,
  log_in,
  no_token_yet,
  open_dashboard,
  reads,
  step,
} from './support/dashboard_page.js';
import { sign_once } from './support/event.js';
import { free_port, Relay } from './support/relay.js';

const token = '00112233445566778899aabbccddeeff';

let browser;
before(async () => (browser = await Browser.start()));
after(() => browser?.close());

async function publish(relay, many) {
  const connection = await relay.connect();
  for (let n = 0; n < many; n += 1) await connection.post(sign_once({ content: `${n}` }));
  await connection.query({ kinds: [1] });
  return connection;
}

const accepted = 'section[aria-label="Events accepted"]';

test('events that clients publish appear, with their latency, in the store and over a restart', async (t) => {
  const relay = await Relay.of(t, { metrics: { token } });
  const page = await open_dashboard(browser, t, relay.http_url);
  await log_in(page, 'no such token at all');
  await reads(page, '#gate-title', /not accepted/);
  await log_in(page, token);
  await page.waitForSelector('.board');
  await reads(page, '#health', /^Live$/);
  await publish(relay, 20);
  await step(page);
  await reads(page, accepted, /20 in 5 minutes/);
  await reads(page, 'section[aria-label="Events by kind"] tbody', /Notes1.*20/);
  for (const latency of ['Publish', 'Query', 'Commit'])
    await reads(page, `section[aria-label="${latency} latency"] dl`, /p95.*\d.*p50.*\d/);
  await reads(page, '#connections', /^[1-9]/);
  await reads(page, 'section[aria-label=Store]', /Events kept20/);
  await reads(page, 'section[aria-label=Store] .figure', /\d B|\d [kM]B of|% of/);
  await reads(page, 'section[aria-label=Process] dl', /Memory[\d.]+ MB.*Open files\d+ of [\d,]+/);
  await relay.stop();
  await step(page);
  await reads(page, '#notice', /cannot be reached/);
  await relay.resume();
  await step(page);
  await publish(relay, 5);
  await step(page);
  await reads(page, accepted, /25 in 5 minutes/);
  await reads(page, '#health', /^Live$/);
  await shoot(page, 'dashboard-live');
  assert.deepEqual(complaints_but(page, no_token_yet, line_cut), []);
});

test('refusals appear by their prefix', async (t) => {
  const relay = await Relay.of(t, { metrics: { token } });
  const page = await open_dashboard(browser, t, relay.http_url);
  await log_in(page, token);
  await page.waitForSelector('.board');
  const connection = await relay.connect();
  await connection.rejection({ ...sign_once({}), content: 'another' });
  await step(page);
  await reads(page, 'section[aria-label=Rejects] tbody', /invalid1/);
});

test('on a socket of its own that needs no token the figures are there at once', async (t) => {
  const port = await free_port();
  const relay = await Relay.of(t, { metrics: { bind: `127.0.0.1:${port}` } });
  const page = await open_dashboard(browser, t, `http://127.0.0.1:${port}`);
  await page.waitForSelector('.board');
  await reads(page, '#health', /^Live$/);
  assert.deepEqual(page.complaints, []);
  assert.equal((await relay.get('/dashboard')).status, 404);
});

test('without metrics the page says how to switch them on', async (t) => {
  const relay = await Relay.of(t);
  const page = await open_dashboard(browser, t, relay.http_url);
  await reads(page, '#gate-title', /not switched on/);
  assert.equal(await page.isVisible('pre'), true);
});
