// "/" for people: a page that says what NIP-11 says, whatever the operator's texts hold.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { nip19 } from 'nostr-tools';

import { Browser, overhang, phone, shoot } from './support/browser.js';
import { Relay } from './support/relay.js';

const hostile = `</title><script>document.title='run'</script><img src=x onerror="document.title='run'">"'&`;
const pubkey = '79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const said = {
  name: 'Riverside Relay',
  description: 'A quiet place for groups and notes.',
  pubkey,
  contact: 'mailto:operator@example.com',
  terms_of_service: 'https://example.com/terms',
  posting_policy: 'https://example.com/posting?a=1&b=2',
};

let browser, relay;
before(async () => {
  browser = await Browser.start();
  relay = await Relay.start({ info: said, limits: { max_subscriptions: 1234 } });
});
after(async () => {
  await browser?.close();
  await relay?.remove();
});

const as_browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };

test('a browser gets the page, a NIP-11 client the document, curl plain text', async () => {
  const type_for = async (accept) => (await relay.get('/', { headers: { accept } })).headers['content-type'];
  assert.match(await type_for('text/html,*/*;q=0.8'), /^text\/html/);
  assert.match(await type_for('application/nostr+json'), /^application\/nostr\+json/);
  assert.match(await type_for('*/*'), /^text\/plain/);
  assert.match((await relay.get('/', as_browser)).headers.vary, /Accept/);
});

test('says who runs it, how to connect, the policies, the limits and the NIPs', async (t) => {
  const page = await browser.open(t);
  await page.goto(relay.http_url);
  assert.equal(await page.title(), said.name);
  const text = await page.innerText('main');
  const { supported_nips } = await (
    await fetch(relay.http_url, { headers: { Accept: 'application/nostr+json' } })
  ).json();
  const names = supported_nips.map((nip) => `NIP-${String(nip).padStart(2, '0')}`);
  const npub = nip19.npubEncode(pubkey);
  for (const part of [said.name, said.description, relay.url, npub, 'operator@example.com', '1,234', ...names])
    assert.ok(text.includes(part), part);
  assert.equal(await page.getAttribute('a[href^=mailto]', 'href'), said.contact);
  assert.equal(await page.getAttribute('a[href*=posting]', 'href'), said.posting_policy);
  assert.deepEqual(page.complaints, []);
});

test('no text of the operator is markup, and no address of theirs a script', async (t) => {
  const info = {
    name: hostile,
    description: hostile,
    contact: `javascript:document.title='run'`,
    icon: `https://example.com/i.png" onerror="document.title='run'`,
    terms_of_service: 'data:text/html,<script>1</script>',
    payments_url: `https://example.com/"><script>document.title='run'</script>`,
  };
  const strange = await Relay.of(t, { info });
  const page = await browser.open(t);
  await page.goto(strange.http_url);
  assert.equal(await page.innerText('h1'), hostile);
  assert.equal(await page.title(), hostile);
  assert.equal(await page.locator('script, img, [onerror]').count(), 0);
  assert.equal(await page.locator('a[href^=javascript], a[href^=data]').count(), 0);
  assert.deepEqual(page.complaints, []);
});

test('a Host header that is no host is not repeated', async () => {
  const host = 'example.com"><script>';
  const { status, body } = await relay.get('/', { headers: { ...as_browser.headers, host } });
  assert.equal(status, 200);
  assert.ok(!body.includes('<script'));
  const behind = { host: 'relay.example.com', 'x-forwarded-proto': 'https' };
  const proxied = await relay.get('/', { headers: { ...as_browser.headers, ...behind } });
  assert.ok(proxied.body.includes('wss://relay.example.com<'));
});

test('the address is the configured one where there is one', async (t) => {
  const named = await Relay.of(t, { auth: { relay_urls: ['wss://chat.example.com'] } });
  assert.ok((await named.get('/', as_browser)).body.includes('wss://chat.example.com<'));
});

test('its policy allows its own style and the icon of the operator, nothing else', async (t) => {
  const { headers, body } = await relay.get('/', as_browser);
  assert.match(
    headers['content-security-policy'],
    /^default-src 'none'; style-src 'sha256-[^']{44}'; img-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  assert.ok(!body.includes('<script'));
  const icon = 'https://example.com/icon.png';
  const pictured = await Relay.of(t, { info: { icon } });
  const answer = await pictured.get('/', as_browser);
  assert.ok(answer.headers['content-security-policy'].includes(`img-src ${icon};`));
  assert.ok(answer.body.includes(`src="${icon}"`));
});

for (const [name, options, background] of [
  ['light', {}, 'rgb(245, 246, 248)'],
  ['dark', { colorScheme: 'dark' }, 'rgb(15, 18, 24)'],
  ['phone', { viewport: phone }, 'rgb(245, 246, 248)'],
  ['phone-dark', { viewport: phone, colorScheme: 'dark' }, 'rgb(15, 18, 24)'],
]) {
  test(`${name}: in the colours of the system, and no wider than the window`, async (t) => {
    const page = await browser.open(t, options);
    await page.goto(relay.http_url);
    const shown = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(shown, background);
    assert.ok((await overhang(page)) <= 0);
    await shoot(page, `landing-${name}`);
    assert.deepEqual([...new Set(page.asked.map((url) => new URL(url).origin))], [relay.http_url]);
    assert.deepEqual(page.complaints, []);
  });
}
