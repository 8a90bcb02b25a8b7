import { ADA, GRACE, alive, expect, setPassword, signUp, status, test, visit } from '../fixtures/roost';

test('Ada signs up by the link in her mail and lands on the chat', async ({ roost }) => {
  const page = await roost.browser();
  await visit(page, '/');
  await expect(page).toHaveURL(/\/sign-in/);
  await visit(page, '/sign-up');
  await signUp(page, ADA);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
  await expect(page.getByRole('main')).toContainText(/mail/i);

  const { mail, link, code } = await roost.code(ADA.email);
  expect(mail.text).toContain(code);
  expect(mail.html).toContain(code);
  expect(mail.text).toContain(ADA.display_name);
  await page.goto(link);
  await alive(page);
  await setPassword(page, ADA.password);
  await expect(page).toHaveURL(/\/chat/);
  await expect(page.getByLabel('Find people')).toBeVisible();

  const welcome = await roost.mail(ADA.email, 'welcome');
  expect(welcome.text).toContain(ADA.display_name);
  expect(await roost.mails()).toHaveLength(2);
});

test('Grace types the code, also in lower case and with spaces around', async ({ roost }) => {
  const page = await roost.browser();
  await visit(page, '/sign-up');
  await signUp(page, GRACE);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
  const { code } = await roost.code(GRACE.email);
  await page.getByLabel('Code').fill(` ${code.toLowerCase()} `);
  await page.getByLabel('Code').press('Enter');
  await expect(page).toHaveURL(/\/confirm/);
  await setPassword(page, GRACE.password);
  await expect(page).toHaveURL(/\/chat/);
});

test('passwords: the strength is shown, weak and mistyped ones are refused with a reason, and the code is not lost', async ({ roost }) => {
  roost.complaints.expect(status(422));
  const page = await roost.browser();
  await visit(page, '/sign-up');
  await signUp(page, ADA);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
  const { link } = await roost.code(ADA.email);
  await page.goto(link);
  await alive(page);

  const password = page.getByLabel('Password', { exact: true });
  const meter = page.getByTestId('strength');
  await password.pressSequentially('password12');
  await expect(meter).toHaveAttribute('data-score', /[01]/);
  await expect(meter).toContainText(/Strength: \w+/);
  await setPassword(page, 'password12');
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveAccessibleDescription(/\w+/);

  await password.fill(ADA.password);
  await expect(meter).toHaveAttribute('data-score', /[34]/);
  await setPassword(page, ADA.password, 'something-else-entirely');
  await expect(page.getByLabel('Password again')).toHaveAccessibleDescription(/not the same/);

  await setPassword(page, ADA.password);
  await expect(page).toHaveURL(/\/chat/);
});

test('what can not be accepted is refused beside its field, and what was typed stays', async ({ roost }) => {
  roost.complaints.expect(status(422), status(409));
  await roost.member(ADA);
  const page = await roost.browser();
  await visit(page, '/sign-up');
  const [email, username] = [page.getByLabel('E-mail', { exact: true }), page.getByLabel('Username', { exact: true })];

  await signUp(page, { ...GRACE, username: 'g!' });
  await expect(username).toHaveAttribute('aria-invalid', 'true');
  await expect(username).toHaveAccessibleDescription(/letters|characters/);
  await expect(email).toHaveValue(GRACE.email);

  // Another case is the same name, and so is a letter of another script that looks the same.
  await signUp(page, { ...GRACE, username: 'ADA' });
  await expect(username).toHaveAccessibleDescription(/taken/);
  await signUp(page, { ...GRACE, username: 'аdа' });
  await expect(username).toHaveAttribute('aria-invalid', 'true');
  await expect(email).toHaveValue(GRACE.email);
  expect((await roost.mails()).filter((mail) => mail.to === GRACE.email)).toEqual([]);

  await signUp(page, GRACE);
  await expect(page).toHaveURL(/\/sign-up\/sent/);
});

test('twice with one address: the same answer, and another mail', async ({ roost }) => {
  await roost.member(ADA);
  const answers = [];
  for (const player of [GRACE, { ...ADA, username: 'countess' }]) {
    const page = await roost.browser();
    await visit(page, '/sign-up');
    await signUp(page, player);
    await expect(page).toHaveURL(/\/sign-up\/sent/);
    const text = await page.getByRole('main').innerText();
    answers.push(text.replaceAll(player.email, '<address>'));
  }
  expect(answers[1]).toBe(answers[0]);
  await roost.mail(GRACE.email, 'sign_up_code');
  const already = await roost.mail(ADA.email, 'already_registered');
  expect(already.links.map((link: string) => new URL(link).pathname)).toEqual(expect.arrayContaining(['/sign-in', '/forgot']));
});
