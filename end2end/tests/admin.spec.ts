import { ADA, GRACE, HEDY, MALLORY, UNUSED, alive, expect, setPassword, signIn, signUp, status, test, visit, type Roost } from '../fixtures/roost';
import { type Page } from '@playwright/test';

/** Hedy runs the place, and looks at one of its pages. */
async function hedyAt(roost: Roost, path: string) {
  await roost.claimAdmin(HEDY);
  const page = await roost.browserOf(HEDY);
  await page.goto(path);
  return page;
}

const done = (page: Page) => page.locator('.note[role="status"]');
const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });

test('administrators are led to their pages, and for everybody else there is nothing', async ({ roost }) => {
  roost.complaints.expect(status(404));
  await roost.claimAdmin(HEDY);
  const hedy = await roost.browserOf(HEDY);
  await visit(hedy, '/chat');
  await hedy.getByRole('link', { name: 'Admin' }).click();
  await expect(hedy.getByRole('heading', { name: 'Users', level: 1 })).toBeVisible();
  for (const tab of ['Invitations', 'Registration', 'API keys', 'Audit log']) {
    await hedy.getByRole('navigation', { name: 'Administration' }).getByRole('link', { name: tab }).click();
    await expect(hedy.getByRole('heading', { name: tab, level: 1 })).toBeVisible();
    await expect(hedy.getByRole('link', { name: tab, exact: true })).toHaveAttribute('aria-current', 'page');
  }

  await roost.member(ADA);
  const ada = await roost.browserOf(ADA);
  await visit(ada, '/chat');
  await expect(ada.getByRole('link', { name: 'Admin' })).toHaveCount(0);
  for (const page of [ada, await roost.browser()]) {
    for (const path of ['/admin', '/admin/users', '/admin/audit']) {
      expect((await page.goto(path))?.status(), path).toBe(404);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is nothing here');
    }
  }
});

test('a new user gets a link to set a password, and is found by name and by e-mail', async ({ roost }) => {
  roost.complaints.expect(status(422));
  const page = await hedyAt(roost, '/admin/users');
  await page.getByRole('link', { name: 'New user' }).click();
  await page.getByLabel('E-mail').fill('not an address');
  await page.getByLabel('Username').fill(GRACE.username);
  await page.getByRole('button', { name: 'Create user' }).click();
  await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/e-mail address/);
  await expect(page.getByLabel('Username')).toHaveValue(GRACE.username);
  await page.getByLabel('E-mail').fill(GRACE.email);
  await page.getByLabel('Display name').fill(GRACE.display_name);
  await page.getByRole('button', { name: 'Create user' }).click();
  await expect(done(page)).toContainText('The account is made.');
  await page.reload();
  await expect(done(page)).toHaveCount(0);

  const { link } = await roost.code(GRACE.email, 'invited');
  const grace = await roost.browser();
  await visit(grace, link);
  await setPassword(grace, GRACE.password);
  await expect(grace).toHaveURL(/\/chat/);

  await roost.member(ADA);
  for (const q of ['hopp', 'grace@']) {
    await page.goto('/admin/users');
    await expect(row(page, ADA.email)).toBeVisible();
    await page.getByRole('searchbox', { name: 'Find users' }).fill(q);
    await page.getByRole('button', { name: 'Find' }).click();
    await expect(row(page, GRACE.email)).toBeVisible();
    await expect(row(page, ADA.email)).toHaveCount(0);
  }
});

test('an account is changed, made an administrator and a member again, and the last one stays', async ({ roost }) => {
  roost.complaints.expect(status(409));
  await roost.member(ADA);
  const page = await hedyAt(roost, '/admin/users');
  await page.getByRole('link', { name: /Ada Lovelace/ }).click();
  await page.getByLabel('E-mail').fill('countess@example.org');
  await page.getByLabel('Display name').fill('Countess of Lovelace');
  await page.getByLabel('Role').selectOption('Administrator');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(done(page)).toHaveText('Saved.');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Countess of Lovelace');
  await roost.mail(ADA.email, 'email_changed');

  const ada = await roost.browserOf(ADA);
  expect((await ada.goto('/admin/users'))?.status()).toBe(200);
  await page.getByLabel('Role').selectOption('Member');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(done(page)).toHaveText('Saved.');

  await page.goto('/admin/users');
  await page.getByRole('link', { name: /Hedy Lamarr/ }).click();
  await page.getByLabel('Role').selectOption('Member');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toContainText('the last administrator');
  await expect(page.getByRole('link', { name: 'Delete' })).toHaveCount(0);
});

test('a disabled account is out at once and can not come back until it is enabled', async ({ roost }) => {
  roost.complaints.expect(status(401), status(403));
  await roost.member(MALLORY);
  const mallory = await roost.browserOf(MALLORY);
  const socket = mallory.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await visit(mallory, '/chat');
  await socket;
  const page = await hedyAt(roost, '/admin/users?q=mallory');
  await page.getByRole('link', { name: /Mallory Quinn/ }).click();
  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(done(page)).toContainText('disabled');
  await expect(mallory).toHaveURL(/\/sign-in/);
  await alive(mallory);
  await signIn(mallory, MALLORY.username, MALLORY.password);
  await expect(mallory.getByRole('alert')).toContainText('disabled');
  await page.getByRole('link', { name: 'Users' }).click();
  await expect(row(page, MALLORY.email)).toContainText('Disabled');
  await page.getByRole('link', { name: /Mallory Quinn/ }).click();
  await page.getByRole('button', { name: 'Enable' }).click();
  await expect(done(page)).toContainText('enabled again');
  await signIn(mallory, MALLORY.username, MALLORY.password);
  await expect(mallory).toHaveURL(/\/chat/);
});

test('somebody is signed out everywhere, gets a link for a new password, and is deleted', async ({ roost }) => {
  roost.complaints.expect(status(401));
  const mallory = await roost.member(MALLORY);
  const page = await hedyAt(roost, '/admin/users');
  await page.getByRole('link', { name: /Mallory Quinn/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(done(page)).toContainText('signed out on every device');
  await roost.call('GET', '/api/v1/me', { token: mallory.token, status: 401 });

  await page.getByRole('button', { name: 'Send link' }).click();
  await expect(done(page)).toContainText('new password');
  await roost.mail(MALLORY.email, 'reset_code');

  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('link', { name: 'Keep the account' }).click();
  await page.getByRole('link', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(done(page)).toContainText('deleted');
  await expect(row(page, MALLORY.email)).toHaveCount(0);
});

test('who may sign up is chosen, and an invitation lets in as many as it says', async ({ roost }) => {
  roost.complaints.expect(status(403));
  const page = await hedyAt(roost, '/admin/registration');
  await page.getByRole('radio', { name: /By invitation/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(done(page)).toContainText('Saved.');
  await expect(page.getByRole('radio', { name: /By invitation/ })).toBeChecked();

  await page.getByRole('link', { name: 'Invitations' }).click();
  await page.getByLabel('What it is for').fill('The analytical society');
  await page.getByRole('button', { name: 'Create invitation' }).click();
  const field = page.getByLabel('Its link');
  await expect(field).toHaveAttribute('readonly');
  const link = await field.inputValue();
  await expect(row(page, 'The analytical society')).toContainText('0 of 1');
  await page.goto('/admin/invitations');
  await expect(page.locator('body')).not.toContainText(link.split('=').at(-1)!);

  const ada = await roost.browser();
  await visit(ada, link);
  await signUp(ada, ADA);
  await expect(ada).toHaveURL(/\/sign-up\/sent/);
  const { link: confirm } = await roost.code(ADA.email);
  await visit(ada, confirm);
  await setPassword(ada, ADA.password);
  await expect(ada).toHaveURL(/\/chat/);
  await page.reload();
  await expect(row(page, 'The analytical society')).toContainText('1 of 1');
  await row(page, 'The analytical society').getByRole('button', { name: /Withdraw/ }).click();
  await expect(done(page)).toContainText('withdrawn');
  await expect(row(page, 'The analytical society')).toHaveCount(0);

  await page.getByRole('link', { name: 'Registration' }).click();
  await page.getByRole('radio', { name: /Closed/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(done(page)).toContainText('Saved.');
  const stranger = await roost.browser();
  await visit(stranger, '/sign-up');
  await expect(stranger.getByRole('button', { name: 'Create account' })).toHaveCount(0);
});

test('an API key is shown once, works for what it was made for, and is dead once revoked', async ({ roost }) => {
  roost.complaints.expect(status(422));
  const page = await hedyAt(roost, '/admin/api-keys');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('checkbox', { name: /see accounts/ }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByLabel('What it is for')).toHaveAccessibleDescription(/can't be empty/);
  await expect(page.getByRole('checkbox', { name: /see accounts/ })).toBeChecked();
  await page.getByLabel('What it is for').fill('The shop');
  await page.getByRole('button', { name: 'Create key' }).click();
  const secret = await page.getByLabel('Its secret').inputValue();
  expect(secret).toMatch(/^roost_/);
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);

  await roost.call('GET', '/api/v1/users', { token: secret });
  await roost.call('GET', '/api/v1/audit', { token: secret, status: 403 });
  await page.goto('/admin/api-keys');
  await expect(page.locator('body')).not.toContainText(secret);
  await expect(row(page, 'The shop')).toContainText('users:read');
  await row(page, 'The shop').getByRole('button', { name: 'Revoke The shop' }).click();
  await expect(done(page)).toContainText('dead');
  await roost.call('GET', '/api/v1/users', { token: secret, status: 401 });
});

test('the audit log tells who did what to whom, a page at a time', async ({ roost }) => {
  const ada = await roost.member(ADA);
  const hedy = await roost.claimAdmin(HEDY);
  for (let n = 0; n < 26; n += 1) {
    for (const disabled of [true, false]) {
      await roost.call('PATCH', `/api/v1/users/${ada.id}`, { token: hedy.token, body: { disabled } });
    }
  }
  const page = await roost.browserOf(HEDY);
  await page.goto('/admin/audit');
  await expect(page.getByRole('row')).toHaveCount(51);
  const newest = page.getByRole('row').nth(1);
  await expect(newest).toContainText('hedy');
  await expect(newest).toContainText('Enabled again');
  await page.getByRole('link', { name: 'Older' }).click();
  await expect(page.getByRole('row')).toHaveCount(3);
  await expect(page.getByRole('row').last()).toContainText('Disabled');
  await page.getByRole('link', { name: 'Newest' }).click();
  await newest.getByRole('link', { name: 'ada' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(ADA.display_name);
});

test('by keyboard alone: a user is made, found and disabled', async ({ roost }) => {
  const page = await hedyAt(roost, '/admin/users');
  /** Tabs until the element of that name has the focus. */
  const tabTo = async (name: string) => {
    for (let n = 0; n < 40; n += 1) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement | null;
        const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : null;
        return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
      });
      if (here.startsWith(name)) return;
    }
    throw new Error(`the focus never came to ${name}`);
  };
  await tabTo('New user');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'New user' })).toBeVisible();
  for (const [label, text] of [['E-mail', GRACE.email], ['Username', GRACE.username], ['Display name', GRACE.display_name]]) {
    await tabTo(label);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await expect(done(page)).toContainText('The account is made.');

  await tabTo('Users');
  await page.keyboard.press('Enter');
  await expect(row(page, GRACE.email)).toBeVisible();
  await tabTo('Find users');
  await page.keyboard.type('hopper');
  await page.keyboard.press('Enter');
  await expect(row(page, HEDY.email)).toHaveCount(0);
  await tabTo('GH');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(GRACE.display_name);
  await tabTo('Disable');
  await page.keyboard.press('Enter');
  await expect(done(page)).toContainText('disabled');
});

test('without JavaScript, administration is the same', async ({ roost }) => {
  roost.complaints.expect(UNUSED);
  await roost.claimAdmin(HEDY);
  const page = await roost.browserOf(HEDY, { javaScriptEnabled: false });
  await page.goto('/chat');
  await page.getByRole('link', { name: 'Admin' }).click();
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByLabel('What it is for').fill('The shop');
  await page.getByRole('checkbox', { name: /see accounts/ }).check();
  await page.getByRole('button', { name: 'Create key' }).click();
  await expect(page.getByLabel('Its secret')).toHaveValue(/^roost_/);
  await expect(page.getByRole('button', { name: 'Copy' })).toHaveCount(0);
});
