// The console's first page: whether the mirror can be trusted, who must act, and what became of the day's messages.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, plain, said, settled, strayTexts } from './support/browser.mjs';
import { startDemo } from './support/demo.mjs';

describe('the overview', { concurrency: 1 }, () => {
  let demo;
  let browser;
  before(async () => {
    demo = await startDemo([
      ...['--users', '120', '--departments', '20', '--seed', '7', '--sync-interval', '0'],
      ...['--removal-limit-count', '10', '--removal-limit-percent', '100'],
    ]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const open = async (options) => {
    const its = await browser.open({ url: demo.url, as: demo.token, path: '/console/overview', ...options });
    its.page.setDefaultTimeout(60_000);
    return its;
  };

  async function look(page, name) {
    await settled(page);
    await page.screenshot({ path: join(artifacts, `overview-${name}.png`), fullPage: true });
    assert.deepEqual(await findings(page), [], name);
    assert.deepEqual(await strayTexts(page), [], name);
    assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways`);
  }

  test('says in a sentence whether the mirror can be trusted, and leads to what that rests on', async () => {
    const { page, complaints, close } = await open();
    await page.getByText(/镜像与钉钉一致，核对于/).waitFor();
    const { mirror } = await demo.query('{ mirror { userCount departmentCount lastRun { id } } }');
    const hero = plain(await page.getByRole('region', { name: '镜像的状态' }).innerText());
    assert.ok(hero.includes(String(mirror.userCount)) && hero.includes(String(mirror.departmentCount)), hero);
    await page.getByText('事件流已连接').waitFor();
    const days = page.getByRole('table', { name: '人员与部门，近 30 天' });
    const today = days.getByRole('row').last().getByRole('cell');
    assert.equal(plain(await today.first().innerText()), String(mirror.userCount));
    await look(page, 'quiet');
    await page.getByRole('link', { name: '看依据' }).click();
    await page.waitForURL(`**/console/sync/${mirror.lastRun.id}`);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('counts what became of the day’s messages, and each number leads to them', async () => {
    const { users } = await demo.query('{ users(first: 3) { nodes { userId } } }');
    const input = {
      content: { text: { content: '今天的一条' } },
      recipients: { userIds: users.nodes.map(({ userId }) => userId), identities: [{ email: 'nobody@nowhere.example' }] },
    };
    const { sendMessage } = await demo.query(
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } userErrors { message } } }',
      { input },
    );
    assert.deepEqual(sendMessage.userErrors, []);

    const { page, complaints, close } = await open();
    const card = page.getByRole('region', { name: '今日投递' });
    await card.getByText('4 位收件人').waitFor();
    const failed = card.getByRole('listitem').filter({ hasText: '没到' });
    assert.match(plain(await failed.innerText()), /没找到人 1/);
    await failed.getByRole('link').click();
    await page.waitForURL('**/console/messages?group=failed');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('says when DingTalk’s month ends by the clock of Beijing, wherever the reader is', async () => {
    const { page, close } = await open();
    const elsewhere = await page.context().browser().newContext({ timezoneId: 'America/New_York', locale: 'zh-CN' });
    const own = await elsewhere.newPage();
    await own.goto(`${demo.url}/console/overview#token=${demo.token}`);
    const quota = own.getByRole('region', { name: '本月发消息的调用' });
    await quota.getByText(/北京时间 \d+月1日 0 点重新算/).waitFor({ timeout: 60_000 });
    await elsewhere.close();
    await close();
  });

  test('lists what needs somebody, each one click from its remedy', async () => {
    const { users } = await demo.query('{ users(first: 14) { nodes { userId } } }');
    const held = await demo.leave(users.nodes);
    const { page, complaints, close } = await open();
    await page.getByText(said(`${held.length} 人的移除等你批准`)).waitFor();
    await page.getByText('1 个 Confluence 用户没找到人').waitFor();
    await look(page, 'needs');
    await page.getByRole('link', { name: '去审批' }).click();
    await page.waitForURL('**/console/sync/removals');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('shows a change as it happens', async () => {
    const { page, complaints, close } = await open();
    await settled(page);
    await demo.edit({ edit: 'hire', userid: 'overview-live', name: '刚刚到', departments: [1] });
    await page.getByRole('region', { name: '最新变化' }).getByRole('link', { name: '刚刚到' }).waitFor();
    assert.deepEqual(complaints, []);
    await close();
  });

  test('shows a reader what they may see, and names what they lack', async () => {
    const { page, complaints, close } = await open({ as: demo.tokenWith('directory:read') });
    await page.getByRole('heading', { name: '看不到投递情况' }).waitFor();
    await page.getByText('message:read').waitFor();
    await page.getByRole('region', { name: '镜像的状态' }).waitFor();
    await look(page, 'reader');
    assert.deepEqual(complaints, []);
    await close();
  });

  for (const [language, theme, width] of [
    ['en', 'dark', 1440],
    ['en', 'light', 390],
    ['zh', 'dark', 1024],
  ]) {
    test(`is readable: ${language}, ${theme}, ${width} px`, async () => {
      const { page, complaints, close } = await open({ language, theme, width });
      await look(page, `${language}-${theme}-${width}`);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
});
