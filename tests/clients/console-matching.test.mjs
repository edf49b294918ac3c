// The console's page of matching, as an administrator uses it: Chromium, every outside host blocked.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { artifacts, findings, launch, overflow, settled, strayTexts } from './support/browser.mjs';
import { query, readerToken, serverUrl, until } from './support/env.mjs';

const PATIENCE = { timeout: 30_000 };
/** Whoever runs this twice on one server asks for others. */
const RUN = Date.now().toString(36);
const [LOST, ALSO_LOST] = [`认不出的人${RUN}`, `又一个认不出的人${RUN}`];
const KEYS = ['one', 'two'].map((each) => Buffer.from(`${RUN}${each}`).toString('hex').padEnd(32, '0'));

/** Asks who they are, which is how the server comes to know Confluence users; waits until it does. */
async function makeKnown(identities) {
  const count = async () => (await query('{ matchingCensus { knownIdentities } }')).matchingCensus.knownIdentities;
  const had = await count();
  const document = 'query ($them: [ConfluenceIdentityInput!]!) { resolve(identities: $them) { status } }';
  const { resolve } = await query(document, { them: identities });
  await until('the identities to be known', async () => (await count()) >= had + identities.length);
  return resolve.map(({ status }) => status);
}

const resolveOne = async (identity) => {
  const document = 'query ($them: [ConfluenceIdentityInput!]!) { resolve(identities: $them) { status rule user { userId } } }';
  return (await query(document, { them: [identity] })).resolve[0];
};

describe('the console’s page of matching', { concurrency: 1 }, () => {
  let browser;
  let window;
  let page;
  /** An email address that several have, and those who have it. */
  let shared;
  /** People with an email address and a job number that nobody else has. */
  let people;

  before(async () => {
    browser = await launch();
    const { matchingCensus, users } = await query(`{
      matchingCensus(method: EMAIL_TO_EMAIL) { sharedKeys(first: 1) { nodes { key users { userId name } } } }
      users(first: 300, filter: { active: true }) { nodes { userId name email orgEmail jobNumber } }
    }`);
    [shared] = matchingCensus.sharedKeys.nodes;
    const once = (field) => {
      const values = users.nodes.map((user) => user[field]?.toLowerCase()).filter(Boolean);
      return (value) => !!value && values.filter((each) => each === value.toLowerCase()).length === 1;
    };
    const [email, jobNumber] = [once('email'), once('jobNumber')];
    people = users.nodes.filter((user) => email(user.email) && jobNumber(user.jobNumber) && user.email !== shared.key);
    assert.ok(people.length > 10, `only ${people.length} people have an address and a number of their own`);

    const statuses = await makeKnown([
      { displayName: LOST, username: `one.${RUN}`, email: shared.key, userKey: KEYS[0] },
      { displayName: ALSO_LOST, username: `two.${RUN}`, email: shared.key, userKey: KEYS[1] },
      { displayName: people[0].name, username: `nobody.${RUN}`, email: `nobody.${RUN}@elsewhere.example` },
      // By the other method this one is somebody else, and that one nobody.
      { displayName: people[1].name, username: people[2].jobNumber, email: people[1].email, userKey: `${KEYS[0].slice(0, -1)}f` },
      { displayName: people[3].name, username: `no.number.${RUN}`, email: people[3].email },
    ]);
    assert.deepEqual(statuses, ['AMBIGUOUS', 'AMBIGUOUS', 'UNMATCHED', 'MATCHED', 'MATCHED']);
    window = await browser.open({ path: '/console/matching', height: 1000 });
    ({ page } = window);
    // Here texts are looked for as a reader sees them.
    await page.addInitScript(() => localStorage.removeItem('dingmirror:mark-texts'));
  });

  after(() => browser?.close());

  const go = async (path) => {
    await page.goto(`${serverUrl}/console${path}`);
    await page.getByRole('heading', { level: 1, name: '匹配' }).waitFor(PATIENCE);
  };
  const screenshot = (name) => page.screenshot({ path: join(artifacts, `${name}.png`), fullPage: true });

  test('shows what both methods achieve, and what the known Confluence users come to', async () => {
    await go('/matching');
    await page.getByRole('heading', { name: '邮箱 ↔ 邮箱' }).waitFor(PATIENCE);
    await page.getByRole('heading', { name: '用户名 ↔ 工号' }).waitFor(PATIENCE);
    const { email } = await query('{ email: matchingCensus(method: EMAIL_TO_EMAIL) { usersSharingAKey knownIdentities } }');
    await page.getByRole('heading', { name: `已知的 ${email.knownIdentities} 个 Confluence 用户` }).waitFor(PATIENCE);
    await screenshot('matching');

    await page.getByRole('link', { name: `与别人共用：${email.usersSharingAKey} 人，看名单` }).click();
    const list = page.getByRole('dialog', { name: '共用的邮箱' });
    await list.getByText(shared.key).waitFor(PATIENCE);
    await page.keyboard.press('Escape');
    await list.waitFor({ state: 'hidden' });
  });

  test('resolves an ambiguous Confluence user by hand, with a reason, and takes it back', async () => {
    await go('/matching/ambiguous');
    await page.getByRole('link', { name: new RegExp(`^${LOST}`) }).click();
    const compared = page.getByRole('region', { name: '对上的钉钉用户，并排比较' });
    for (const { userId } of shared.users) await compared.getByText(userId, { exact: true }).waitFor(PATIENCE);

    await page.getByLabel('理由').fill('问过本人');
    await page.getByRole('button', { name: /^就是/ }).nth(1).click();
    const said = page.getByRole('status').filter({ hasText: `已把 ${LOST} 关联到` });
    await said.waitFor(PATIENCE);
    await screenshot('matching-linked');

    const { identityLinks } = await query('{ identityLinks(last: 1) { nodes { userId reason identity { username email userKey } } } }');
    const link = identityLinks.nodes.at(-1);
    assert.ok(shared.users.some(({ userId }) => userId === link.userId));
    assert.deepEqual(
      { reason: link.reason, ...link.identity },
      { reason: '问过本人', username: `one.${RUN}`, email: shared.key, userKey: KEYS[0] },
    );
    // The keyboard goes on at the next one.
    await page.waitForFunction((name) => {
      const { activeElement } = document;
      return activeElement?.matches('.identity-row[aria-current="true"]') && !activeElement.textContent.startsWith(name);
    }, LOST);

    await said.getByRole('button', { name: '撤销' }).click();
    await said.waitFor({ state: 'hidden' });
    assert.equal((await resolveOne({ username: `one.${RUN}`, email: shared.key })).status, 'AMBIGUOUS');
  });

  test('moves in the list by the arrow keys', async () => {
    await go('/matching/ambiguous');
    const rows = page.getByRole('list', { name: /^Confluence 用户名单/ }).getByRole('link');
    await rows.first().waitFor(PATIENCE);
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const name = await rows.nth(1).locator('b').innerText();
    await page.getByRole('heading', { level: 2, name: new RegExp(`^${name}`) }).waitFor(PATIENCE);
  });

  test('finds somebody by pinyin for one whom nobody fits, and links them', async () => {
    await go('/matching/unmatched');
    await page.getByRole('link', { name: new RegExp(`nobody\\.${RUN}`) }).click();
    await page.getByText('没有对上任何钉钉用户。').waitFor(PATIENCE);
    const wanted = people[4];
    const field = page.getByRole('combobox', { name: '找钉钉用户' });
    await field.fill(wanted.jobNumber);
    await page.getByRole('option', { name: new RegExp(wanted.name) }).first().waitFor(PATIENCE);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: new RegExp(`^就是.*${wanted.name}`) }).last().click();
    await page.getByText(`已把 ${people[0].name} 关联到`).waitFor(PATIENCE);
    assert.deepEqual(await resolveOne({ username: `nobody.${RUN}` }), {
      status: 'MATCHED',
      rule: 'LINK',
      user: { userId: wanted.userId },
    });
  });

  test('lists links, says who made them, and removes one', async () => {
    await go('/matching/links');
    const row = page.getByRole('row').filter({ hasText: `nobody.${RUN}@` });
    await row.getByRole('link', { name: '历史' }).click();
    const history = page.getByRole('dialog', { name: '这个关联的历史' });
    await history.getByText('建立').waitFor(PATIENCE);
    await page.keyboard.press('Escape');

    await row.getByRole('button', { name: '取消关联' }).click();
    const dialog = page.getByRole('dialog', { name: '取消 1 个人工关联' });
    await dialog.getByLabel('理由').fill('试过了');
    await dialog.getByRole('button', { name: '取消关联' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await row.waitFor({ state: 'detached' });
    assert.equal((await resolveOne({ username: `nobody.${RUN}` })).status, 'UNMATCHED');
  });

  test('answers who a pasted list is, and gives it as a file', async () => {
    await go('/matching/who');
    const [one] = people;
    const lines = [
      one.email.toUpperCase(),
      `${people[3].name} <${people[3].email}>`,
      `"某人, 某部" <${shared.key}>`,
      'nobody.at.all@elsewhere.example',
    ];
    await page.getByRole('button', { name: '查这些人' }).click();
    await page.getByText('先粘贴至少一个 Confluence 用户').waitFor(PATIENCE);
    await page.getByLabel('粘贴 Confluence 用户').fill(lines.join('\n'));
    await page.getByRole('button', { name: '查这些人' }).click();

    const table = page.getByRole('region', { name: '查到的' }).getByRole('table');
    await table.waitFor(PATIENCE);
    await page.waitForFunction(() => document.activeElement?.matches('.who-results'));
    const statuses = await table.getByRole('row').evaluateAll((rows) =>
      rows.slice(1).map((row) => row.querySelectorAll('td')[1].innerText.trim()),
    );
    assert.deepEqual(statuses, ['已匹配', '已匹配', '对上多人', '没找到']);

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '下载 4 行 CSV' }).click(),
    ]);
    const csv = await readFile(await download.path(), 'utf8');
    const [header, first, ...rest] = csv.replace('\ufeff', '').trim().split('\r\n');
    assert.match(header, /^displayName,username,email,userKey,accountId,status,userId,name,/);
    assert.ok(first.includes('MATCHED') && first.includes(one.userId), first);
    assert.equal(rest.length, 3);
    assert.ok(rest[1].startsWith('"某人, 某部",'), rest[1]);

    await page.getByRole('button', { name: /^没找到/ }).click();
    await page.getByRole('button', { name: '下载 1 行 CSV' }).waitFor(PATIENCE);
    // What was asked for stands in one line.
    const asked = table.getByText(lines[3], { exact: true });
    assert.ok((await asked.boundingBox()).height < 30);
  });

  test('leads from an answer to that very Confluence user', async () => {
    const email = `not.the.first.${RUN}@elsewhere.example`;
    await go('/matching/who');
    const { unmatched } = (await query('{ matchingCensus { unmatched } }')).matchingCensus;
    assert.ok(unmatched > 0, 'another one is the first of the list');
    await page.getByLabel('粘贴 Confluence 用户').fill(email.toUpperCase());
    await page.getByRole('button', { name: '查这些人' }).click();
    await page.getByRole('button', { name: '去找人' }).click();
    await page.waitForURL(/\/matching\/unmatched\?id=/);
    await page.getByRole('heading', { level: 2, name: new RegExp(email, 'i') }).waitFor(PATIENCE);

    // The list of people is in sight as a whole, however far down its field stands.
    const field = page.getByRole('combobox', { name: '找钉钉用户' });
    await page.setViewportSize({ width: 1280, height: 700 });
    await field.fill('wang');
    const list = page.getByRole('listbox');
    await list.getByRole('option').first().waitFor(PATIENCE);
    await until('the list to be in sight', () =>
      list.evaluate((its) => {
        const { left, bottom } = its.getBoundingClientRect();
        return its.contains(document.elementFromPoint(left + 20, bottom - 8));
      }),
    );
    await page.setViewportSize({ width: 1440, height: 1000 });
  });

  test('tries an import, tells each line’s mistake, and writes it once it is right', async () => {
    await go('/matching/import');
    const right = `userId,username,reason\r\n${people[5].userId},imported.${RUN},试\r\n`;
    await page.locator('input[type=file]').setInputFiles({
      name: 'links.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`${right}no-such-user,imported.two,试\r\n`),
    });
    await page.getByRole('button', { name: '试一遍，不写入' }).click();
    const mistakes = page.getByRole('region', { name: '有错的行' });
    await mistakes.getByRole('row').nth(1).getByText('3', { exact: true }).waitFor(PATIENCE);
    assert.equal(await page.getByRole('button', { name: /^写入/ }).count(), 0);

    await page.getByRole('textbox', { name: '内容' }).fill(right);
    await page.getByRole('button', { name: '试一遍，不写入' }).click();
    await page.getByText('每一行都可以，还没有写入。').waitFor(PATIENCE);
    assert.equal((await resolveOne({ username: `imported.${RUN}` })).status, 'UNMATCHED');
    await page.getByRole('button', { name: '写入 1 个关联' }).click();
    await page.getByText('写入了 1 个关联，立刻生效。').waitFor(PATIENCE);
    assert.equal((await resolveOne({ username: `imported.${RUN}` })).user.userId, people[5].userId);
  });

  test('shows a changed match as it happens', async () => {
    await go('/matching/changes');
    await page.getByText('谁在什么时候变成了另一个人').waitFor(PATIENCE);
    const identity = { username: `two.${RUN}`, email: shared.key, userKey: KEYS[1] };
    const [{ userId }] = shared.users;
    const { linkIdentity } = await query(
      'mutation ($input: LinkIdentityInput!) { linkIdentity(input: $input) { link { id } userErrors { message } } }',
      { input: { identity, userId } },
    );
    assert.deepEqual(linkIdentity.userErrors, []);
    // Others who were asked for by the same address change at the same moment.
    const rows = page.getByRole('list', { name: '变化' }).getByRole('listitem');
    await rows.filter({ hasText: ALSO_LOST }).filter({ hasText: '对上多人' }).first().waitFor(PATIENCE);
    await screenshot('matching-changes');
  });

  test('rehearses the other method, and changes to it only when everybody was looked at', async () => {
    await go('/matching/rehearse?to=USERNAME_TO_JOB_NUMBER');
    await page.getByRole('heading', { name: '演练：改成「用户名 ↔ 工号」' }).waitFor(PATIENCE);
    const row = page.getByRole('row').filter({ hasText: people[1].email });
    await row.getByText(people[2].name).waitFor(PATIENCE);
    await screenshot('matching-rehearsal');

    const change = page.getByRole('button', { name: /^改用工号，影响 \d+ 人$/ });
    await change.click();
    await page.getByText(/^还有 \d+ 人没看过，看过才能改。$/).waitFor(PATIENCE);
    const method = async () => (await query('{ settings { matchingMethod } }')).settings.matchingMethod;
    assert.equal(await method(), 'EMAIL_TO_EMAIL');

    const ticks = page.getByRole('checkbox', { name: /^看过了/ });
    for (const tick of await ticks.all()) await tick.check();
    await change.click();
    await page.getByText('现行的就是「用户名 ↔ 工号」。').waitFor(PATIENCE);
    assert.equal(await method(), 'USERNAME_TO_JOB_NUMBER');
    assert.equal((await resolveOne({ username: people[2].jobNumber, email: people[1].email })).user.userId, people[2].userId);

    // Back, the same way.
    await go('/matching/rehearse?to=EMAIL_TO_EMAIL');
    const back = page.getByRole('button', { name: /^改用邮箱，影响 \d+ 人$/ });
    await back.waitFor(PATIENCE);
    for (const tick of await page.getByRole('checkbox', { name: /^看过了/ }).all()) await tick.check();
    await back.click();
    await page.getByText('现行的就是「邮箱 ↔ 邮箱」。').waitFor(PATIENCE);
    assert.equal(await method(), 'EMAIL_TO_EMAIL');
  });

  test('complains of nothing, and asks no other host', () => assert.deepEqual(window.complaints, []));

  test('tells a reader without permissions what they lack', async () => {
    const reader = await browser.open({ as: readerToken, path: '/console/matching/ambiguous' });
    await reader.page.getByText('看不到匹配情况').waitFor(PATIENCE);
    await reader.page.getByText('identity:read').first().waitFor(PATIENCE);
    assert.deepEqual(await findings(reader.page), []);
    assert.deepEqual(reader.complaints, []);
    await reader.close();
  });

  /** Each tab, and what is there once it has everything. */
  const TABS = {
    'ambiguous': '.identity-row',
    'ambiguous?id=': '.candidates',
    'unmatched': '.identity-row',
    'known?status=MATCHED': '.identity-row',
    'links': '.table tbody tr',
    'who': '.who-form',
    'import': '.import-drop',
    'rehearse?to=USERNAME_TO_JOB_NUMBER': '.rehearse-foot',
    'changes': '.change-row',
    'ambiguous?behind=shared&of=EMAIL_TO_EMAIL': '.dialog li',
    'ambiguous?behind=without&of=USERNAME_TO_JOB_NUMBER': '.dialog li',
    'links?new': '.dialog .field',
  };
  for (const [language, theme, width] of [
    ['zh', 'light', 1440],
    ['en', 'dark', 1440],
    ['en', 'light', 1024],
    ['zh', 'dark', 390],
    ['en', 'light', 390],
  ]) {
    test(`is accessible and translated in every tab: ${language}, ${theme}, ${width} px`, async () => {
      const look = await browser.open({ language, theme, width, path: '/console/matching' });
      const { matchingCensus } = await query('{ matchingCensus { identities(statuses: [AMBIGUOUS], first: 1) { nodes { id } } } }');
      for (const [tab, content] of Object.entries(TABS)) {
        const path = tab.endsWith('id=') ? tab + matchingCensus.identities.nodes[0].id : tab;
        await look.page.evaluate((to) => history.pushState(null, '', to), `/console/matching/${path}`);
        await look.page.locator(content).first().waitFor(PATIENCE);
        await settled(look.page);
        const name = tab.replaceAll(/\W+/g, '-');
        await look.page.screenshot({
          path: join(artifacts, `matching-${name}-${language}-${theme}-${width}.png`),
          fullPage: true,
        });
        assert.deepEqual(await strayTexts(look.page), [], tab);
        assert.deepEqual(await findings(look.page), [], tab);
        assert.ok((await overflow(look.page)) <= 0, `${tab} scrolls sideways`);
      }
      assert.deepEqual(look.complaints, []);
      await look.close();
    });
  }
});
