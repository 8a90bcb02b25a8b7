import { ADA, AWAY, GRACE, HEDY, alive, expect, status, test, visit } from '../fixtures/roost';
import { complete, letter, letters, rows, toast } from '../fixtures/mail-screens';

test('without a network letters are read, written, taken back and put away, and all of it is so when the network is back', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await roost.member(HEDY);
  for (const subject of ['one', 'two']) await roost.post(grace, { to: ['ada'], subject, body: `About ${subject}.` });
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  // A cold start in the tunnel.
  await page.context().setOffline(true);
  await page.goto('/mail/inbox');
  await alive(page);
  await expect(rows(page)).toHaveCount(2);
  await letter(page, 'one').click();
  await expect(letters(page)).toContainText('About one.');
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(rows(page)).toHaveCount(1);

  for (const subject of ['first', 'better not', 'second']) {
    await page.keyboard.press('c');
    await page.getByLabel('To', { exact: true }).pressSequentially('gra');
    // Grace is known by her letters.
    await page.getByRole('option', { name: /Grace Hopper/ }).click();
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel('Text').press('Control+Enter');
    if (subject === 'better not') {
      await toast(page).getByRole('button', { name: 'Undo' }).click();
      await expect(page.getByLabel('Subject')).toHaveValue('better not');
      await page.getByRole('button', { name: 'Throw away' }).click();
    }
    await expect(page).toHaveURL(/\/mail\/inbox$/);
  }
  await page.getByRole('link', { name: /2 letters not yet sent/ }).click();
  const waiting = page.getByTestId('outgoing');
  await expect(waiting).toHaveCount(2);
  await expect(waiting.first()).toContainText('Waits on this device');

  await page.context().setOffline(false);
  await expect(page.getByText('All your letters are sent.')).toBeVisible({ timeout: 60_000 });
  const arrived = (await roost.mailbox(grace, 'l')).map((letter: { subject: string }) => letter.subject).sort();
  expect(arrived).toEqual(['first', 'one', 'second', 'two']);
  await expect.poll(async () => (await roost.mailbox(ada, 's')).filter((state: { folder: { value: string } }) => state.folder.value === 'archive').length).toBe(1);
});

test('a letter that was refused says for whom and why, and is written again or put away', async ({ roost }) => {
  await roost.member(ADA);
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  for (const subject of ['again', 'never mind']) {
    await page.keyboard.press('c');
    await page.getByLabel('To', { exact: true }).fill('nobody');
    await page.getByLabel('Subject').fill(subject);
    await page.getByLabel('Subject').press('Control+Enter');
    await expect(page).toHaveURL(/\/mail\/inbox$/);
  }
  await page.getByRole('link', { name: /^Outbox/ }).click();
  const refused = page.getByTestId('outgoing');
  await expect(refused).toHaveCount(2);
  await expect(refused.first()).toContainText('@nobody: there is nobody of this name');
  await refused.filter({ hasText: 'never mind' }).getByRole('button', { name: 'Put away' }).click();
  await expect(refused).toHaveCount(1);
  await refused.getByRole('button', { name: 'Edit again' }).click();
  await expect(page).toHaveURL(/\/mail\/draft\//);
  await expect(page.getByLabel('Subject')).toHaveValue('again');
});
