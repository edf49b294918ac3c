// The console's page of syncs, held removals and changes, beside a company that changes meanwhile.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, plain, said, settled, strayTexts } from './support/browser.mjs';
import { startDemo } from './support/demo.mjs';
import { until } from './support/env.mjs';

/** More people than this at once are not removed without approval. */
const LIMIT = 10;
const LEAVING = LIMIT + 6;

describe('the page of syncs', { concurrency: 1 }, () => {
  let demo;
  let browser;
  before(async () => {
    demo = await startDemo([
      ...['--users', '120', '--departments', '20', '--seed', '7', '--sync-interval', '0'],
      ...['--removal-limit-count', String(LIMIT), '--removal-limit-percent', '100'],
    ]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await demo?.stop();
  });

  const open = async (path, options) => {
    const its = await browser.open({ url: demo.url, as: demo.token, path, ...options });
    its.page.setDefaultTimeout(60_000);
    return its;
  };

  /** Axe, texts and width of what is shown, and a picture of it. */
  async function look(page, name) {
    await settled(page);
    await page.screenshot({ path: join(artifacts, `sync-${name}.png`), fullPage: true });
    assert.deepEqual(await findings(page), [], name);
    assert.deepEqual(await strayTexts(page), [], name);
    assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways`);
  }

  const someOf = async (count) => {
    const { users } = await demo.query('query ($first: Int!) { users(first: $first) { nodes { userId name } } }', { first: count });
    return users.nodes;
  };

  test('a run is started, watched to its end, and then stands in the history with its evidence', async () => {
    const { page, complaints, close } = await open('/console/sync');
    await settled(page);
    await page.getByRole('button', { name: '立即同步' }).click();
    await page.getByRole('radio', { name: said('完整读取') }).first().check();
    await look(page, 'start');
    await page.getByRole('button', { name: said('开始完整读取') }).click();

    await page.getByRole('button', { name: '正在同步' }).waitFor();
    await page.getByRole('progressbar').first().waitFor();
    await page.screenshot({ path: join(artifacts, 'sync-running.png'), fullPage: true });
    await page.getByText('现在没有同步在进行').waitFor({ timeout: 180_000 });
    await page.getByText('下一次没有排定').waitFor();

    const { syncRuns } = await demo.query('{ syncRuns(first: 2) { nodes { id number mode phases { phase } verdict counts { totalCalls } evidence { usersByDepartments } } } }');
    const [run] = syncRuns.nodes;
    assert.equal(run.mode, 'FULL');
    const row = page.locator('tbody tr').filter({ has: page.locator(`a[href$="${run.id}"]`) });
    await row.locator('.pill').filter({ hasText: '完整' }).waitFor();
    await row.getByRole('link').click();
    await page.waitForURL(`**/console/sync/${run.id}`);
    await settled(page);
    await page.getByRole('heading', { name: new RegExp(`#${run.number}\\b`) }).waitFor();
    assert.deepEqual(run.phases.map(({ phase }) => phase), ['PLANNING', 'CRAWLING', 'VERIFYING', 'APPLYING']);
    assert.equal(await page.locator('.timeline li.done').filter({ hasText: '做完' }).count(), 0, 'each phase says how long it took');

    const evidence = page.getByRole('table', { name: '这次同步的依据，按数字列出' });
    const told = await evidence.getByRole('row', { name: said('部门名单里的人', { begins: true }) }).getByRole('cell').innerText();
    assert.equal(plain(told), String(run.evidence.usersByDepartments));
    await page.getByText(said(`共 ${run.counts.totalCalls} 次调用`)).waitFor();
    await look(page, 'run');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a dry run lists what would change, and changes nothing', async () => {
    const [{ userId, name }] = await someOf(1);
    const { page, complaints, close } = await open('/console/sync');
    const { startSync } = await demo.query('mutation { startSync(input: { mode: DRY_RUN }) { run { id } } }');
    await page.getByText(/试跑\W*#/).first().waitFor();
    await page.getByText('现在没有同步在进行').waitFor({ timeout: 180_000 });
    await page.evaluate((id) => history.pushState(null, '', `/console/sync/${id}`), startSync.run.id);
    await page.getByText('试跑：只看会改什么，什么也没有写入。').waitFor();
    await page.getByRole('heading', { name: '会改动' }).waitFor();
    const phases = plain(await page.locator('.timeline').innerText());
    assert.match(phases, /比较/);
    assert.doesNotMatch(phases, /写入|要么全写/);
    const { user } = await demo.query('query ($userId: String!) { user(userId: $userId) { name } }', { userId });
    assert.equal(user.name, name);
    assert.deepEqual(complaints, []);
    await close();
  });

  test('an event arrives live at the top, and waits there while somebody reads below', async () => {
    const { page, complaints, close } = await open('/console/sync/changes');
    await settled(page);
    await page.getByText(said('实时', { whole: true })).waitFor();
    await demo.edit({ edit: 'hire', userid: 'live-1', name: '新来一', departments: [1] });
    const rows = page.locator('.change');
    await rows.first().filter({ hasText: '新来一' }).waitFor();
    assert.match(plain(await rows.first().innerText()), /加入[^]*钉钉事件/);

    await page.evaluate(() => scrollTo(0, 700));
    const first = await rows.first().innerText();
    await demo.edit({ edit: 'update_user', userid: 'live-1', fields: { title: '见习' } });
    const arrived = page.getByRole('button', { name: /条新的/ });
    await arrived.waitFor();
    assert.equal(await rows.first().innerText(), first, 'nothing moved');
    await arrived.click();
    await rows.first().filter({ hasText: '见习' }).waitFor();
    assert.equal(await page.evaluate(() => scrollY), 0);
    await look(page, 'changes');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('what the feed is filtered by stands in the address', async () => {
    const { page, complaints, close } = await open('/console/sync/changes?cause=EVENT');
    await page.getByRole('link', { name: '新来一' }).first().waitFor();
    const told = await page.locator('.change').allInnerTexts();
    assert.ok(told.length > 0 && told.every((text) => plain(text).includes('钉钉事件')), told.join('\n'));

    await page.getByRole('button', { name: said('变化', { whole: true }) }).click();
    await page.getByRole('checkbox', { name: '内容改变' }).check();
    await page.keyboard.press('Escape');
    await page.waitForURL('**/changes?cause=EVENT&kind=UPDATED');
    await page.getByText('见习').waitFor();
    await page.locator('.change').filter({ hasText: '加入' }).first().waitFor({ state: 'detached' });

    const field = page.getByRole('combobox', { name: '只看某人或某部门' });
    await field.fill('xinlaiyi');
    await page.getByRole('option', { name: /新来一/ }).waitFor();
    assert.deepEqual(await findings(page), []);
    await field.press('Enter');
    await page.waitForURL('**user=live-1');
    await page.reload();
    await page.getByRole('button', { name: /去掉条件.*新来一/ }).waitFor();
    await look(page, 'filtered');

    await page.getByRole('button', { name: '全部清除' }).first().click();
    await page.waitForURL('**/sync/changes');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('held removals are approved and rejected one by one, and who is back stays', async () => {
    const leaving = await someOf(LEAVING);
    const held = await demo.leave(leaving);
    const [removed, kept, back] = held;
    await demo.edit({ edit: 'hire', userid: back.entityId, departments: [1] });
    // DingTalk's event tells of it, and their removal is withdrawn.
    const stateOf = async (userId) =>
      (await demo.query('query ($userId: String!) { user(userId: $userId) { state } }', { userId })).user.state;
    await until('the event to be acted upon', async () => (await stateOf(back.entityId)) === 'ACTIVE', { timeout: 60_000 });

    const { page, complaints, close } = await open('/console/sync/removals');
    await settled(page);
    await page.getByRole('button', { name: '移除选中的' }).click();
    await page.getByRole('alert').filter({ hasText: '还没有勾选' }).waitFor();
    const closed = page.locator('.removal-open[aria-expanded=false]');
    while ((await closed.count()) > 0) await closed.first().click();
    await settled(page);
    const more = page.locator('.removal-more').getByRole('button');
    while ((await more.count()) > 0) await more.first().click();
    await look(page, 'removals');

    // By the keyboard alone.
    const box = page.getByRole('checkbox', { name: said(`选中${removed.user.name}`, { whole: true }) }).first();
    await box.focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: said('移除 1 人') }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('移除了 1 个。').waitFor();
    await page.waitForFunction(() => document.activeElement?.className === 'removal-outcome');
    assert.equal(await stateOf(removed.entityId), 'GONE');

    const pick = async (name) => {
      const its = page.getByRole('checkbox', { name: said(`选中${name}`, { whole: true }) }).first();
      await its.waitFor();
      await its.check();
    };
    await pick(kept.user.name);
    await page.getByRole('button', { name: said('驳回，保留 1 人') }).click();
    await page.getByText('驳回了 1 个').waitFor();

    await page.getByRole('checkbox', { name: '全选' }).check();
    await page.getByRole('button', { name: said(`移除 ${held.length - 3} 人`) }).click();
    await page.getByText(`移除了 ${held.length - 3} 个。`).waitFor();
    await page.getByText('没有移除在等人').waitFor();
    assert.equal(await stateOf(back.entityId), 'ACTIVE');

    await page.getByRole('link', { name: '已驳回 1' }).click();
    await page.waitForURL('**/sync/removals?state=rejected');
    await page.getByRole('link', { name: kept.user.name }).waitFor();
    await look(page, 'rejected');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a reader sees everything, and is told what they lack to change something', async () => {
    const reader = demo.tokenWith('directory:read');
    const { page, complaints, close } = await open('/console/sync/removals?state=rejected', { as: reader });
    await page.getByRole('link', { name: '看待批准的' }).click();
    await page.getByText('没有移除在等人').waitFor();
    await page.getByRole('button', { name: '立即同步' }).click();
    await page.getByText('你不能开始同步').waitFor();
    await page.getByText('sync:run').waitFor();
    await look(page, 'reader');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('nobody without directory:read sees it, and the lock says so', async () => {
    const { page, complaints, close } = await open('/console/sync', { as: demo.tokenWith('message:send') });
    await page.getByText('directory:read').waitFor();
    await look(page, 'locked');
    assert.deepEqual(complaints, []);
    await close();
  });

  test('a run that there is none of, or not any more, is told', async () => {
    const { page, close } = await open(`/console/sync/${Buffer.from('SyncRun:00000000-0000-7000-8000-000000000000').toString('base64url')}`);
    await page.getByText('没有这次同步').waitFor();
    await look(page, 'no-run');
    await close();
  });

  for (const [language, theme, width] of [
    ['en', 'dark', 390],
    ['en', 'light', 1024],
    ['zh', 'dark', 1440],
  ]) {
    test(`all of it is readable: ${language}, ${theme}, ${width} px`, async () => {
      const { page, complaints, close } = await open('/console/sync', { language, theme, width });
      const { syncRuns } = await demo.query('{ syncRuns(first: 1) { nodes { id } } }');
      for (const path of ['sync', 'sync/changes', 'sync/removals', 'sync/removals?state=rejected', `sync/${syncRuns.nodes[0].id}`]) {
        await page.evaluate((to) => history.pushState(null, '', `/console/${to}`), path);
        await look(page, `${path.replace(/\W+/g, '-').slice(0, 24)}-${language}-${theme}-${width}`);
      }
      assert.deepEqual(complaints, []);
      await close();
    });
  }
});
