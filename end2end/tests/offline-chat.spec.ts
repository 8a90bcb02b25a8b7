import { chromium, type BrowserContext } from '@playwright/test';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ADA, AWAY, GRACE, alive, composer, eventually, expect, messages, sequence, status, test, visit, write, type Roost } from '../fixtures/roost';

/** Ada and Grace with a conversation of a few messages. */
async function two(roost: Roost, count = 3) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (let n = 1; n <= count; n++) await roost.write(n % 2 ? ada : grace, conversation, `before ${n}`);
  return { ada, grace, conversation };
}

/** Waits until the service worker has everything that a start without a network needs. */
const ready = (page: import('@playwright/test').Page) => page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

/** What the shelf holds of a table. */
const shelved = (page: import('@playwright/test').Page, table: string) =>
  page.evaluate(async (table) => {
    const path = '/shelf.js';
    return (await import(path)).indexed().read(table, []);
  }, table);

test('without a network, Roost opens from this device: list, history, and writing', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const { ada, grace, conversation } = await two(roost);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  await ready(page);
  await eventually('is the history kept?', async () => (await shelved(page, 'log')).length === 3);

  await page.context().setOffline(true);
  await page.reload();
  await alive(page);
  await expect(messages(page)).toHaveCount(3);
  await expect(page.getByRole('link', { name: /Grace Hopper/ })).toBeVisible();
  await write(page, 'first, from the tunnel');
  await write(page, 'second, from the tunnel');
  await write(page, 'better not');
  await page.locator('[data-state=pending]').last().getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('[data-state=pending]')).toHaveCount(2);

  // A second start does not lose them either.
  await eventually('are they kept?', async () => (await shelved(page, 'outbox')).length === 2);
  await page.goto('/chat');
  await alive(page);
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await expect(page.locator('[data-state=pending]')).toHaveCount(2);

  await page.context().setOffline(false);
  await expect(page.locator('[data-state=pending], [data-state=failed]')).toHaveCount(0, { timeout: 60_000 });
  expect(await sequence(page)).toEqual([1, 2, 3, 4, 5]);
  const bodies = (await roost.history(grace, conversation)).map((message: { body: string }) => message.body);
  expect(bodies.slice(3)).toEqual(['first, from the tunnel', 'second, from the tunnel']);
  await roost.write(grace, conversation, 'you are back');
  await expect(messages(page)).toHaveCount(6);
  await eventually('is the outbox empty?', async () => (await shelved(page, 'outbox')).length === 0);
  expect(ada.username).toBe('ada');
});

test('a browser that is killed while offline sends what waits, once and in order, when it starts again', async ({ roost }) => {
  const { grace, conversation } = await two(roost, 1);
  const profile = await mkdtemp(join(tmpdir(), 'roost-profile-'));
  const executablePath = process.env.ROOST_CHROMIUM || undefined;
  const launch = () => chromium.launchPersistentContext(profile, { executablePath, baseURL: roost.url, args: ['--no-sandbox', '--disable-gpu'] });
  let context: BrowserContext = await launch();
  try {
    const answer = await context.request.post('/api/v1/session', { data: { login: ADA.username, password: ADA.password } });
    expect(answer.status()).toBe(200);
    let page = await context.newPage();
    await visit(page, `/chat/${conversation.id}`);
    await expect(messages(page)).toHaveCount(1);
    await ready(page);
    // The cookie has to be on the disk, too; browsers write it every now and then.
    const cookies = await context.cookies();
    await context.setOffline(true);
    const bodies = Array.from({ length: 5 }, (_, n) => `queued ${n + 1}`);
    for (const body of bodies) await write(page, body);
    await composer(page).fill('and a draft');
    const draft = async () => JSON.stringify(await shelved(page, 'drafts'));
    await eventually('are they kept?', async () => (await shelved(page, 'outbox')).length === 5 && (await draft()).includes('and a draft'));

    // The browser's own process, by the lock of its profile.
    const [pid] = (await readlink(join(profile, 'SingletonLock'))).split('-').slice(-1);
    const gone = new Promise((done) => context.once('close', done));
    process.kill(Number(pid), 'SIGKILL');
    await gone;
    await rm(join(profile, 'SingletonLock'), { force: true });

    context = await launch();
    await context.addCookies(cookies);
    page = await context.newPage();
    await visit(page, `/chat/${conversation.id}`);
    await expect(composer(page)).toHaveValue('and a draft');
    await expect(messages(page)).toHaveCount(6, { timeout: 60_000 });
    await expect(page.locator('[data-state=pending], [data-state=failed]')).toHaveCount(0);
    const history = await roost.history(grace, conversation);
    expect(history.map((message: { body: string }) => message.body)).toEqual(['before 1', ...bodies]);
  } finally {
    await context.close().catch(() => {});
    await rm(profile, { recursive: true, force: true });
  }
});

test('a failed message stays over a reload, and is tried again or given up', async ({ roost }) => {
  const { ada, grace, conversation } = await two(roost, 1);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  roost.complaints.expect(AWAY, status(503));
  await page.context().setOffline(true);
  for (const body of ['to be tried again', 'to be given up']) await write(page, body);
  await expect(page.locator('[data-state=pending]')).toHaveCount(2);
  await roost.call('PUT', '/api/v1/blocks/ada', { token: grace.token });
  await page.context().setOffline(false);
  await expect(page.locator('[data-state=failed]')).toHaveCount(2, { timeout: 30_000 });
  await page.reload();
  await alive(page);
  await expect(page.locator('[data-state=failed]')).toHaveCount(2);
  await roost.call('DELETE', '/api/v1/blocks/ada', { token: grace.token });
  await page.locator('[data-state=failed]').last().getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('[data-state=failed]')).toHaveCount(1);
  await page.locator('[data-state=failed]').first().getByRole('button', { name: 'Retry' }).click();
  await expect(messages(page)).toContainText(['before 1', 'to be tried again']);
  await page.reload();
  await alive(page);
  await expect(messages(page)).toHaveCount(2);
  expect(await roost.history(ada, conversation)).toHaveLength(2);
});

test('two windows: what is given up in one is not sent by the other, and a closed window’s messages are sent by the other', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const { grace, conversation } = await two(roost, 1);
  const one = await roost.browserOf(ADA);
  await visit(one, `/chat/${conversation.id}`);
  const other = await one.context().newPage();
  await visit(other, `/chat/${conversation.id}`);
  await ready(one);
  await one.context().setOffline(true);
  await write(one, 'given up elsewhere');
  await write(one, 'sent by the other');
  await write(one, 'sent as well');
  await expect(other.locator('[data-state=pending]')).toHaveCount(3);
  // What another window does when somebody presses Cancel there: the message leaves the shelf that all of them share.
  await other.evaluate(async () => {
    const path = '/shelf.js';
    const shelf = (await import(path)).indexed();
    const rows: { client_id: string; body: string }[] = await shelf.read('outbox', []);
    const given_up = rows.find(({ body }) => body === 'given up elsewhere')!;
    const me = (await shelf.read('list', [])).find((row: { me?: { id: string } }) => row.me).me.id;
    await shelf.write([{ cut: ['outbox', [me, given_up.client_id]] }], true);
  });
  await one.close();
  await other.context().setOffline(false);
  await expect(other.locator('[data-state=pending], [data-state=failed]')).toHaveCount(0, { timeout: 60_000 });
  const history = await roost.history(grace, conversation);
  expect(history.map((message: { body: string }) => message.body)).toEqual(['before 1', 'sent by the other', 'sent as well']);
});

test('drafts are there in every window and after a reload, and signing out asks before anything is lost', async ({ roost }) => {
  const { conversation } = await two(roost, 1);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  const other = await page.context().newPage();
  await visit(other, `/chat/${conversation.id}`);
  await composer(page).fill('not finished');
  await expect(composer(other)).toHaveValue('not finished');
  await page.reload();
  await alive(page);
  await expect(composer(page)).toHaveValue('not finished');
  await other.close();

  await visit(page, '/settings');
  const leave = () => page.getByRole('button', { name: 'Sign out', exact: true }).click();
  page.once('dialog', (dialog) => void dialog.dismiss());
  await leave();
  await expect(page).toHaveURL(/\/settings/);
  expect(await shelved(page, 'drafts')).toHaveLength(1);
  page.once('dialog', (dialog) => void dialog.accept());
  await leave();
  await expect(page).toHaveURL(/\/sign-in/);
  for (const table of ['drafts', 'outbox', 'log', 'list']) expect(await shelved(page, table), table).toEqual([]);
});

test('whoever signs in next sees and sends nothing of the one before', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(401), status(403), status(503));
  const { ada, grace, conversation } = await two(roost);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  await composer(page).fill('Ada’s own thought');
  await eventually('is it kept?', async () => (await shelved(page, 'drafts')).length === 1 && (await shelved(page, 'log')).length === 3);
  // The session ends elsewhere: history goes, what Ada wrote stays hers.
  await roost.call('DELETE', '/api/v1/sessions', { token: ada.token });
  await expect(page).toHaveURL(/\/sign-in/);
  await alive(page);
  await eventually('is the history gone?', async () => (await shelved(page, 'log')).length === 0);
  const answer = await page.context().request.post('/api/v1/session', { data: { login: GRACE.username, password: GRACE.password } });
  expect(answer.status()).toBe(200);
  await visit(page, `/chat/${conversation.id}`);
  await expect(composer(page)).toHaveValue('');
  await eventually('is only Grace’s history kept?', async () => (await shelved(page, 'list')).length > 0 && (await shelved(page, 'log')).length === 3);
  expect(JSON.stringify(await shelved(page, 'list'))).toContain(grace.id);
  expect(await shelved(page, 'drafts')).toHaveLength(1);
});

test('unread counts are on the icon and in the title, and a notice goes away when its message is read elsewhere', async ({ roost }) => {
  const { ada, grace, conversation } = await two(roost, 0);
  const page = await roost.browserOf(ADA, { permissions: ['notifications'] });
  await visit(page, '/chat');
  await ready(page);
  await page.evaluate(() => Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true }));
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
  await roost.write(grace, conversation, 'look here');
  await expect(page).toHaveTitle(/^\(1\)/);
  const icon = () => page.locator('link[rel=icon][type="image/svg+xml"]').getAttribute('href');
  await expect.poll(icon).toMatch(/^data:image\/svg/);
  const notices = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((notice) => `${notice.title}: ${notice.body}`));
  await expect.poll(notices).toEqual(['Grace Hopper: look here']);
  await roost.call('PUT', `/api/v1/conversations/${conversation.id}/read`, { token: ada.token, body: { seq: 1 } });
  await expect.poll(notices).toEqual([]);
  await expect.poll(icon).toBe('/favicon.svg');
  await expect(page).toHaveTitle(/^Chat/);
});
