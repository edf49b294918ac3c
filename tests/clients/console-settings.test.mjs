// The console's page of settings, as administrators use it: Chromium, every outside host blocked.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { after, before, beforeEach, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, said, settled, strayTexts } from './support/browser.mjs';
import { binary, control, ownEnvironment, query, readerToken, reissue, simulatorUrl, token, until } from './support/env.mjs';
import { Daemon, freePort } from './support/server.mjs';

const PATIENCE = { timeout: 20_000 };
const SEND_PATH = '/topapi/message/corpconversation/asyncsend_v2';

const FIELDS = `version updatedBy agentId appKey appSecret { isSet } asyncSendUrl userListUrl matchingMethod deliveryMode redirectTo
  includeDepartments excludeDepartments`;

const stored = async () => (await query(`{ settings { ${FIELDS} } }`)).settings;

/** Another administrator, by the API. */
const secondAdmin = reissue(token, { sub: 'li.jianguo' });

async function update(changes, as = token) {
  const { version } = await stored();
  const { updateSettings } = await query(
    `mutation ($input: UpdateSettingsInput!) { updateSettings(input: $input) { userErrors { code message } } }`,
    { input: { expectedVersion: version, ...changes } },
    { as },
  );
  assert.deepEqual(updateSettings.userErrors, []);
}

describe('the console’s page of settings', { concurrency: 1 }, () => {
  let browser;
  let first;

  before(async () => {
    browser = await launch();
    first = await stored();
  });
  after(async () => {
    await browser?.close();
    await restore();
  });
  beforeEach(restore);

  /** As it was before the tests. */
  async function restore() {
    const { version: _version, updatedBy: _by, appKey: _key, appSecret: _secret, matchingMethod, ...changes } = first;
    if ((await stored()).matchingMethod !== matchingMethod) changes.matchingMethod = matchingMethod;
    await update(changes);
  }

  /** The page with what its tests need of it. */
  async function open(options = {}) {
    const opened = await browser.open({ path: '/console/settings', ...options });
    const { page, complaints } = opened;
    await settled(page);
    return {
      ...opened,
      row: (field) => page.locator(`#${field}`),
      field: (field) => page.locator(`#${field}`).locator('input.input, textarea.input').first(),
      bar: page.locator('.submit-bar'),
      submit: () => page.locator('.submit-bar button[type=submit]').click(),
      shows: (locator, text) => locator.filter({ hasText: text }).first().waitFor(PATIENCE),
      async done() {
        assert.deepEqual(complaints, []);
        await opened.close();
      },
    };
  }

  test('has every row of the original with its description and a page of DingTalk’s', async () => {
    const { page, row, field, done } = await open();
    const pages = {
      getTokenUrl: 'obtain-orgapp-token',
      asyncSendUrl: 'asynchronous-sending-of-enterprise-session-messages',
      departmentListSubUrl: 'user-management-acquires-the-list-departments',
      departmentGetUrl: 'query-department-details0-v2',
      userListIdUrl: 'query-the-list-of-department-userids',
      userGetUrl: 'query-user-details',
      userGetByMobileUrl: 'query-users-by-phone-number',
    };
    for (const [name, slug] of Object.entries(pages)) {
      assert.equal(await row(name).locator('a.document').getAttribute('href'), `https://open.dingtalk.com/document/development/${slug}`);
      assert.match(await field(name).inputValue(), /^http/);
    }
    assert.equal(await field('agentId').inputValue(), first.agentId);
    assert.equal(await field('appKey').inputValue(), first.appKey);
    for (const original of ['Get Token URL', 'Send Message URL', 'Get Users in department URL', 'Matching method', 'Enable']) {
      await page.getByText(original, { exact: true }).waitFor();
    }

    // The secret is there, and nowhere to be read.
    await row('appSecret').getByText('已设置').waitFor();
    assert.equal(await row('appSecret').locator('input').count(), 0);
    await row('appSecret').getByRole('button', { name: '更换' }).click();
    assert.equal(await field('appSecret').inputValue(), '');
    assert.equal(await field('appSecret').evaluate((input) => input === document.activeElement), true);
    await row('appSecret').getByRole('button', { name: '不换了' }).click();
    await row('appSecret').getByText('已设置').waitFor();
    await done();
  });

  test('offers the right URL for a misspelled one, leads to it when it is submitted, and takes it over', async () => {
    const { page, row, field, bar, submit, shows, done } = await open();
    await field('agentId').fill('836390999');
    await field('asyncSendUrl').fill(`${simulatorUrl}/topapi/message/corpcorversation/asynsend_v2`);
    await field('userListUrl').focus();
    await shows(row('asyncSendUrl'), '地址拼错了，这样调用不到钉钉');
    assert.equal((await row('asyncSendUrl').locator('.fix-right').innerText()).trim(), simulatorUrl + SEND_PATH);
    await shows(bar, /2\D*项未提交的修改/);
    await shows(bar, /1\D*项要改正/);

    const { version } = await stored();
    await submit();
    await page.waitForFunction(() => document.activeElement?.closest('#asyncSendUrl'), undefined, PATIENCE);
    assert.equal(await field('asyncSendUrl').getAttribute('aria-invalid'), 'true');
    assert.equal((await stored()).version, version);

    await page.screenshot({ path: join(artifacts, 'settings-misspelled.png'), fullPage: true });
    await row('asyncSendUrl').getByRole('button', { name: '改用正确地址' }).click();
    assert.equal(await field('asyncSendUrl').inputValue(), simulatorUrl + SEND_PATH);
    await submit();
    await shows(bar, '已写入');
    const now = await stored();
    assert.deepEqual([now.agentId, now.asyncSendUrl], ['836390999', simulatorUrl + SEND_PATH]);
    await done();
  });

  test('tries out what stands in the form in product words, sends nobody anything, and takes the right URL over', async () => {
    const { version } = await stored();
    const sent = async () => (await control('messages')).tasks.length;
    const before = await sent();
    const { page, field, shows, done } = await open();
    await field('asyncSendUrl').fill(`${simulatorUrl}/topapi/message/corpcorversation/asynsend_v2`);
    const press = () => page.locator('.submit-bar').getByRole('button', { name: '测试' }).click();
    await press();

    const result = page.getByRole('region', { name: '测试结果' });
    await shows(result, '用未提交的值测的，没有给任何人发消息');
    const line = result.locator('.test-line').filter({ hasText: '失败：' }).filter({ hasText: '发送消息' });
    await line.getByText('地址拼错了').waitFor(PATIENCE);
    // What can't be tested meanwhile has nothing to correct.
    const limited = result.locator('.test-line').filter({ hasText: '受限：' });
    assert.equal(await limited.getByRole('button', { name: '改正' }).count(), 0);
    await page.waitForFunction(() => document.activeElement?.id === 'settings-test', undefined, PATIENCE);
    await page.screenshot({ path: join(artifacts, 'settings-test.png'), fullPage: true });
    assert.deepEqual(await findings(page), []);
    assert.deepEqual(await strayTexts(page), []);

    await line.getByRole('button', { name: '改用正确地址' }).click();
    assert.equal(await field('asyncSendUrl').inputValue(), simulatorUrl + SEND_PATH);
    await result.getByText(said('过时了')).waitFor(PATIENCE);
    assert.equal(await result.getByText(said('项失败')).count(), 0);
    await press();
    await shows(result, '用现行的值测的');
    await line.waitFor({ state: 'detached', ...PATIENCE });
    await result.getByText(said('项通过')).first().waitFor(PATIENCE);
    assert.equal(await sent(), before);
    assert.equal((await stored()).version, version);
    await done();
  });

  test('tells of a URL in the wrong row, and of a host that is not allowed', async () => {
    const { page, row, field, submit, shows, done } = await open();
    await field('departmentGetUrl').fill(`${simulatorUrl}/topapi/v2/department/listsub`);
    await field('userGetUrl').fill('https://dingtalk.example.org/topapi/v2/user/get');
    await shows(row('departmentGetUrl'), /这是「获取子部门列表」的地址，放错行了/);
    // A test marks the row as a submission does.
    await page.locator('.submit-bar').getByRole('button', { name: '测试' }).click();
    await shows(row('userGetUrl').locator('.fix'), '这台主机不在允许之列');
    await submit();
    await shows(row('userGetUrl'), '这台主机不在允许之列');
    await shows(row('departmentGetUrl'), /放错行了/);
    await done();
  });

  test('puts two changes side by side when another admin submitted in between, and loses neither', async () => {
    const { page, row, field, bar, submit, shows, done } = await open();
    await field('agentId').fill('836390911');
    await field('userListUrl').fill('');
    await update({ agentId: '836390902', deliveryMode: 'SHADOW' }, secondAdmin);
    await submit();

    const panel = page.locator('#settings-conflict');
    await shows(panel, /li\.jianguo/);
    await shows(panel, /两人都改过的有 1 项/);
    await page.waitForFunction(() => document.activeElement?.id === 'settings-conflict', undefined, PATIENCE);
    assert.equal(await panel.locator('input:checked').count(), 0);
    assert.equal((await stored()).agentId, '836390902');
    assert.equal(await field('agentId').inputValue(), '836390911');
    await page.screenshot({ path: join(artifacts, 'settings-conflict.png'), fullPage: true });

    // Without a choice it goes no further.
    await panel.getByRole('button', { name: '用合并后的值继续编辑' }).click();
    await shows(panel, /还有 1 项没选/);
    await panel.locator('#settings-conflict-agentId input').nth(1).check();
    await panel.getByRole('button', { name: '用合并后的值继续编辑' }).click();
    await panel.waitFor({ state: 'detached' });
    assert.equal(await row('deliveryMode').locator('input:checked').nth(1).evaluate((input) => input.closest('label').innerText.includes('影子')), true);

    await submit();
    await shows(bar, '已写入');
    const now = await stored();
    assert.deepEqual([now.agentId, now.userListUrl, now.deliveryMode], ['836390911', null, 'SHADOW']);
    await done();
  });

  test('counts what another matching method would do, and leads through the rehearsal where people would be exchanged', async () => {
    const { page, row, bar, submit, shows, done } = await open();
    const { users } = await query('{ users(first: 300) { nodes { userId email jobNumber } } }');
    const single = (field) => (user) => user[field] && users.nodes.filter((other) => other[field] === user[field]).length === 1;
    const [one, other] = users.nodes.filter((user) => single('email')(user) && single('jobNumber')(user));

    // Nobody would be exchanged, so it can be submitted as it is.
    await row('matchingMethod').getByText('用户名 ↔ 工号').click();
    await shows(row('matchingMethod'), '没有 Confluence 用户会变成另一个人');
    await submit();
    await shows(bar, '已写入');
    assert.equal((await stored()).matchingMethod, 'USERNAME_TO_JOB_NUMBER');
    await row('matchingMethod').getByText('邮箱 ↔ 邮箱').click();
    await shows(row('matchingMethod'), '没有 Confluence 用户会变成另一个人');
    await submit();
    const back = await until('the method to be changed back', async () => {
      const now = await stored();
      return now.matchingMethod === 'EMAIL_TO_EMAIL' && now;
    });
    await shows(bar, new RegExp(`已写入，版本 ${back.version}`));

    // By email they are the one, by number the other.
    await query('query ($them: [ConfluenceIdentityInput!]!) { resolve(identities: $them) { status } }', {
      them: [{ email: one.email, username: other.jobNumber }],
    });
    const rehearsal = `{ rehearseMatching(method: USERNAME_TO_JOB_NUMBER) { changesPerson { totalCount } } }`;
    await until('the identity to be known', async () => (await query(rehearsal)).rehearseMatching.changesPerson.totalCount > 0);
    await page.reload();
    await settled(page);
    await row('matchingMethod').getByText('用户名 ↔ 工号').click();
    await shows(row('matchingMethod'), /1\D*个 Confluence 用户会变成另一个人/);
    await submit();
    await shows(row('matchingMethod').locator('.fix'), '先在演练里看过他们');
    assert.equal((await stored()).matchingMethod, 'EMAIL_TO_EMAIL');

    // What isn't submitted is still there after the way to the rehearsal and back.
    await row('matchingMethod').getByRole('link', { name: '打开演练' }).click();
    await page.waitForURL(/\/console\/matching\/rehearse\?to=USERNAME_TO_JOB_NUMBER$/);
    await page.goBack();
    await settled(page);
    await shows(bar, /1\D*项未提交的修改/);
    await done();
  });

  test('says who would fall out of the mirror before another selection of departments is submitted', async () => {
    const { page, row, bar, submit, shows, done } = await open();
    await row('departments').getByRole('button', { name: '选择部门' }).click();
    const dialog = page.getByRole('dialog');
    const lines = dialog.getByRole('treeitem');
    await lines.nth(1).waitFor(PATIENCE);
    assert.equal(await lines.first().getAttribute('aria-checked'), 'true');

    // By keyboard: down to the first department below the company, and out with it.
    await lines.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    assert.equal(await lines.nth(1).getAttribute('aria-checked'), 'false');
    assert.equal(await lines.first().getAttribute('aria-checked'), 'mixed');
    await shows(dialog, /\d+\D*个部门、\D*\d+\D*人会掉出镜像/);
    await page.screenshot({ path: join(artifacts, 'settings-selection.png') });
    await dialog.getByRole('button', { name: '用这个选择' }).click();
    await shows(row('departments'), '排除：');
    await submit();
    await shows(bar, '已写入');
    const now = await stored();
    assert.deepEqual(now.includeDepartments, []);
    assert.equal(now.excludeDepartments.length, 1);
    await done();
  });

  test('sends everything to one tester, who is found by pinyin', async () => {
    const { page, row, field, bar, submit, shows, done } = await open();
    const { search } = await query('{ search(query: "wang", kinds: [USER], first: 1) { nodes { item { ... on User { userId name } } } } }');
    const { userId, name } = search.nodes[0].item;
    await row('deliveryMode').getByText('改发').click();
    await submit();
    await shows(row('redirectTo'), '要有一个测试人');
    await field('redirectTo').fill('wang');
    await page.getByRole('option').first().waitFor(PATIENCE);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await field('redirectTo').inputValue(), userId);
    await shows(row('redirectTo'), name);
    await submit();
    await shows(bar, '已写入');
    const now = await stored();
    assert.deepEqual([now.deliveryMode, now.redirectTo], ['REDIRECT', userId]);
    await page.locator('.modebar').waitFor(PATIENCE);
    await done();
  });

  test('says what the test is for to whoever was led to it', async () => {
    const { page, shows, done } = await open({ path: '/console/settings?test' });
    const invitation = page.locator('.settings > .note');
    await shows(invitation, '测试会说清钉钉权限缺哪些、在哪里开通。');
    await invitation.getByRole('button', { name: '测试' }).click();
    await page.getByRole('region', { name: '测试结果' }).waitFor(PATIENCE);
    await done();
  });

  test('leads to the row that the address names, also within the fold', async () => {
    const { page, done } = await open({ path: '/console/settings' });
    await page.evaluate(() => history.pushState(null, '', '/console/settings#recallUrl'));
    await page.waitForFunction(() => document.activeElement?.closest('#recallUrl'), undefined, PATIENCE);
    await done();
  });

  test('shows a reader what they may see and says what they lack for more', async () => {
    const locked = await browser.open({ path: '/console/settings', as: readerToken });
    await locked.page.getByText('settings:read', { exact: true }).waitFor(PATIENCE);
    assert.deepEqual(locked.complaints, []);
    await locked.close();

    const reader = await open({ as: reissue(token, { sub: 'reader', permissions: ['settings:read'] }) });
    await reader.page.getByText('settings:write', { exact: true }).waitFor(PATIENCE);
    assert.equal(await reader.field('agentId').getAttribute('readonly'), '');
    assert.equal(await reader.bar.count(), 0);
    await reader.done();
  });

  for (const [language, theme, width] of [
    ['zh', 'light', 1440],
    ['en', 'dark', 1440],
    ['zh', 'dark', 390],
    ['en', 'light', 390],
    ['en', 'light', 1024],
  ]) {
    test(`is accessible and translated with mistakes, a conflict and a dialog: ${language}, ${theme}, ${width} px`, async () => {
      const { page, row, field, shows, done } = await open({ language, theme, width });
      await field('agentId').fill('ding123');
      await field('userGetUrl').fill(`${simulatorUrl}/topapi/v2/user/gett`);
      await row('matchingMethod').locator('input').nth(1).check();
      await row('deliveryMode').locator('input').first().check();
      await update({ agentId: '836390902' }, secondAdmin);
      await page.locator('.submit-bar button[type=submit]').click();
      await shows(page.locator('#settings-conflict'), /li\.jianguo/);
      await settled(page);
      await page.screenshot({ path: join(artifacts, `settings-${language}-${theme}-${width}.png`), fullPage: true });
      assert.deepEqual(await strayTexts(page), []);
      assert.deepEqual(await findings(page), []);
      assert.ok((await overflow(page)) <= 0);

      for (const name of ['departments', 'reset']) {
        const button = name === 'reset' ? page.locator('.submit-bar button:not(.primary)').last() : row('departments').locator('.button.quiet').first();
        await button.click();
        await page.getByRole('dialog').waitFor();
        await settled(page);
        await page.screenshot({ path: join(artifacts, `settings-${name}-${language}-${theme}-${width}.png`) });
        assert.deepEqual(await findings(page), [], name);
        assert.deepEqual(await strayTexts(page), [], name);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
      await done();
    });
  }

  test('is filled in by a new admin, and put back to its defaults with what is lost counted', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'dingmirror-settings-'));
    const host = `127.0.0.1:${await freePort()}`;
    const environment = {
      ...ownEnvironment(),
      DINGMIRROR_DATA_DIR: folder,
      DINGMIRROR_LISTEN: host,
      DINGMIRROR_JWT_SECRET: 'a secret of this test alone, of many letters',
      DINGMIRROR_ALLOWED_HOSTS: `${new URL(simulatorUrl).host}`,
    };
    const server = new Daemon('serve', binary, ['serve'], environment);
    context.after(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    await server.until('readiness', async () => (await fetch(`http://${host}/readyz`)).ok);
    const own = execFileSync(binary, ['token', '--all'], { env: environment, encoding: 'utf8' }).trim().split('\n').at(-1);
    const window = await browser.open({ as: own, url: `http://${host}`, path: '/console/settings' });
    const { page, complaints } = window;
    await settled(page);

    const field = (name) => page.locator(`#${name}`).locator('input.input, textarea.input').first();
    await page.getByText('项，填好才能同步和发消息').first().waitFor(PATIENCE);
    await field('agentId').fill('836390886');
    await field('appKey').fill('dingsimulator0000001');
    await field('appSecret').fill('not-the-real-secret-of-the-app');
    await page.evaluate(() => document.querySelector('.optional').toggleAttribute('open', true));
    for (const box of await page.locator('textarea.input').all()) {
      const offered = (await box.getAttribute('placeholder')).match(/https:\/\/[^\s\u2063\u2064]+/)[0];
      await box.fill(simulatorUrl + new URL(offered).pathname);
    }
    await page.locator('.submit-bar button[type=submit]').click();
    await page.locator('.submit-bar').filter({ hasText: '已写入' }).waitFor(PATIENCE);
    await page.locator('#appSecret').getByText('已设置').waitFor();

    await page.locator('.submit-bar').getByRole('button', { name: '重置' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('AppSecret 会被清掉').waitFor();
    await dialog.getByRole('button', { name: /恢复 \d+ 项默认值/ }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(await field('agentId').inputValue(), '');
    await page.locator('#getTokenUrl').getByText('这台主机不在允许之列').waitFor(PATIENCE);
    assert.deepEqual(complaints, []);
    await window.close();
  });
});
