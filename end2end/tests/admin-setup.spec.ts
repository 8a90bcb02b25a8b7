import { ADA, AWAY, HEDY, alive, expect, status, test } from '../fixtures/roost';

test('the link that the server prints makes the first administrator, once', async ({ roost }) => {
  roost.complaints.expect(status(403), status(409), status(422));
  const link = roost.adminLink;
  expect(link, `the server prints a link:\n${roost.log}`).toBeTruthy();
  const page = await roost.browser();
  await page.goto(link!);
  await alive(page);
  await page.getByLabel('E-mail', { exact: true }).fill(HEDY.email);
  await page.getByLabel('Username', { exact: true }).fill(HEDY.username);
  await page.getByLabel('Display name').fill(HEDY.display_name);
  await page.getByLabel('Password', { exact: true }).fill(HEDY.password);
  await page.getByLabel('Password again').fill(HEDY.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/chat/);
  const body = { login: HEDY.username, password: HEDY.password, session: 'token' };
  expect((await roost.call('POST', '/api/v1/session', { body })).account.role).toBe('admin');

  const second = await roost.browser();
  expect((await second.goto(link!))?.status()).toBe(403);
  await expect(second.getByLabel('Password', { exact: true })).toHaveCount(0);
});

test('the link is printed as long as there is no administrator, and not after', async ({ roost }) => {
  roost.complaints.expect(AWAY);
  const first = roost.adminLink!;
  expect(first).toBeTruthy();
  const ada = await roost.member(ADA);
  expect((await roost.call('GET', '/api/v1/me', { token: ada.token })).role).toBe('user');
  await roost.kill();
  roost.log = '';
  await roost.launch();
  const again = roost.adminLink;
  expect(again, 'a new start prints a link that works').toBeTruthy();

  const page = await roost.browser();
  await page.goto(again!);
  await alive(page);
  await page.getByLabel('E-mail', { exact: true }).fill(HEDY.email);
  await page.getByLabel('Username', { exact: true }).fill(HEDY.username);
  await page.getByLabel('Password', { exact: true }).fill(HEDY.password);
  await page.getByLabel('Password again').fill(HEDY.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL(/\/chat/);
  await alive(page);
  await roost.kill();
  roost.log = '';
  await roost.launch();
  expect(roost.adminLink).toBeUndefined();
});
