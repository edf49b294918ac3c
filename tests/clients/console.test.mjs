// The console's shell, and what holds for each of its pages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, plain, settled, strayTexts } from './support/browser.mjs';
import { readerToken, token } from './support/env.mjs';

const PAGES = ['overview', 'settings', 'departments', 'sync', 'matching', 'messages', 'permissions', 'nowhere'];

/** Goes to a page as its links do, without loading everything anew. */
async function visit(page, name) {
  await page.evaluate((path) => history.pushState(null, '', path), `/console/${name}`);
  await page.locator('h1').waitFor();
  await settled(page);
}

describe('the console', { concurrency: 1 }, () => {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  // Each language in each theme, and each of both in each width: `make prove` has all eight.
  const every = ['zh', 'en'].flatMap((language) =>
    ['light', 'dark'].flatMap((theme) => [1440, 390].map((width) => ({ language, theme, width }))),
  );
  const isWide = ({ language, theme }) => (language === 'zh') === (theme === 'light');
  const chosen = process.env.CLIENT_TESTS_LONG ? every : every.filter((it) => isWide(it) === (it.width === 1440));
  for (const { language, theme, width } of chosen) {
    test(`is accessible and translated on every page: ${language}, ${theme}, ${width} px`, async () => {
      const { page, complaints, close } = await browser.open({ language, theme, width, path: '/console/overview' });
      for (const name of PAGES) {
        await visit(page, name);
        await page.screenshot({ path: join(artifacts, `${name}-${language}-${theme}-${width}.png`), fullPage: true });
        assert.deepEqual(await strayTexts(page), [], name);
        assert.deepEqual(await findings(page), [], name);
        assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways`);
      }
      assert.deepEqual(complaints, []);
      await close();
    });
  }

  test('fits windows of 320 to 1920 px without scrolling sideways', async () => {
    const { page, close } = await browser.open({ language: 'en', path: '/console/overview' });
    for (const name of PAGES) {
      await visit(page, name);
      for (const width of [320, 360, 768, 1024, 1300, 1920]) {
        await page.setViewportSize({ width, height: 900 });
        assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways at ${width} px`);
      }
    }
    await close();
  });

  test('is signed in by the link that the demo prints, and the token is gone from the address', async () => {
    const { page, complaints, close } = await browser.open({ path: '/console/' });
    await page.waitForURL('**/console/overview');
    assert.ok(!page.url().includes('token'));
    assert.equal(plain(await page.title()), '概览｜dingmirror');
    await page.getByText('完整').first().waitFor();

    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage, cookie: document.cookie }));
    assert.ok(!kept.includes(token));
    assert.deepEqual(complaints, []);
    await close();
  });

  test('asks for a token, says what is wrong with one, and takes a good one', async () => {
    const { page, close } = await browser.open({ path: '/console/sync', as: null });
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(await strayTexts(page), []);
    await page.getByRole('button', { name: '登录' }).click();
    await page.getByText('先粘贴令牌').waitFor();

    await page.getByRole('textbox', { name: '令牌' }).fill('not.a.token');
    await page.keyboard.press('Enter');
    await page.getByText('服务器不接受上一个令牌：').waitFor();
    await page.getByRole('textbox', { name: '令牌' }).fill(`Bearer ${token}`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '同步' }).waitFor();

    await page.getByRole('button', { name: /登录身份/ }).click();
    await page.getByRole('menuitem', { name: '退出登录' }).click();
    await page.getByRole('heading', { name: '登录 dingmirror' }).waitFor();
    await close();
  });

  test('finds somebody from any page by the keyboard alone', async () => {
    const { page, complaints, close } = await browser.open({ path: '/console/messages' });
    await page.keyboard.press('/');
    await page.keyboard.type('wang');
    const options = page.getByRole('option');
    await options.filter({ hasText: '王' }).first().waitFor();
    assert.equal(await page.locator('mark').first().innerText(), '王');

    await page.keyboard.press('ArrowDown');
    const field = page.getByRole('combobox');
    const active = await field.getAttribute('aria-activedescendant');
    assert.equal(await page.locator(`[id="${active}"]`).getAttribute('aria-selected'), 'true');
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(await strayTexts(page), []);

    await page.keyboard.press('Enter');
    await page.waitForURL('**/console/departments?user=*');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('goes from page to page by letters, and a reader hears where they are', async () => {
    const { page, close } = await browser.open({ path: '/console/overview' });
    for (const [letter, name] of [...'sdymeo'].map((each, index) => [each, [...PAGES.slice(1, 6), 'overview'][index]])) {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await page.waitForURL(`**/console/${name}`);
      await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
    }

    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: '键盘快捷键' });
    await keys.waitFor();
    assert.deepEqual(await findings(page), []);
    await keys.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'hidden' });
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await page.waitForTimeout(300);
    assert.match(page.url(), /overview$/, 'single keys are switched off');
    await close();
  });

  test('changes language and colours, and remembers them', async () => {
    const { page, close } = await browser.open({ path: '/console/overview' });
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Dark colours' }).click();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const root = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme]);
    assert.deepEqual(root, ['en-GB', 'dark']);
    await close();
  });

  test('leads a phone’s reader to GraphiQL and back', async () => {
    const { page, close } = await browser.open({ path: '/console/overview', width: 390 });
    await page.getByRole('button', { name: '更多' }).click();
    await page.getByRole('menuitem', { name: '接口调试' }).click();
    await page.waitForURL('**/graphiql');
    await page.getByRole('link', { name: 'Console' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.match(page.url(), /console/);
    await close();
  });

  test('tells a reader what they may not, and where to see it', async () => {
    const { page, complaints, close } = await browser.open({ path: '/console/permissions', as: readerToken });
    const rows = page.getByRole('row');
    const states = await rows.evaluateAll((all) => all.slice(1).map((row) => row.innerText));
    const lacking = states.map(plain).filter((row) => row.includes('没有'));
    assert.equal(lacking.length, 8, states.join('\n'));
    assert.deepEqual(complaints, []);
    await close();
  });

  test('says that the server is away, keeps what it has, and comes back by itself', async () => {
    const { page, close } = await browser.open({ path: '/console/permissions' });
    const verdict = page.getByText('完整').first();
    await verdict.waitFor();
    await page.route('**/graphql', (route) => route.abort());
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    const bar = page.getByText(/连不上服务器，这是/);
    await bar.waitFor();
    assert.deepEqual(await findings(page), []);
    assert.ok(await verdict.isVisible());

    await page.unroute('**/graphql');
    await bar.waitFor({ state: 'hidden', timeout: 15_000 });
    await close();
  });

  test('leaves the navigation out in a frame, and the verdict in', async () => {
    const { page, complaints, close } = await browser.open({ path: '/console/overview?embed=1' });
    await page.getByText('完整').first().waitFor();
    assert.equal(await page.getByRole('navigation').count(), 0);
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(complaints, []);
    await close();
  });
});
