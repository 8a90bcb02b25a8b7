import { type Page } from '@playwright/test';
import { ADA, GRACE, HEDY, expect, test, visit, type Member, type Roost } from '../fixtures/roost';
import { complete, letter, letters, rows, toast } from '../fixtures/mail-screens';

/** Ada with letters of Grace, the last one newest. */
async function with_letters(roost: Roost, ...subjects: string[]) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  for (const subject of subjects) await roost.post(grace, { to: ['ada'], subject, body: `About ${subject}.` });
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  return { page, ada, grace };
}

/** How the server has Ada's letters. */
async function states(roost: Roost, ada: Member) {
  const [all, states] = [await roost.mailbox(ada, 'l'), await roost.mailbox(ada, 's')];
  return Object.fromEntries(all.map((one: { _id: string; subject: string }) => {
    const state = states.find((state: { _id: string }) => state._id.slice(2) === one._id.slice(2));
    return [one.subject, state];
  }));
}

async function send(page: Page, to: string, subject: string, text: string) {
  await page.getByRole('link', { name: 'Write', exact: true }).click();
  await page.getByLabel('To', { exact: true }).pressSequentially(to);
  await page.getByRole('option').first().click();
  await page.getByLabel('Subject').fill(subject);
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Send' }).click();
}

test('Ada writes a letter, Grace sees it at once, and answers', async ({ roost }) => {
  await roost.member(ADA);
  await roost.member(GRACE);
  const [ada, grace] = [await roost.browserOf(ADA), await roost.browserOf(GRACE)];
  await visit(ada, '/mail');
  await visit(grace, '/mail');
  await complete(ada);
  await complete(grace);

  await send(ada, 'hopp', 'The note', 'Have you **read** it? https://example.org/note');
  await expect(toast(ada)).toContainText('Sending');
  await ada.getByRole('link', { name: /^Sent/ }).click();
  await expect(rows(ada)).toContainText(['To Grace Hopper']);

  // Grace did not touch anything.
  await expect(rows(grace)).toHaveCount(1);
  await expect(rows(grace)).toHaveAttribute('data-unread', '');
  await expect(grace.getByTestId('announcer')).toHaveText(/New letter from Ada Lovelace: The note/);
  await expect(grace).toHaveTitle(/^\(1\) Inbox/);
  await expect(grace.getByRole('navigation', { name: 'Roost' }).getByRole('link', { name: /Mail/ })).toContainText('1 unread');
  await letter(grace, 'The note').click();
  const text = grace.getByTestId('letter');
  await expect(text).toContainText('Have you read it?');
  await expect(text.locator('strong')).toHaveText('read');
  await expect(text.getByRole('link', { name: /example.org/ })).toHaveAttribute('rel', /noopener/);
  await expect(rows(grace)).not.toHaveAttribute('data-unread', '');
  await expect(grace).toHaveTitle(/^Inbox/);

  await grace.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect(grace.getByLabel('Subject')).toHaveValue('Re: The note');
  await expect(grace.getByRole('listitem').filter({ hasText: 'Ada Lovelace' }).first()).toBeVisible();
  await expect(grace.getByLabel('Text')).toHaveValue(/Ada Lovelace wrote:\n> Have you \*\*read\*\* it\?/);
  await grace.getByLabel('Text').press('Control+Home');
  await grace.getByLabel('Text').pressSequentially('I have.');
  await grace.getByLabel('Text').press('Control+Enter');

  await ada.getByRole('link', { name: /^Inbox/ }).click();
  await letter(ada, 'Re: The note').click();
  // The thread: what Ada wrote is folded, what Grace wrote is open.
  await expect(letters(ada)).toHaveCount(2);
  await expect(letters(ada).first()).not.toHaveAttribute('data-open', '');
  await expect(letters(ada).last()).toContainText('I have.');
  await letters(ada).first().getByRole('button').first().click();
  await expect(letters(ada).first()).toHaveAttribute('data-open', '');
});

test('archive, trash, star, unread and labels, each with a way back', async ({ roost }) => {
  const { page, ada } = await with_letters(roost, 'one', 'two', 'three');
  await expect(rows(page)).toHaveCount(3);
  const folder = async (subject: string) => (await states(roost, ada))[subject].folder.value;

  await letter(page, 'two').click();
  await page.getByRole('button', { name: 'Archive' }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(page).toHaveURL(/\/mail\/inbox$/);
  // The focus is on the letter that took its place.
  await expect(letter(page, 'one')).toBeFocused();
  await expect.poll(() => folder('two')).toBe('archive');
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(rows(page)).toHaveCount(3);
  await expect.poll(() => folder('two')).toBe('inbox');

  await letter(page, 'three').click();
  await page.getByRole('button', { name: 'To the trash' }).click();
  await expect(rows(page)).toHaveCount(2);
  await page.getByRole('link', { name: /^Trash/ }).click();
  await letter(page, 'three').click();
  await page.getByRole('button', { name: 'Move back' }).click();
  await expect(page.getByText('The trash is empty.')).toBeVisible();

  await page.getByRole('link', { name: /^Inbox/ }).click();
  await letter(page, 'one').click();
  await page.getByRole('button', { name: 'Star', exact: true }).click();
  await page.getByRole('button', { name: 'Mark as unread' }).click();
  await page.getByRole('button', { name: 'Labels' }).click();
  await page.getByLabel('New label').fill('engines');
  await page.getByLabel('New label').press('Enter');
  await expect(rows(page).filter({ hasText: 'one' })).toContainText('engines');
  await expect(rows(page).filter({ hasText: 'one' })).toHaveAttribute('data-unread', '');
  await page.getByRole('link', { name: /^Starred/ }).click();
  await expect(rows(page)).toHaveCount(1);
  await page.getByRole('link', { name: /^engines/ }).click();
  await expect(page).toHaveURL(/\/mail\/label\/engines$/);
  await expect(rows(page)).toHaveCount(1);
  await expect.poll(async () => (await states(roost, ada)).one).toMatchObject({ starred: { value: true }, read: { value: false }, labels: { value: ['engines'] } });
});

test('several letters are chosen by box, by Shift and all at once', async ({ roost }) => {
  const { page, ada } = await with_letters(roost, 'one', 'two', 'three', 'four', 'five');
  const box = (subject: string) => page.getByRole('checkbox', { name: `Choose “${subject}”` });
  await box('five').check();
  await box('three').click({ modifiers: ['Shift'] });
  await expect(page.getByRole('heading', { name: '3 chosen' })).toBeVisible();
  await page.getByRole('toolbar', { name: 'Chosen letters' }).getByRole('button', { name: 'Archive' }).click();
  await expect(rows(page)).toHaveCount(2);
  await expect(toast(page)).toContainText('3 letters archived');
  await page.keyboard.press('z');
  await expect(rows(page)).toHaveCount(5);

  await box('one').check();
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await expect(page.getByRole('heading', { name: '5 chosen' })).toBeVisible();
  await page.getByRole('button', { name: 'Mark as read' }).click();
  await expect(page.locator('.letter-row[data-unread]')).toHaveCount(0);
  await expect.poll(async () => Object.values(await states(roost, ada)).every((state) => (state as { read: { value: boolean } }).read.value)).toBe(true);
});

test('letters are found as one types, with what was looked for marked', async ({ roost }) => {
  const { page } = await with_letters(roost, 'Café in Straßburg', 'Looms', 'Engines');
  await page.keyboard.press('/');
  await expect(page.getByLabel('Find letters')).toBeFocused();
  await page.keyboard.type('cafe str');
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/\/mail\/search\?q=cafe%20str$/);
  await expect(rows(page).locator('.letter-subject mark')).toHaveText(['Café', 'Str']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(letters(page)).toContainText('About Café in Straßburg.');
  await page.goBack();
  await expect(rows(page)).toHaveCount(1);
  await page.getByLabel('Find letters').fill('xylophone');
  await expect(page.getByText('No letter has “xylophone”.')).toBeVisible();
  await page.getByLabel('Find letters').press('Escape');
  await expect(rows(page)).toHaveCount(3);
});

test('a letter that comes does not move what is read, and only a part of a long list is in the page', async ({ roost }) => {
  const [, grace, hedy] = [await roost.member(ADA), await roost.member(GRACE), await roost.member(HEDY)];
  for (let n = 1; n <= 130; n++) await roost.post(grace, { to: ['ada'], subject: `number ${n}` });
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  const list = page.locator('.letters');
  const height = () => list.evaluate((list) => list.scrollHeight);
  await expect.poll(height).toBeGreaterThan(130 * 60);
  await list.evaluate((list) => list.scrollTo(0, 60 * 64));
  await expect(letter(page, 'number 66')).toBeInViewport();
  expect(await rows(page).count()).toBeLessThanOrEqual(100);
  const top = () => letter(page, 'number 66').evaluate((row) => row.getBoundingClientRect().top);
  const [before, whole] = [await top(), await height()];
  await roost.post(hedy, { to: ['ada'], subject: 'in between' });
  await expect.poll(height).toBeGreaterThan(whole);
  await expect.poll(top).toBe(before);
  await list.evaluate((list) => list.scrollTo(0, list.scrollHeight));
  await expect(letter(page, 'number 1')).toBeInViewport();
  expect(await rows(page).count()).toBeLessThanOrEqual(100);
  expect(await height()).toBe(whole + 64);
});
