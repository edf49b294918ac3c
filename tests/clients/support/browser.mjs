// The console as a person meets it in a network without internet: Chromium, every outside host blocked.
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { serverUrl, token } from './env.mjs';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .filter(Boolean)
  .find((path) => existsSync(path));

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

/** Where screenshots go. */
export const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'dingmirror-console-'));

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'best-practice'];

/** No page asks a query that costs more than this; the server takes those of up to 100,000. */
const MOST_COST = 40_000;

/** A Chromium for the tests of a file. */
export async function launch() {
  if (!executablePath) throw new Error('no Chromium found: apt-get install chromium, or set CHROMIUM');
  mkdirSync(artifacts, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  return { open: (options) => open(browser, options), close: () => browser.close() };
}

/**
 * A page of the console in a window of its own, signed in by a link as the demo prints it. `as`: the token, null: none;
 * `url`: another server than the one under test.
 * `marked`: texts of the catalogue are marked for `strayTexts`, which costs the layout time.
 * What it gives: the page, and `complaints`, which have to be empty: errors, failed requests, violations of the policy,
 * whatever went to another host, and queries that cost too much.
 */
async function open(
  browser,
  { url = serverUrl, path = '/console/', as = token, language = 'zh', theme = 'light', width = 1440, height = 900, marked = true } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
  });
  const complaints = [];
  const { host } = new URL(url);
  await context.route('**/*', (route) => {
    const url = new URL(route.request().url());
    if (url.host === host && url.pathname === '/graphql') return route.continue(askingForCost(route.request()));
    if (url.host === host || ['data:', 'blob:'].includes(url.protocol)) return route.continue();
    complaints.push(`outside: ${url.href}`);
    return route.abort();
  });
  await context.addInitScript(
    ([chosen, look, marks]) => {
      if (marks) localStorage.setItem('dingmirror:mark-texts', '1');
      // Only at first: a test may choose others by the page's own buttons.
      if (localStorage.getItem('dingmirror:language') === null) localStorage.setItem('dingmirror:language', chosen);
      if (localStorage.getItem('dingmirror:theme') === null) localStorage.setItem('dingmirror:theme', look);
    },
    [language, theme, marked],
  );

  const page = await context.newPage();
  countRequests(page);
  page.on('response', async (response) => {
    const cost = await costOf(response);
    if (cost?.requested > MOST_COST) complaints.push(`cost: ${cost.requested}, for ${cost.costliestField}`);
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  await page.goto(`${url}${path}${as === null ? '' : `#token=${as}`}`);
  await page.locator('h1').waitFor({ timeout: 20_000 });
  return { page, complaints, close: () => context.close() };
}

/** What a query is sent with, so that its answer says what it costs. */
function askingForCost(request) {
  if (request.method() !== 'POST') return {};
  const body = JSON.parse(request.postData());
  return { postData: JSON.stringify({ ...body, extensions: { ...body.extensions, cost: true } }) };
}

/** What an answer says of its cost; nothing where it is no answer to a query, or nobody waits for it any more. */
async function costOf(response) {
  if (new URL(response.url()).pathname !== '/graphql') return undefined;
  const answer = await response.json().catch(() => undefined);
  return answer?.extensions?.cost;
}

/** The requests of each page that have no answer yet. */
const waiting = new WeakMap();

/** Begins to count a page's requests. */
function countRequests(page) {
  const open = new Set();
  waiting.set(page, open);
  page.on('request', (request) => open.add(request));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => open.delete(request));
}

/**
 * Waits until the page asks nothing more. Playwright's `networkidle` is reached once a document: another page of the console,
 * which loads and asks again, would pass at once.
 */
export async function settled(page) {
  const deadline = Date.now() + 60_000;
  for (let quiet = 0; quiet < 4; ) {
    if (Date.now() > deadline) throw new Error(`still waiting for ${[...waiting.get(page)].map((each) => each.url()).join(', ')}`);
    await page.waitForTimeout(100);
    quiet = waiting.get(page).size === 0 ? quiet + 1 : 0;
  }
  await page.waitForFunction(() => document.querySelector('.skeleton') === null);
}

/** What axe finds, a line each: the rule and where. */
export async function findings(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((values) => globalThis.axe.run(document, { runOnly: values }), RULES);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary?.replace(/\s+/g, ' ')}`),
  );
}

/** Texts in sight or said by a screen reader that come from no catalogue and aren't marked as data. */
export function strayTexts(page) {
  return page.evaluate(() => {
    const BEGIN = '\u2063';
    const END = '\u2064';
    const unmarked = (text) => {
      let depth = 0;
      let rest = '';
      for (const char of text) {
        if (char === BEGIN) depth += 1;
        else if (char === END) depth -= 1;
        else if (depth === 0) rest += char;
      }
      return rest;
    };

    const stray = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
      if (element.closest('[translate=no], script, style, noscript')) continue;
      const texts =
        node === element
          ? ['aria-label', 'aria-description', 'title', 'placeholder', 'alt'].map((name) => node.getAttribute(name) ?? '')
          : [node.nodeValue];
      for (const text of texts) {
        if (/[\p{L}\p{N}]/u.test(unmarked(text))) stray.push(`“${text}” in ${element.outerHTML.slice(0, 160)}`);
      }
    }
    return stray;
  });
}

/** Pixels by which the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

const MARKS = '[\\u2063\\u2064]*';

/** Finds a text whatever marks of the catalogue stand in it; `begins`: at the beginning; `whole`: that text and no more. */
export function said(text, { begins = false, whole = false } = {}) {
  const body = [...text].map((char) => char.replace(/[.*+?^${}()|[\]\\]/, '\\$&')).join(MARKS);
  return new RegExp(`${begins || whole ? `^${MARKS}` : ''}${body}${whole ? `${MARKS}$` : ''}`);
}

/** A text without them. */
export function plain(text) {
  return text.replace(/[\u2063\u2064]/g, '');
}
