import { ADA, alive, expect, setPassword, signIn, status, test, visit } from '../fixtures/roost';

test('signing out, and in again by username or by e-mail in any case', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browser();
  for (const login of [ADA.username, ADA.email, 'ADA', 'Ada@Example.ORG']) {
    await visit(page, '/sign-in');
    await signIn(page, login, ADA.password);
    await expect(page).toHaveURL(/\/chat/);
    await visit(page, '/settings');
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page).toHaveURL(/\/sign-in/);
  }
  await page.goto('/chat');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('a wrong password and an unknown name get the same answer', async ({ roost }) => {
  roost.complaints.expect(status(401));
  await roost.member(ADA);
  const page = await roost.browser();
  const answers = [];
  for (const login of [ADA.username, 'nobody']) {
    await visit(page, '/sign-in');
    await signIn(page, login, 'not-the-password-at-all');
    await expect(page.getByRole('alert')).toBeVisible();
    answers.push(await page.getByRole('alert').innerText());
    await expect(page.getByLabel('Username or e-mail')).toHaveValue(login);
  }
  expect(answers[1]).toBe(answers[0]);
});

test('the page one wanted comes after signing in', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browser();
  await page.goto('/settings');
  await expect(page).toHaveURL(/\/sign-in/);
  await alive(page);
  await signIn(page, ADA.username, ADA.password);
  await expect(page).toHaveURL(/\/settings/);
});

test('a forgotten password is set anew by mail, which ends the other sessions', async ({ roost }) => {
  roost.complaints.expect(status(401), status(403));
  await roost.member(ADA);
  const elsewhere = await roost.browserOf(ADA);
  await visit(elsewhere, '/chat');

  const page = await roost.browser();
  await visit(page, '/forgot');
  await page.getByLabel('Username or e-mail').fill(ADA.username);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page).toHaveURL(/\/forgot\/sent/);
  const { link } = await roost.code(ADA.email, 'reset_code');
  await page.goto(link);
  await alive(page);
  await setPassword(page, 'analytical-engine-note-g');
  await expect(page).toHaveURL(/\/chat/);
  await roost.mail(ADA.email, 'password_changed');

  // The other browser is led to the sign-in without being touched.
  await expect(elsewhere).toHaveURL(/\/sign-in/);
  await alive(elsewhere);
  await signIn(elsewhere, ADA.username, ADA.password);
  await expect(elsewhere.getByRole('alert')).toBeVisible();
  await signIn(elsewhere, ADA.username, 'analytical-engine-note-g');
  await expect(elsewhere).toHaveURL(/\/chat/);
});

test('asking for somebody who is not there gets the same answer, and no mail', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browser();
  const answers = [];
  for (const login of ['nobody', ADA.username]) {
    await visit(page, '/forgot');
    await page.getByLabel('Username or e-mail').fill(login);
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect(page).toHaveURL(/\/forgot\/sent/);
    answers.push(await page.getByRole('main').innerText());
  }
  expect(answers[1]).toBe(answers[0]);
  await roost.mail(ADA.email, 'reset_code');
  expect((await roost.mails()).filter((mail) => mail.kind === 'reset_code')).toHaveLength(1);
});

test('a used and a wrong code are forbidden, and the page offers a new one', async ({ roost }) => {
  roost.complaints.expect(status(403));
  await roost.member(ADA);
  const { link: used } = await roost.code(ADA.email);
  const page = await roost.browser();
  for (const link of [used, '/confirm/AAAAA-AAAAA']) {
    const response = await page.goto(link);
    expect(response?.status()).toBe(403);
    await alive(page);
    await expect(page.getByRole('main')).toContainText(/code/i);
    await expect(page.getByRole('main').getByRole('link', { name: /new|again|another/i }).first()).toBeVisible();
    await expect(page.getByLabel('Password', { exact: true })).toHaveCount(0);
  }
});
