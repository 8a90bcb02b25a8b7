import { ADA, GRACE, UNUSED, alive, expect, signIn, status, test, visit } from '../fixtures/roost';
import { type Page } from '@playwright/test';

const NEW_PASSWORD = 'analytical-engine-note-g';
const plain = { javaScriptEnabled: false };

/** Fills in the page on which the password is changed. */
async function changePassword(page: Page, current: string, next: string) {
  await page.getByLabel('Current password').fill(current);
  await page.getByLabel('New password', { exact: true }).fill(next);
  await page.getByLabel('New password again').fill(next);
  await page.getByRole('button', { name: 'Change password' }).click();
}

/** Asks for another address on its page. */
async function changeEmail(page: Page, address: string, password: string) {
  await page.getByLabel('New e-mail').fill(address);
  await page.getByLabel('Your password').fill(password);
  await page.getByRole('button', { name: 'Send me a code' }).click();
}

/** Opens the chat and waits until its connection stands, so that what is ended elsewhere reaches it. */
async function connect(page: Page) {
  const socket = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await visit(page, '/chat');
  await socket;
}

/** What the page says was done. */
const done = (page: Page) => page.locator('.note[role="status"]');

for (const [how, options] of [['with', {}], ['without', plain]] as const) {
  test(`a display name is changed ${how} JavaScript, and a bad one is refused beside its field`, async ({ roost }) => {
    roost.complaints.expect(UNUSED);
    await roost.member(ADA);
    const page = await roost.browserOf(ADA, options);
    await page.goto('/settings');
    const name = page.getByLabel('Display name');
    const save = page.getByRole('region', { name: 'Profile' }).getByRole('button', { name: 'Save' });
    await name.fill('   ');
    await save.click();
    await expect(name).toHaveAccessibleDescription(/can't be empty/);
    await name.fill('Countess of Lovelace');
    await save.click();
    await expect(done(page)).toHaveText('You are now called Countess of Lovelace.');
    await expect(page.getByRole('region', { name: 'You' })).toContainText('Countess of Lovelace');
    await page.reload();
    await expect(page.getByText('You are now called')).toHaveCount(0);
    await expect(name).toHaveValue('Countess of Lovelace');
  });
}

test('an e-mail address changes when the code that went there comes back, and the old one is told', async ({ roost }) => {
  roost.complaints.expect(status(403));
  await roost.member(ADA);
  const page = await roost.browserOf(ADA);
  await visit(page, '/settings');
  await page.getByRole('link', { name: 'Change e-mail' }).click();
  await changeEmail(page, 'countess@example.org', 'not-my-password');
  await expect(page.getByLabel('Your password')).toHaveAccessibleDescription(/\w+/);
  await expect(page.getByLabel('New e-mail')).toHaveValue('countess@example.org');
  await changeEmail(page, 'countess@example.org', ADA.password);
  await expect(page).toHaveURL(/\/settings\/email\/sent/);
  await expect(page.getByRole('main')).toContainText('countess@example.org');

  // Until then everything stays as it is, and the settings say what is awaited.
  await visit(page, '/settings');
  await expect(page.getByRole('region', { name: 'You' })).toContainText(ADA.email);
  await expect(page.getByRole('region', { name: 'Sign-in' })).toContainText('A code is on its way to countess@example.org');

  const { link } = await roost.code('countess@example.org', 'confirm_email');
  await page.goto(link);
  await page.getByRole('button', { name: 'Confirm this address' }).click();
  await expect(page).toHaveURL(/\/settings$/);
  await expect(done(page)).toHaveText('Your e-mail address is now countess@example.org.');
  await expect(page.getByRole('region', { name: 'You' })).toContainText('countess@example.org');
  await expect(page.getByText('A code is on its way')).toHaveCount(0);
  await roost.mail(ADA.email, 'email_changed');

  // The link is used up.
  expect((await page.goto(link))?.status()).toBe(403);
});

test('without JavaScript and without being signed in, the typed code confirms an address, too', async ({ roost }) => {
  roost.complaints.expect(UNUSED);
  await roost.member(ADA);
  const page = await roost.browserOf(ADA, plain);
  await page.goto('/settings/email');
  await changeEmail(page, 'countess@example.org', ADA.password);
  const { code } = await roost.code('countess@example.org', 'confirm_email');

  const phone = await roost.browser(plain);
  await phone.goto('/confirm');
  await phone.getByLabel('Code').fill(code);
  await phone.getByLabel('Code').press('Enter');
  await phone.getByRole('button', { name: 'Confirm this address' }).click();
  await expect(phone).toHaveURL(/\/sign-in/);
  await expect(done(phone)).toHaveText('Your e-mail address is now countess@example.org.');
  await signIn(phone, 'countess@example.org', ADA.password);
  await expect(phone).toHaveURL(/\/chat/);
});

test('a changed password ends the session of another browser within a second, and its page says so', async ({ roost }) => {
  await roost.member(ADA);
  const elsewhere = await roost.browserOf(ADA);
  await connect(elsewhere);
  const page = await roost.browserOf(ADA);
  await visit(page, '/settings');
  await page.getByRole('link', { name: 'Change password' }).click();
  await alive(page);

  await changePassword(page, 'not-my-password', NEW_PASSWORD);
  await expect(page.getByLabel('Current password')).toHaveAccessibleDescription(/\w+/);
  await alive(page);
  await page.getByLabel('New password', { exact: true }).pressSequentially('loom');
  await expect(page.getByTestId('strength')).toContainText('Strength');

  await changePassword(page, ADA.password, NEW_PASSWORD);
  await expect(page).toHaveURL(/\/settings$/);
  const began = Date.now();
  await elsewhere.waitForURL(/\/sign-in/);
  expect(Date.now() - began, 'milliseconds until the other browser is out').toBeLessThan(1_000);
  await expect(done(elsewhere)).toHaveText('You were signed out on this device. Sign in to go on.');
  await expect(done(page)).toContainText('Your password is changed.');
  await roost.mail(ADA.email, 'password_changed');

  await alive(elsewhere);
  await signIn(elsewhere, ADA.username, NEW_PASSWORD);
  await expect(elsewhere).toHaveURL(/\/chat/);
});

test('without JavaScript, a password is changed as well', async ({ roost }) => {
  roost.complaints.expect(UNUSED);
  await roost.member(ADA);
  const page = await roost.browserOf(ADA, plain);
  await page.goto('/settings/password');
  await changePassword(page, ADA.password, NEW_PASSWORD);
  await expect(page).toHaveURL(/\/settings$/);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await signIn(page, ADA.username, NEW_PASSWORD);
  await expect(page).toHaveURL(/\/chat/);
});

test('a device in the list is signed out from another one, and so are all others at once', async ({ roost }) => {
  await roost.member(ADA);
  const firefox = { userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0' };
  const phone = await roost.browserOf(ADA, firefox);
  await connect(phone);
  const page = await roost.browserOf(ADA);
  await visit(page, '/settings');
  const devices = page.getByRole('region', { name: 'Devices' });
  await expect(devices.getByRole('listitem').first()).toContainText('This device');
  await expect(devices.getByRole('listitem').filter({ hasText: 'Firefox on Linux' })).toContainText('Last seen');
  await devices.getByRole('button', { name: 'Sign out Firefox on Linux' }).click();
  await expect(done(page)).toHaveText('That device is signed out.');
  await expect(devices).not.toContainText('Firefox on Linux');
  await expect(phone).toHaveURL(/\/sign-in/);

  // The session over REST, with which the account was made, is there still.
  await page.getByRole('button', { name: 'Sign out everywhere else' }).click();
  await expect(devices.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Sign out everywhere else' })).toHaveCount(0);
});

test('an account is deleted with the password, and says goodbye; what was said stays, by nobody', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(ada, conversation, 'Goodbye, Grace!');
  const page = await roost.browserOf(ADA);
  await visit(page, '/settings');
  await page.getByRole('link', { name: 'Delete my account' }).click();
  await alive(page);
  await expect(page.getByRole('main')).toContainText('what you wrote to others');
  await page.getByLabel('Your password').fill('not-my-password');
  await page.getByRole('button', { name: 'Delete my account for good' }).click();
  await expect(page.getByLabel('Your password')).toHaveAccessibleDescription(/\w+/);
  await alive(page);
  await page.getByLabel('Your password').fill(ADA.password);
  await page.getByRole('button', { name: 'Delete my account for good' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(done(page)).toContainText('Your account is deleted. Goodbye');

  await roost.call('POST', '/api/v1/session', { body: { login: ADA.username, password: ADA.password }, status: 401 });
  const [message] = await roost.history(grace, conversation);
  expect(message.body).toBe('Goodbye, Grace!');
  expect(message.author.display_name).not.toContain('Ada');
});

test('settings lead a stranger to the sign-in and back', async ({ roost }) => {
  await roost.member(ADA);
  for (const path of ['/settings/email', '/settings/password', '/settings/delete']) {
    const page = await roost.browser();
    await page.goto(path);
    await expect(page).toHaveURL(/\/sign-in/);
    await alive(page);
    await signIn(page, ADA.username, ADA.password);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }
});
