// The console in Chromium, signed in, with every outside host blocked.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serverUrl, token } from './env.mjs';

/** Where the pages come from: the binary, or, for looking at sources, Vite's server in front of it. */
export const consoleUrl = (process.env.CONSOLE_URL ?? serverUrl).replace(/\/$/, '');

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .filter(Boolean)
  .find((path) => existsSync(path));
const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'dingmirror-console-'));

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser whose pages reach the server alone, and what they complained of. */
export async function openBrowser() {
  assert.ok(executablePath, 'no Chromium found: apt-get install chromium, or set CHROMIUM');
  mkdirSync(artifacts, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  const outside = [];
  const complaints = [];

  /** A window of its own, signed in with a token: another one is another session. */
  async function signIn(as = token, { path = '/', ...options } = {}) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 1000 },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      acceptDownloads: true,
      ...options,
    });
    const { host } = new URL(consoleUrl);
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url());
      if (url.host === host || ['data:', 'blob:'].includes(url.protocol)) return route.continue();
      outside.push(url.href);
      return route.abort();
    });
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    await page.goto(`${consoleUrl}/console${path}#token=${as}`);
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 30_000 });
    return page;
  }

  const screenshot = (page, name) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });
  return { browser, signIn, screenshot, outside, complaints };
}
