// Chromium, driven with real clicks and keys; what its pages complain of and where they go is written down.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const shots = fileURLToPath(new URL('../../../build/screenshots/', import.meta.url));

export const desktop = { width: 1360, height: 900 };
export const phone = { width: 360, height: 740 };

export class Browser {
  #contexts = new Set();

  static async start() {
    const browser = new Browser();
    browser.folder = await mkdtemp(join(tmpdir(), 'mls-gateway-browser-'));
    browser.main = await chromium.launchPersistentContext(browser.folder, { executablePath, args });
    return browser;
  }

  /** A page of its own in a context of its own. `page.complaints`: errors of any sort; `page.asked`: every request's URL. */
  async open(t, { viewport = desktop, colorScheme = 'light' } = {}) {
    const context = await this.main.browser().newContext({
      viewport,
      colorScheme,
      reducedMotion: 'reduce',
    });
    t.after(() => context.close());
    const page = await context.newPage();
    page.complaints = [];
    page.asked = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        page.complaints.push(message.text());
    });
    page.on('pageerror', (error) => page.complaints.push(error.message));
    page.on('request', (request) => page.asked.push(request.url()));
    return page;
  }

  async close() {
    await this.main.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Kept in build/screenshots for people to look at. */
export async function shoot(page, name) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** How many pixels the page is wider than its window. */
export function overhang(page) {
  return page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
}
