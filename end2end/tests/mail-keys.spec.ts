import { ADA, GRACE, expect, test, visit } from '../fixtures/roost';
import { complete, letter, letters, rows, toast } from '../fixtures/mail-screens';

test('a mailbox is read, tidied and answered by keys alone', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  for (const subject of ['one', 'two', 'three', 'four']) await roost.post(grace, { to: ['ada'], subject, body: `About ${subject}.` });
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };

  await press('j');
  await expect(letter(page, 'four')).toBeFocused();
  await press('j', 'j', 'k');
  await expect(letter(page, 'three')).toBeFocused();
  await press('Enter');
  await expect(letters(page)).toContainText('About three.');
  await expect(page.getByRole('heading', { name: 'three' })).toBeFocused();
  await press('j');
  await expect(letters(page)).toContainText('About two.');
  await press('u');
  await expect(page).toHaveURL(/\/mail\/inbox$/);
  await expect(letter(page, 'two')).toBeFocused();
  await press('s');
  await expect(rows(page).filter({ hasText: 'two' }).getByRole('button', { name: /Star/ })).toHaveAttribute('aria-pressed', 'true');
  await press('Shift+U');
  await expect(rows(page).filter({ hasText: 'two' })).toHaveAttribute('data-unread', '');
  await expect(letter(page, 'two')).toBeFocused();
  await press('e');
  await expect(rows(page)).toHaveCount(3);
  await expect(letter(page, 'one')).toBeFocused();
  await press('#');
  await expect(rows(page)).toHaveCount(2);
  // There is none below it: the one above has the focus.
  await expect(letter(page, 'three')).toBeFocused();
  await press('z');
  await expect(rows(page)).toHaveCount(3);
  await expect(toast(page)).toContainText('Taken back');
  await expect(letter(page, 'one')).toBeFocused();

  await press('x', 'k', 'x');
  await expect(page.getByRole('heading', { name: '2 chosen' })).toBeVisible();
  await press('l');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.type('engines');
  await press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(rows(page).filter({ hasText: 'engines' })).toHaveCount(2);
  await press('Escape');
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();

  await press('k', 'k', 'o', 'r');
  await expect(page.getByLabel('Text')).toBeFocused();
  await press('Control+Home');
  await page.keyboard.type('By keys.');
  await press('Control+Enter');
  await expect(page).toHaveURL(/\/mail\/inbox$/);
  await expect.poll(async () => (await roost.mailbox(grace, 'l')).some((one: { body: string }) => one.body.startsWith('By keys.'))).toBe(true);
  await press('?');
  await expect(page.getByRole('dialog')).toContainText('Next and previous letter');
  expect(ada.username).toBe('ada');
});
