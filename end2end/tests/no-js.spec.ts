import { ADA, GRACE, composer, expect, messages, setPassword, signIn, signUp, test } from '../fixtures/roost';

const plain = { javaScriptEnabled: false };

test('without JavaScript: sign up, confirm, write, read, sign out, sign in', async ({ roost }) => {
  const grace = await roost.member(GRACE);
  const page = await roost.browser(plain);
  await page.goto('/sign-up');
  await signUp(page, ADA);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
  const { code } = await roost.code(ADA.email);
  await page.getByLabel('Code').fill(code);
  await page.getByLabel('Code').press('Enter');
  await setPassword(page, ADA.password);
  await expect(page).toHaveURL(/\/chat/);

  // Grace writes, Ada finds the conversation and answers.
  const conversation = await roost.openConversation(grace, ADA);
  await roost.write(grace, conversation, 'Are you there?');
  await page.reload();
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await expect(messages(page)).toContainText(['Are you there?']);
  await composer(page).fill('Yes, even so.');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(messages(page)).toContainText(['Are you there?', 'Yes, even so.']);
  await page.reload();
  await expect(messages(page)).toHaveCount(2);

  await page.goto('/settings');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page).toHaveURL(/\/sign-in/);
  await signIn(page, ADA.email, ADA.password);
  await expect(page).toHaveURL(/\/chat/);
});

test('without JavaScript: errors are shown beside what was typed', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browser(plain);
  await page.goto('/sign-up');
  await signUp(page, { ...GRACE, username: 'ada' });
  await expect(page.getByLabel('Username', { exact: true })).toHaveAccessibleDescription(/taken/);
  await expect(page.getByLabel('E-mail', { exact: true })).toHaveValue(GRACE.email);
  await expect(page.getByLabel('Username', { exact: true })).toHaveValue('ada');

  await page.goto('/sign-in');
  await signIn(page, ADA.username, 'not-the-password-at-all');
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByLabel('Username or e-mail')).toHaveValue(ADA.username);
  await expect(page.getByLabel('Password', { exact: true })).toHaveValue('');
  expect(page.url()).not.toContain('not-the-password');
});

test('without JavaScript: a weak password does not use the code up', async ({ roost }) => {
  const page = await roost.browser(plain);
  await page.goto('/sign-up');
  await signUp(page, ADA);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
  const { link } = await roost.code(ADA.email);
  await page.goto(link);
  await setPassword(page, 'short');
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/\w+/);
  expect(page.url()).not.toContain('short');
  await setPassword(page, ADA.password);
  await expect(page).toHaveURL(/\/chat/);
});

test('without JavaScript: a forgotten password', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browser(plain);
  await page.goto('/forgot');
  await page.getByLabel('Username or e-mail').fill(ADA.email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page).toHaveURL(/\/forgot\/sent/);
  const { link } = await roost.code(ADA.email, 'reset_code');
  await page.goto(link);
  await setPassword(page, 'analytical-engine-note-g');
  await expect(page).toHaveURL(/\/chat/);
});
