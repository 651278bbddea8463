// The dashboard in a browser, at the hands of an operator. Its time goes by when a test says so.
import { eventually } from './deadline.js';

/** The page with nobody logged in. `url`: of what serves it. */
export async function open_dashboard(browser, t, url, options) {
  const page = await browser.open(t, options);
  await page.clock.install({ time: new Date('2026-11-23T20:00:00Z') });
  await page.clock.pauseAt(new Date('2026-11-23T20:00:01Z'));
  await page.goto(`${url}/dashboard`);
  return page;
}

export async function log_in(page, token) {
  await page.fill('#token', token);
  await page.click('button[type=submit]');
}

/** Two seconds go by: the page has asked once more, and shows what it was told. */
export async function step(page) {
  const shown = await page.textContent('#time');
  await page.clock.runFor(2000);
  await eventually(async () => (await page.textContent('#time')) !== shown, 'newer figures');
}

/** The text of an element comes to match. */
export function reads(page, selector, pattern) {
  return eventually(async () => {
    const text = await page.textContent(selector, { timeout: 1000 });
    if (!pattern.test(text)) throw new Error(`it reads ${text}`);
    return true;
  }, `${selector} to read ${pattern}`);
}

/** What the page complains of, but for the browser's own words for answers that are no success. */
export function complaints_but(page, ...expected) {
  return page.complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
}
export const no_token_yet = /^Failed to load resource: .*401/;
export const line_cut = /^Failed to load resource: net::ERR_/;
