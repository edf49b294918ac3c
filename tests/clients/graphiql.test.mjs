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

  const stored = (of = page) =>
    of.evaluate(() => ({ lasting: JSON.stringify({ ...localStorage }), tab: JSON.stringify({ ...sessionStorage }) }));

  test('keeps a secret that is typed into an operation out of localStorage, and every other tab in it', async () => {
    await write('mutation Secret { updateSettings(input: { expectedVersion: "0", appSecret: "hunter2" }) { userErrors { code } } }');
    await page.waitForTimeout(1500); // GraphiQL stores its tabs half a second after the last key.
    const { lasting, tab } = await stored();
    assert.ok(!lasting.includes('hunter2'));
    assert.ok(tab.includes('hunter2'));
    for (const kept of ['query OrgTree', 'query Settings', 'mutation Start {']) assert.ok(lasting.includes(kept), kept);
  });

  test('keeps no variables and no headers in localStorage, whatever they are called', async () => {
    await write('mutation Set($s: String, $v: BigInt!) { updateSettings(input: { appKey: $s, expectedVersion: $v }) { userErrors { code } } }');
    for (const [tool, text] of [
      ['Variables', '{ "s": "hunter3", "v": "0" }'],
      ['Headers', '{ "x-secret": "hunter4" }'],
    ]) {
      await page.locator('.graphiql-editor-tools').getByRole('button', { name: tool }).click();
      await page.locator('.graphiql-editor-tool:not(.hidden) .monaco-editor, .graphiql-editor-tool .monaco-editor').locator('visible=true').first().click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.insertText(text);
      await page.waitForTimeout(1500);
    }
    await execute();
    await page.waitForTimeout(1500);
    const { lasting, tab } = await stored();
    assert.ok(tab.includes('hunter3'), 'the variables were not even in this tab');
    assert.ok(!/hunter[34]/.test(lasting), lasting);
    assert.ok(lasting.includes('mutation Set('));
    await screenshot('5-variables');
  });

  test('a new browser tab has the saved tabs, without what must not be saved; what an older page left is cleaned', async () => {
    await page.evaluate(() => localStorage.setItem('graphiql:variables', '{ "old": "hunter5" }'));
    const another = await page.context().newPage();
    await another.goto(`${serverUrl}/graphiql`);
    await another.locator('.graphiql-execute-button').waitFor({ timeout: 20_000 });
    const tabs = await another.locator('.graphiql-tab-button').allInnerTexts();
    for (const kept of ['OrgTree', 'Settings', 'Start', 'Set']) assert.ok(tabs.includes(kept), `${kept}: ${tabs}`);
    assert.ok(!tabs.includes('Secret'), `${tabs}`);
    assert.ok(!(await stored(another)).lasting.includes('hunter'));
    await another.close();
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

  /** A page of its own, signed in by its address, as `dingmirror demo` prints it. */
  async function signedIn(width, height) {
    const context = await browser.newContext({ viewport: { width, height } });
    const own = await context.newPage();
    await own.goto(`${serverUrl}/graphiql#token=${token}`);
    await own.locator('.graphiql-execute-button').waitFor({ timeout: 20_000 });
    return own;
  }

  test('takes the token from its address, and leaves it there no longer', async () => {
    const own = await signedIn(1440, 900);
    const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    await own.getByRole('status').filter({ hasText: sub }).waitFor();
    assert.equal(own.url(), `${serverUrl}/graphiql`);
    const { lasting, tab } = await stored(own);
    assert.ok(tab.includes(token) && !lasting.includes(token));
    await own.goto('about:blank');
    await own.goBack();
    assert.ok(!own.url().includes('token'), 'the history still has it');
    await own.context().close();
  });

  /** The parts of a page that reach out of what holds them. */
  const cut = (own) =>
    own.evaluate(() => {
      const wide = [];
      const room = document.querySelector('.graphiql-query-editor .monaco-editor').getBoundingClientRect();
      for (const line of document.querySelectorAll('.graphiql-query-editor .view-line > span')) {
        if (line.getBoundingClientRect().right > room.right + 1) wide.push(line.textContent);
      }
      if (document.documentElement.scrollWidth > innerWidth) wide.push(`the page is ${document.documentElement.scrollWidth} wide`);
      for (const name of ['.graphiql-execute-button', '.token-bar', '.graphiql-response', '.graphiql-sidebar']) {
        const { left, right, top, bottom } = document.querySelector(name).getBoundingClientRect();
        if (left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1) wide.push(`${name} ends at ${right}, ${bottom}`);
      }
      return wide;
    });

  for (const [width, height] of [
    [390, 844],
    [1440, 900],
  ]) {
    test(`at ${width} pixels every example can be read, run and seen`, async () => {
      const own = await signedIn(width, height);
      await own.waitForTimeout(2000);
      for (const tab of await own.locator('.graphiql-tab-button').all()) {
        const name = await tab.innerText();
        await tab.click();
        await own.waitForTimeout(500);
        assert.deepEqual(await cut(own), [], name);
        await own.locator('.graphiql-execute-button').click();
        const answer = own.locator('.result-window .view-lines').filter({ hasText: '"data"' });
        await answer.waitFor({ timeout: 15_000 });
        assert.doesNotMatch(await answer.innerText(), /"errors"/, name);
        await own.screenshot({ path: join(artifacts, `${width}-${name}.png`) });
      }
      const editor = await own.locator('.graphiql-query-editor').boundingBox();
      assert.ok(editor.height > 200 && editor.width > 300, JSON.stringify(editor));
      await own.context().close();
    });
  }

  test('asked no outside host for anything, and nothing complained', (context) => {
    assert.deepEqual(outside, []);
    assert.deepEqual(complaints, []);
    context.diagnostic(`screenshots: ${artifacts}`);
  });
});
