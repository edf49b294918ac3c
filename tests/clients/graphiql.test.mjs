// GraphiQL as a person meets it in a network without internet: Chromium, every outside host blocked.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { serverUrl, token } from './support/env.mjs';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .filter(Boolean)
  .find((path) => existsSync(path));
const artifacts = process.env.ARTIFACTS ?? mkdtempSync(join(tmpdir(), 'dingmirror-graphiql-'));

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

describe('GraphiQL in Chromium, every outside host blocked', { concurrency: 1 }, () => {
  let browser;
  let page;
  const outside = [];
  const complaints = [];
  const sockets = [];

  before(async () => {
    assert.ok(executablePath, 'no Chromium found: apt-get install chromium, or set CHROMIUM');
    mkdirSync(artifacts, { recursive: true });
    browser = await chromium.launch({ executablePath, args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const { host } = new URL(serverUrl);
    await context.route('**/*', (route) => {
      const url = new URL(route.request().url());
      if (url.host === host || ['data:', 'blob:'].includes(url.protocol)) return route.continue();
      outside.push(url.href);
      return route.abort();
    });
    page = await context.newPage();
    page.on('websocket', (socket) => sockets.push(socket.url()));
    page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    page.on('requestfailed', (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  });

  after(() => browser?.close());

  const screenshot = (name) => page.screenshot({ path: join(artifacts, `${name}.png`) });

  /** Text of the response editor. Monaco draws spaces as no-break spaces. */
  const response = async () =>
    (await page.locator('.result-window .view-lines').innerText()).replaceAll('\u00a0', ' ').trim();

  async function responseWith(pattern, timeout = 15_000) {
    const deadline = Date.now() + timeout;
    for (;;) {
      const text = await response();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) {
        await screenshot('failure');
        throw new Error(`the answer never showed ${pattern}; last: ${text}`);
      }
      await page.waitForTimeout(100);
    }
  }

  /** Puts an operation into a tab of its own. */
  async function write(operation) {
    await page.getByRole('button', { name: 'New tab' }).click();
    await page.locator('.graphiql-query-editor .monaco-editor').first().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(operation);
    await page.waitForTimeout(300);
  }

  const execute = () => page.locator('.graphiql-execute-button').click();

  test('opens with the example operations as tabs and the schema loaded', async () => {
    await page.goto(`${serverUrl}/graphiql`);
    await page.locator('.graphiql-execute-button').waitFor({ timeout: 20_000 });
    const tabs = await page.locator('.graphiql-tab-button').allInnerTexts();
    assert.deepEqual(tabs, ['OrgTree', 'Search', 'Resolve', 'SendMessage', 'StartSync', 'SyncProgress', 'Settings']);
    await page.getByRole('button', { name: /documentation explorer/i }).click();
    await page.locator('.graphiql-doc-explorer').getByText('Mutation', { exact: true }).first().waitFor();
    await screenshot('1-docs');
    await page.getByRole('button', { name: /documentation explorer/i }).click();
  });

  test('takes a token, says whose it is, and keeps it out of localStorage', async () => {
    await page.getByLabel('Bearer token').fill(`Bearer ${token}`);
    await page.getByRole('button', { name: 'Use', exact: true }).click();
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    await page.getByRole('status').filter({ hasText: sub }).waitFor();
    assert.equal(await page.getByLabel('Bearer token').inputValue(), '');
    const lasting = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    assert.ok(!lasting.includes(token));
  });

  test('runs a query: the first example, as it stands', async () => {
    await page.locator('.graphiql-tab-button').first().click();
    // The new token makes GraphiQL read the schema again, and a click in that moment is lost: click as a person would.
    await page.waitForTimeout(1500);
    await execute();
    let text;
    try {
      text = await responseWith(/"departmentCount": \d+/, 5_000);
    } catch {
      await execute();
      text = await responseWith(/"departmentCount": \d+/);
    }
    assert.doesNotMatch(text, /"errors"/);
    await screenshot('2-query');
  });

  test('runs a subscription over graphql-transport-ws and, in another tab, the mutation that feeds it', async () => {
    await write('subscription Progress { syncProgress { state progress { fraction } } }');
    await execute();
    await page.waitForTimeout(1000);
    // GraphiQL ends a subscription when its tab is left, so the run is started from outside the editor.
    const started = await page.evaluate(async (bearer) => {
      const answer = await fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
        body: JSON.stringify({ query: 'mutation { startSync(input: {}) { userErrors { message } } }' }),
      });
      return answer.json();
    }, token);
    assert.equal(started.errors, undefined);
    await responseWith(/"fraction": [\d.]+/, 20_000);
    await screenshot('3-subscription');
    await execute(); // The same button stops it.
    assert.equal(sockets.length, 1);
    assert.match(sockets[0], /\/graphql\/ws$/);
  });

  test('runs a mutation', async () => {
    await write('mutation Start { startSync(input: {}) { alreadyRunning run { id } userErrors { message } } }');
    await execute();
    const text = await responseWith(/"alreadyRunning": (true|false)/);
    assert.doesNotMatch(text, /"errors"/);
    await screenshot('4-mutation');
  });

  test('shows an error of the server with its code', async () => {
    await write('{ department(deptId: "1") { children(after: "no cursor") { totalCount } } }');
    await execute();
    await responseWith(/BAD_USER_INPUT/);
  });

  test('keeps a secret that is typed into an operation out of localStorage', async () => {
    await write('mutation Secret { updateSettings(input: { expectedVersion: "0", appSecret: "hunter2" }) { userErrors { code } } }');
    await page.waitForTimeout(1500); // GraphiQL stores its tabs half a second after the last key.
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...localStorage }))).includes('hunter2'));
    assert.ok((await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).includes('hunter2'));
  });

  test('shows the explorer', async () => {
    await page.locator('.graphiql-tab-button').first().click();
    await page.getByRole('button', { name: /graphiql explorer/i }).click();
    await page.locator('.docExplorerWrap, .graphiql-explorer-root').first().waitFor();
    await screenshot('5-explorer');
  });

  test('forgets the token', async () => {
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await page.getByRole('status').filter({ hasText: 'No token' }).waitFor();
    assert.ok(!(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).includes(token));
  });

  test('asked no outside host for anything, and nothing complained', (context) => {
    assert.deepEqual(outside, []);
    assert.deepEqual(complaints, []);
    context.diagnostic(`screenshots: ${artifacts}`);
  });
});
