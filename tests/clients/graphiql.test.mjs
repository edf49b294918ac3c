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

  const cost = () => page.locator('.query-cost').innerText();
  const costOnceIts = (pattern) => page.locator('.query-cost').filter({ hasText: pattern }).waitFor({ timeout: 15_000 });

  test('shows what the answer in sight cost, also of another tab, and that one was refused for it', async () => {
    await write('query Dear { department(deptId: "1") { name } messages(first: 50) { nodes { id } } }');
    assert.equal(await cost(), '', 'nothing was run');
    await execute();
    await responseWith(/"messages"/);
    await costOnceIts(/^Cost 1\d\d of 100,000 allowed\s+most for messages\.nodes$/);
    const dear = await cost();

    await write('query Cheap { department(deptId: "1") { name } }');
    assert.equal(await cost(), '', 'this tab has no answer');
    await execute();
    await costOnceIts(/^Cost 2 of 100,000 allowed\s+most for department\.name$/);

    await page.locator('.graphiql-tab-button', { hasText: 'Dear' }).click();
    await costOnceIts('most for messages.nodes');
    assert.equal(await cost(), dear);

    await write('query TooDear { messages(first: 500) { nodes { recipients(first: 500) { nodes { state } } } } }');
    await execute();
    await responseWith(/LIMIT_EXCEEDED/);
    await costOnceIts(/^Cost [\d,]{7,} of 100,000 allowed\s+most for messages\.nodes\.recipients/);
    assert.equal(await page.locator('.query-cost.over').count(), 1);
    // Chromium tells of the status by itself.
    const told = complaints.findIndex((complaint) => complaint.includes('422'));
    assert.ok(told >= 0, `${complaints}`);
    complaints.splice(told, 1);
    await screenshot('5-too-dear');
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
  async function signedIn(width, height, colorScheme = 'light') {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme });
    const own = await context.newPage();
    own.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
    own.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
    });
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
      const parts = ['.graphiql-execute-button', '.token-bar', '.graphiql-response', '.graphiql-sidebar', '.query-cost'];
      for (const name of parts) {
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
        const told = own.locator('.graphiql-response .query-cost');
        await told.filter({ hasText: /^Cost [\d,]+ of 100,000 allowed/ }).waitFor({ timeout: 15_000 });
        assert.deepEqual(await cut(own), [], `${name} with its answer`);
        await own.screenshot({ path: join(artifacts, `${width}-${name}.png`) });
      }
      const editor = await own.locator('.graphiql-query-editor').boundingBox();
      assert.ok(editor.height > 200 && editor.width > 300, JSON.stringify(editor));
      await own.context().close();
    });
  }

  /** What of a telephone's page is touched with difficulty: buttons and fields in sight that are smaller than 44 pixels. */
  const small = (own) =>
    own.evaluate(() =>
      [...document.querySelectorAll('.graphiql-container :is(button, .token-bar input)')]
        .filter((element) => element.checkVisibility({ visibilityProperty: true }))
        // Editor and explorer bring their own.
        .filter((element) => !element.closest('.monaco-editor, .graphiql-explorer-root, .graphiql-doc-explorer'))
        .map((element) => [element, element.getBoundingClientRect()])
        .filter(([, { width, height, left }]) => left >= 0 && (width < 44 || height < 44))
        .map(([element, { width, height }]) => `${element.ariaLabel ?? element.textContent}: ${width} x ${height}`),
    );

  for (const [width, height, scheme] of [
    [390, 844, 'light'],
    [390, 844, 'dark'],
    [360, 640, 'light'],
    [1440, 900, 'dark'],
  ]) {
    test(`at ${width} pixels, ${scheme}, every panel can be opened, read and left`, async () => {
      const own = await signedIn(width, height, scheme);
      await own.waitForTimeout(2000);
      await own.locator('.graphiql-execute-button').click();
      await own.locator('.query-cost').filter({ hasText: 'Cost' }).waitFor({ timeout: 15_000 });
      const color = await own.locator('.query-cost').evaluate((element) => getComputedStyle(element).color);
      const [lightness] = /\d+/.exec(color);
      assert.equal(Number(lightness) > 128, scheme === 'dark', `the cost is written in ${color}`);
      await own.screenshot({ path: join(artifacts, `${width}-${scheme}.png`) });
      const isNarrow = width < 768;
      if (isNarrow) assert.deepEqual(await small(own), []);

      const editor = own.locator('.graphiql-query-editor');
      for (const [name, content] of [
        ['Documentation Explorer', '.graphiql-doc-explorer'],
        ['History', '.graphiql-history-item'],
        ['GraphiQL Explorer', '.graphiql-explorer-root'],
      ]) {
        await own.getByRole('button', { name: `Show ${name}` }).click();
        await own.locator(content).first().waitFor();
        const { x, y, width: wide, height: high } = await own.locator('.graphiql-plugin').boundingBox();
        assert.ok(x >= 0 && y >= 0 && x + wide <= width && y + high <= height, name);
        const beyond = await own.locator('.graphiql-plugin').evaluate((panel) => panel.scrollWidth - panel.clientWidth);
        assert.equal(beyond, 0, `${name} is wider than its place`);
        await own.screenshot({ path: join(artifacts, `${width}-${scheme}-${name}.png`) });

        assert.equal(await editor.isVisible(), !isNarrow, `${name} over the editor`);
        if (isNarrow) {
          assert.deepEqual(await small(own), [], name);
          await own.getByRole('button', { name: 'Back to the editor' }).click();
        } else await own.getByRole('button', { name: `Hide ${name}` }).click();
        await editor.waitFor();
        assert.deepEqual(await cut(own), [], `after ${name}`);
      }

      await own.getByRole('button', { name: 'Open settings dialog' }).click();
      const dialog = own.getByRole('dialog');
      await dialog.waitFor();
      for (const button of await dialog.getByRole('button').all()) {
        const { x, width: wide } = await button.boundingBox();
        const room = await dialog.boundingBox();
        assert.ok(x >= room.x && x + wide <= room.x + room.width, await button.innerText());
      }
      await own.context().close();
    });
  }

  test('asked no outside host for anything, and nothing complained', (context) => {
    assert.deepEqual(outside, []);
    assert.deepEqual(complaints, []);
    context.diagnostic(`screenshots: ${artifacts}`);
  });
});
