// The console's messages: written, sent, followed to READ, taken back, as a person does it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, settled, strayTexts } from './support/browser.mjs';
import { control, query, readerToken, serverUrl, simulatorUrl, until } from './support/env.mjs';

describe('the messages page', { concurrency: 1 }, () => {
  let browser;
  let page;
  let complaints;
  let people;
  // Of this run alone: the simulated DingTalk drops what somebody had already.
  const run = Date.now();
  const update = `页面更新：路线图 ${run}`;
  const mistake = `撤回试试 ${run}`;

  before(async () => {
    const data = await query('{ users(first: 8, filter: { active: true }) { nodes { userId name } } }');
    people = data.users.nodes;
    browser = await launch();
    ({ page, complaints } = await browser.open({ path: '/console/messages' }));
  });
  after(() => browser?.close());

  /** The sends that the simulated DingTalk took whose content has this text. */
  const sends = async (text) => (await control('messages')).tasks.filter(({ msg }) => JSON.stringify(msg).includes(text));
  const received = (text) => until(`DingTalk to receive ${text}`, async () => (await sends(text))[0]);

  const button = (name) => page.getByRole('button', { name });
  const recipient = (text) => page.locator('.recipient').filter({ hasText: text });

  /** Chooses somebody by typing their name. */
  async function choose(name) {
    await page.getByRole('combobox', { name: '发给' }).fill(name);
    await page.getByRole('option', { selected: true }).filter({ hasText: name }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('.receivers-token').filter({ hasText: name }).waitFor();
  }

  /** Each way of a page's looks has to pass, too. */
  async function isSound(name) {
    await settled(page);
    await page.screenshot({ path: join(artifacts, `messages-${name}.png`), fullPage: true });
    assert.deepEqual(await strayTexts(page), [], name);
    assert.deepEqual(await findings(page), [], name);
    assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways`);
  }

  test('says what is missing before it sends anything, and moves to it', async () => {
    await page.getByRole('link', { name: '写消息' }).first().click();
    await page.getByRole('heading', { level: 1, name: '写消息' }).waitFor();
    await button(/^\W*发送\W*$/).click();
    await page.getByText('还没有选收件人').waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox');
    await isSound('compose-empty');
  });

  test('finds somebody by typing, shows the message as DingTalk does, and says whom it reaches before it is sent', async () => {
    await choose(people[0].name);
    await page.getByRole('combobox', { name: '发给' }).fill('nobody@nowhere.example');
    await page.keyboard.press('Enter');
    await page.getByRole('radio', { name: '卡片' }).check({ force: true });
    await page.getByLabel('标题').fill(update);
    await page.getByLabel('正文').fill(`### ${update}\n改了 **三处**`);
    await page.getByLabel('第 1 个按钮的文字').fill('打开页面');
    await page.getByLabel('第 1 个按钮的链接').fill('https://wiki.example.com/x');

    const phone = page.getByRole('figure', { name: '钉钉手机上的样子' });
    await phone.getByText('三处').waitFor();
    await phone.getByText('打开页面').waitFor();
    for (const line of ['1 人会收到', '1 个收不到', '1 次发送调用']) await page.getByText(line).waitFor();
    await isSound('compose');
    assert.equal((await sends(update)).length, 0, 'a preview sends nothing');
  });

  test('sends it, and follows it to READ without being loaded again', async () => {
    await button('发给 1 人').click();
    await page.getByRole('heading', { level: 2, name: update }).waitFor();
    const { task_id, receivers } = await received(update);
    await fetch(`${simulatorUrl}/control/messages/read`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ task_id, userid: receivers[0].userid }),
    });
    await recipient(people[0].name).getByText('已读').waitFor({ timeout: 90_000 });
    await recipient('nobody@nowhere.example').getByText('没找到人').waitFor();
    await isSound('message');
  });

  test('filters recipients by state, and keeps that in the address', async () => {
    await page.getByRole('group', { name: '只看某个状态的收件人' }).getByRole('link', { name: '没找到人' }).click();
    await page.waitForURL(/state=UNMATCHED/);
    await recipient(people[0].name).waitFor({ state: 'detached' });
    await page.reload();
    await recipient('nobody@nowhere.example').waitFor();
    assert.equal(await page.locator('.recipient').count(), 1);
  });

  test('shows the calls and what DingTalk was given', async () => {
    await page.getByRole('navigation', { name: '消息' }).getByRole('link', { name: '调用' }).click();
    await page.getByRole('cell', { name: '钉钉收下了' }).waitFor();
    await page.getByRole('navigation', { name: '消息' }).getByRole('link', { name: '内容' }).click();
    await page.getByText('发给钉钉的原文').click();
    await page.getByText('"msgtype": "action_card"').waitFor();
    await isSound('content');
  });

  test('takes a message back, after it has said from whom', async () => {
    const to = people.slice(1, 4).map(({ userId }) => `to=user:${encodeURIComponent(userId)}`);
    await page.goto(`${serverUrl}/console/messages/new?${to.join('&')}`);
    for (const { name } of people.slice(1, 4)) await page.locator('.receivers-token').filter({ hasText: name }).waitFor();
    await page.getByRole('radio', { name: '文字' }).check({ force: true });
    await page.getByLabel('正文').fill(mistake);
    await button('发给 3 人').click();
    await page.getByRole('heading', { level: 2, name: mistake }).waitFor();
    await received(mistake);

    await button('撤回 3 人').click();
    const dialog = page.getByRole('dialog', { name: '撤回这条消息' });
    await dialog.getByText('钉钉会从对话里收回').waitFor();
    await isSound('recall');
    await dialog.getByRole('button', { name: '撤回 3 人' }).click();
    await page.getByText('撤回了它').waitFor();
    await until('DingTalk to have taken it back', async () => (await sends(mistake))[0].recalled_at);
    await page.locator('.recipient').getByText('已撤回').first().waitFor({ timeout: 60_000 });
    // They aren't among those to whom it wasn't meant to go.
    const recalled = '{ messages(first: 20, filter: { recipientStates: [RECALLED] }) { nodes { title } } }';
    await until('all to be taken back', async () => (await query(recalled)).messages.nodes.some(({ title }) => title === mistake));
    await page.goto(`${serverUrl}/console/messages?group=recalled`);
    await page.getByRole('region', { name: '消息列表' }).getByText(mistake).waitFor();
  });

  test('sends a message again to whom it did not reach, after they were linked by hand', async () => {
    const email = `again-${run}@nowhere.example`;
    const text = `再发试试 ${run}`;
    const { sendMessage } = await query('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
      input: { recipients: { identities: [{ email }] }, content: { text: { content: text } } },
    });
    // As long as nobody is found for them, nothing can be sent, and it says so.
    await page.goto(`${serverUrl}/console/messages/${sendMessage.message.id}`);
    // The remedy is about them, and not a list that they are somewhere in.
    await recipient(email).getByRole('link', { name: '去认人' }).click();
    await page.waitForURL('**/matching/who');
    await page.locator('.who-results').getByText(email, { exact: true }).first().waitFor();
    await page.goBack();

    await button('再发一次').click();
    const before = page.getByRole('dialog', { name: '再发给没收到的人' });
    await before.getByText('没有人会收到：').waitFor();
    assert.equal(await before.getByRole('button', { name: '再发一次' }).isDisabled(), true);
    await isSound('resend-nobody');

    const { linkIdentity } = await query(
      'mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { userErrors { message } } }',
      { input: { identity: { email }, userId: people[7].userId, reason: '同一个人' } },
    );
    assert.deepEqual(linkIdentity.userErrors, []);

    await page.goto(`${serverUrl}/console/messages/${sendMessage.message.id}`);
    await button('再发一次').click();
    const dialog = page.getByRole('dialog', { name: '再发给没收到的人' });
    assert.equal(await dialog.getByRole('checkbox', { name: '没找到人' }).isChecked(), true);
    await dialog.getByText('1 人会收到').waitFor();
    await isSound('resend');
    assert.equal((await sends(text)).length, 0, 'a preview sends nothing');

    await dialog.getByRole('button', { name: '发给 1 人' }).click();
    await page.getByText('的再发').waitFor();
    const { receivers } = await received(text);
    assert.deepEqual(receivers.map(({ userid }) => userid), [people[7].userId]);
    await page.getByRole('link', { name: text, exact: true }).click();
    await page.waitForURL(`**/messages/${sendMessage.message.id}`);
    await page.getByText('后来又发过：').waitFor();
    await isSound('resent');
  });

  test('the ledger has what was sent, counted by group; a group shows its messages', async () => {
    await page.getByRole('navigation', { name: '页面' }).getByRole('link', { name: '消息' }).click();
    const list = page.getByRole('region', { name: '消息列表' });
    await list.getByText(update).waitFor();
    await list.getByText(mistake).waitFor();
    await isSound('ledger');
    await page.getByRole('group', { name: '筛选' }).getByRole('link', { name: '没到' }).click();
    await page.waitForURL(/group=failed/);
    await list.getByText(mistake).waitFor({ state: 'detached' });
    await list.getByText(update).waitFor();
  });

  test('a message that somebody else sends comes into the list by itself', async () => {
    await page.goto(`${serverUrl}/console/messages`);
    const list = page.getByRole('region', { name: '消息列表' });
    await list.getByText(update).waitFor();
    await query('mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id } } }', {
      input: { recipients: { userIds: [people[6].userId] }, content: { text: { content: `值班表 ${run}` } } },
    });
    await list.getByText(`值班表 ${run}`).waitFor({ timeout: 20_000 });
  });

  test('keeps a template, fills it in, and sends with it', async () => {
    const name = `page-${run}`;
    await page.goto(`${serverUrl}/console/messages/templates/new`);
    await page.getByLabel('名字').fill(name);
    await page.getByLabel('标题').fill('{{ page }} 更新了');
    await page.getByLabel('正文').fill('**{{ who }}** 改了 {{ page }}');
    await button('保存').click();
    await page.getByRole('heading', { level: 2, name }).waitFor();
    await page.getByLabel('page', { exact: true }).fill(`周报 ${run}`);
    await page.getByLabel('who', { exact: true }).fill('陈诗');
    await page.getByRole('figure').getByText('陈诗').waitFor();
    await isSound('template');

    await page.getByRole('link', { name: '用它发消息' }).click();
    await choose(people[5].name);
    await page.getByLabel('page', { exact: true }).fill(`周报 ${run}`);
    await page.getByLabel('who', { exact: true }).fill('陈诗');
    await button('发给 1 人').click();
    await page.getByRole('heading', { level: 2, name: `周报 ${run} 更新了` }).waitFor();
    await received(`周报 ${run} 更新了`);
  });

  test('a reader without permissions is told which one they lack', async () => {
    const reader = await browser.open({ path: '/console/messages', as: readerToken });
    await reader.page.getByText('message:read').waitFor();
    assert.equal(await reader.page.getByRole('link', { name: '写消息' }).count(), 0);
    await reader.page.goto(`${serverUrl}/console/messages/new`);
    await reader.page.getByText('message:send').waitFor();
    assert.deepEqual(reader.complaints, []);
    await reader.close();
  });

  for (const [language, theme, width] of [
    ['en', 'dark', 1440],
    ['en', 'light', 1024],
    ['zh', 'dark', 390],
  ]) {
    test(`every part is accessible and translated: ${language}, ${theme}, ${width} px`, async () => {
      const own = await browser.open({ path: '/console/messages', language, theme, width });
      await own.page.locator('.ledger-row').first().click();
      await own.page.locator('.recipient').first().waitFor();
      const message = new URL(own.page.url()).pathname;
      for (const path of [message, `${message}/content`, '/console/messages/new', '/console/messages/templates']) {
        await own.page.goto(`${serverUrl}${path}`);
        await own.page.locator('h1').waitFor();
        await settled(own.page);
        const name = `${path.replace(message, 'message').replaceAll('/', '-')}-${language}-${theme}-${width}`;
        await own.page.screenshot({ path: join(artifacts, `messages${name}.png`), fullPage: true });
        assert.deepEqual(await strayTexts(own.page), [], name);
        assert.deepEqual(await findings(own.page), [], name);
        assert.ok((await overflow(own.page)) <= 0, `${name} scrolls sideways`);
      }
      assert.deepEqual(own.complaints, []);
      await own.close();
    });
  }

  test('nothing complained', () => assert.deepEqual(complaints, []));
});
