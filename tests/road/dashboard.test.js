// The operator dashboard, as an operator uses it: Chromium, real clicks and keys, figures that the tests choose.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { Browser, overhang, phone, shoot } from './support/browser.js';
import {
  complaints_but,
  line_cut,
  log_in,
  no_token_yet,
  open_dashboard,
  reads,
  step,
} from './support/dashboard_page.js';
import { evening } from './support/evening.js';
import { Front, TOKEN } from './support/front.js';
import { Metrics } from './support/metrics_text.js';
import { Relay } from './support/relay.js';

let relay, front, browser;
before(async () => {
  relay = await Relay.start();
  front = await Front.before(relay);
  browser = await Browser.start();
});
after(async () => {
  await browser?.close();
  front?.close();
  await relay?.remove();
});

/** The page with nobody logged in; the relay's figures begin anew. */
function open_page(t, options) {
  front.metrics = new Metrics();
  front.says = 'metrics';
  return open_dashboard(browser, t, front.url, options);
}

async function open_board(t, options) {
  const page = await open_page(t, options);
  await log_in(page, TOKEN);
  await page.waitForSelector('.board');
  return page;
}

describe('the token', () => {
  test('is asked for; a wrong one is refused in words, the right one shows the figures', async (t) => {
    const page = await open_page(t);
    await reads(page, '#gate-title', /Enter the metrics token/);
    await shoot(page, 'dashboard-token');
    await log_in(page, 'not-this-one');
    await reads(page, '#gate-title', /not accepted/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'token');
    await shoot(page, 'dashboard-wrong-token');
    await page.keyboard.type(TOKEN);
    await page.keyboard.press('Enter');
    await page.waitForSelector('.board');
    await reads(page, '#health', /^Live$/);
    assert.deepEqual(complaints_but(page, no_token_yet), []);
  });

  test('outlives a reload, stays in the session, and is forgotten on request', async (t) => {
    const page = await open_board(t);
    await page.reload();
    await page.waitForSelector('.board');
    const kept = () => page.evaluate(() => [sessionStorage.length, localStorage.length]);
    assert.deepEqual(await kept(), [1, 0]);
    assert.ok(page.asked.every((url) => !url.includes(TOKEN) && !url.includes(encodeURI(TOKEN))));
    await page.click('#forget');
    await reads(page, '#gate-title', /Enter the metrics token/);
    assert.deepEqual(await kept(), [0, 0]);
  });

  test('that is withdrawn ends the view and asks again', async (t) => {
    const page = await open_board(t);
    front.says = 'refused';
    await page.clock.runFor(2000);
    await reads(page, '#gate-title', /not accepted/);
  });
});

describe('the figures', () => {
  test('follow what happens', async (t) => {
    const page = await open_board(t);
    await step(page);
    await reads(page, '#events', /^0$/);
    front.metrics.events('445', 30);
    front.metrics.events('1', 10);
    front.metrics.add('mls_gateway_rejects_total{verb="EVENT",prefix="blocked"}', 3);
    front.metrics.add('mls_gateway_denials_total{kind="445"}', 2);
    front.metrics.set('mls_gateway_groups', 17);
    front.metrics.publish.observe(0.003, 20);
    await step(page);
    await reads(page, '#events', /^10$/); // 40 in 4 seconds
    await reads(page, '#groups', /^17$/);
    await reads(page, 'section[aria-label="Events by kind"] tbody', /Group messages.*445.*7\.5\/s30/);
    await reads(page, 'section[aria-label="Publish latency"] dl', /p95.*ms/);
    await reads(page, 'section[aria-label=Rejects] tbody', /blocked3/);
    await reads(page, 'section[aria-label=Denials] tbody', /Group messages \(445\)2/);
    assert.deepEqual(complaints_but(page, no_token_yet), []);
  });

  test('of an earlier time are shown where the pointer is, or by the arrow keys', async (t) => {
    const page = await open_board(t);
    for (let n = 0; n < 6; n += 1) {
      front.metrics.set('mls_gateway_connections', 100 + n);
      await step(page);
    }
    await reads(page, '#connections', /^105$/);
    await page.mouse.move(2, 2); // else it rests on a chart, and leaves it as the page scrolls
    await page.focus('section[aria-label=Connections] .chart');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await reads(page, '#connections', /^103$/);
    assert.match(await page.getAttribute('#time', 'class'), /earlier/);
    await page.focus('#forget');
    await reads(page, '#connections', /^105$/);
    const chart = page.locator('section[aria-label="Events by kind"] .chart');
    const { width } = await chart.boundingBox();
    await chart.hover({ position: { x: width - 12, y: 80 } });
    await reads(page, '#connections', /^10[0-4]$/);
    await page.mouse.move(2, 2);
    await reads(page, '#connections', /^105$/);
  });

  test('are those of the range that is chosen', async (t) => {
    const page = await open_board(t);
    front.metrics.events('1', 500);
    for (let n = 0; n < 40; n += 1) await step(page);
    await reads(page, 'section[aria-label="Events accepted"]', /500 in 5 minutes/);
    await page.getByText('1 min', { exact: true }).click();
    await reads(page, 'section[aria-label="Events accepted"]', /0 in 1 minute/);
    await page.getByText('15 min', { exact: true }).click();
    await reads(page, 'section[aria-label="Events accepted"]', /500 in 15 minutes/);
  });
});

describe('trouble', () => {
  test('metrics that are off: it says how to switch them on, and goes on once they are', async (t) => {
    front.says = 'metrics';
    const page = await open_page(t);
    await reads(page, '#gate-title', /token/);
    front.says = 'off';
    await log_in(page, TOKEN);
    await reads(page, '#gate-title', /not switched on/);
    await shoot(page, 'dashboard-off');
    front.says = 'metrics';
    await page.clock.runFor(2000);
    await page.waitForSelector('.board');
  });

  test('a relay that cannot be reached at first: it says so and tries again', async (t) => {
    const page = await open_page(t);
    await reads(page, '#gate-title', /token/);
    front.says = 'nothing';
    await log_in(page, TOKEN);
    await reads(page, '#gate-title', /cannot be reached/);
    await shoot(page, 'dashboard-unreachable');
    front.says = 'metrics';
    await page.clock.runFor(2000);
    await page.waitForSelector('.board');
    assert.deepEqual(complaints_but(page, no_token_yet, line_cut), []);
  });

  test('a restart: the figures before it stay, and go on without a leap', async (t) => {
    const page = await open_board(t);
    front.metrics.events('445', 1000);
    await step(page);
    await reads(page, '#events', /^500$/);
    front.says = 'nothing';
    await relay.stop();
    await step(page);
    await reads(page, '#notice', /cannot be reached/);
    await reads(page, '#health', /Unreachable/);
    await shoot(page, 'dashboard-lost');
    await relay.resume();
    front.metrics = new Metrics(Date.parse('2026-11-23T20:00:00Z') / 1000);
    front.metrics.events('445', 4);
    front.says = 'metrics';
    for (let n = 0; n < 8; n += 1) await step(page);
    await reads(page, '#health', /^Live$/);
    await reads(page, '#events', /^0$/);
    await reads(page, 'section[aria-label="Events accepted"]', /1,004 in 5 minutes/);
    assert.equal(await page.isVisible('#notice'), false);
    assert.deepEqual(complaints_but(page, no_token_yet, line_cut), []);
  });

  test('an answer that is no metrics is called so', async (t) => {
    const page = await open_page(t);
    await reads(page, '#gate-title', /token/);
    front.says = 'nonsense';
    await log_in(page, TOKEN);
    await reads(page, '#gate-title', /not what was expected/);
  });
});

describe('the looks', () => {
  const background = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = 'rgb(245, 246, 248)';
  const dark = 'rgb(15, 18, 24)';

  test('follow the system until light or dark is chosen, also after a reload', async (t) => {
    const page = await open_page(t, { colorScheme: 'dark' });
    assert.equal(await background(page), dark);
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await background(page), light);
    await page.getByText('Dark', { exact: true }).click();
    assert.equal(await background(page), dark);
    await page.reload();
    await page.waitForSelector('#gate-title');
    assert.equal(await background(page), dark);
    await page.getByText('System', { exact: true }).click();
    assert.equal(await background(page), light);
  });

  for (const [name, options] of Object.entries({
    light: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: phone },
    'phone-dark': { viewport: phone, colorScheme: 'dark' },
  })) {
    test(`${name}: nothing is wider than the window, nothing moves as figures come`, async (t) => {
      const page = await open_board(t, options);
      const pass_two_seconds = evening(front);
      const tops = () =>
        page.$$eval('.card', (cards) => cards.map((card) => Math.round(card.getBoundingClientRect().top)));
      pass_two_seconds();
      await step(page);
      await reads(page, '#connections', /^1,/);
      const before_figures = await tops();
      for (let n = 0; n < 100; n += 1) {
        pass_two_seconds();
        await step(page);
      }
      await reads(page, '#groups', /^1,285$/);
      await shoot(page, `dashboard-${name}`);
      assert.ok((await overhang(page)) <= 0);
      assert.deepEqual(await tops(), before_figures);
      assert.deepEqual(complaints_but(page, no_token_yet), []);
    });
  }
});

describe('what it is made of', () => {
  test('comes from the relay alone, and its policy allows nothing else', async (t) => {
    const page = await open_board(t);
    await step(page);
    const origins = new Set(page.asked.map((url) => new URL(url).origin));
    assert.deepEqual([...origins], [front.url]);
    const { headers } = await relay.get('/dashboard');
    assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe|http|\*/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
  });

  test('is named by its content and kept for long; the page itself is asked for again', async () => {
    const page = await relay.get('/dashboard');
    assert.equal(page.headers['cache-control'], 'no-cache');
    const script = /src="([^"]+\.js)"/.exec(page.body)[1];
    const plain = await relay.get(script);
    assert.match(plain.headers['content-type'], /^text\/javascript/);
    assert.match(plain.headers['cache-control'], /immutable/);
    const squeezed = await relay.get(script, { headers: { 'accept-encoding': 'br, gzip' } });
    assert.equal(squeezed.headers['content-encoding'], 'gzip');
    assert.ok(Number(squeezed.headers['content-length']) < Number(plain.headers['content-length']) / 2);
    const again = await relay.get(script, { headers: { 'if-none-match': plain.headers.etag } });
    assert.equal(again.status, 304);
    assert.equal(again.body, '');
    const head = await fetch(`${relay.http_url}${script}`, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), '');
    assert.equal((await relay.get('/dashboard/assets/nothing.js')).status, 404);
    const slash = await relay.get('/dashboard/');
    assert.deepEqual([slash.status, slash.headers.location], [308, '/dashboard']);
  });
});
