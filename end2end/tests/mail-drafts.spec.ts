import { type Page } from '@playwright/test';
import { ADA, AWAY, GRACE, expect, status, test, visit, type Roost } from '../fixtures/roost';
import { complete, letter, letters, rows, toast } from '../fixtures/mail-screens';

async function ada_writes(roost: Roost) {
  const ada = await roost.member(ADA);
  await roost.member(GRACE);
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  await page.keyboard.press('c');
  await expect(page.getByLabel('To', { exact: true })).toBeFocused();
  return { page, ada };
}

const text = (page: Page) => page.getByLabel('Text');
const saved = (page: Page) => page.getByTestId('saved');

test('a draft is kept while one types, under one id, and a closed tab loses nothing', async ({ roost }) => {
  const { page, ada } = await ada_writes(roost);
  await page.getByLabel('Subject').fill('Half');
  await expect(saved(page)).toHaveText('Saved');
  await expect(page).toHaveURL(/\/mail\/draft\/[0-9a-f-]{36}$/);
  const address = page.url();
  await text(page).pressSequentially('a sentence that', { delay: 5 });
  // At once, without a pause in which it would be kept by itself.
  await page.close({ runBeforeUnload: true });

  const again = await page.context().newPage();
  await visit(again, '/mail/drafts');
  await expect(rows(again)).toHaveCount(1);
  await letter(again, 'Half').click();
  await expect(again).toHaveURL(address);
  await expect(text(again)).toHaveValue('a sentence that');
  await text(again).press('End');
  await text(again).pressSequentially(' goes on');
  // Going elsewhere in the middle of a word, too.
  await again.getByRole('link', { name: /^Inbox/ }).click();
  await again.getByRole('link', { name: /^Drafts/ }).click();
  await letter(again, 'Half').click();
  await expect(text(again)).toHaveValue('a sentence that goes on');
  await expect.poll(async () => (await roost.mailbox(ada, 'd')).map((draft: { body: string }) => draft.body)).toEqual(['a sentence that goes on']);
});

test('a letter to nobody says so at its field, and a draft that is thrown away comes back', async ({ roost }) => {
  const { page } = await ada_writes(roost);
  await text(page).fill('To whom?');
  await text(page).press('Control+Enter');
  await expect(page.getByText('Say who should get it')).toBeVisible();
  await expect(page.getByLabel('To', { exact: true })).toBeFocused();
  await expect(page.getByLabel('To', { exact: true })).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'Throw away' }).click();
  await expect(page).toHaveURL(/\/mail\/inbox$/);
  await toast(page).getByRole('button', { name: 'Undo' }).click();
  await expect(text(page)).toHaveValue('To whom?');
});

test('an answer that nobody wrote into leaves nothing behind', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await roost.post(grace, { to: ['ada'], subject: 'A question', body: 'Well?' });
  const page = await roost.browserOf(ADA);
  await visit(page, '/mail');
  await complete(page);
  await letter(page, 'A question').click();
  await page.getByRole('button', { name: 'Forward' }).click();
  await expect(page.getByLabel('Subject')).toHaveValue('Fwd: A question');
  await expect(saved(page)).toHaveText('Saved');
  await page.getByRole('link', { name: /^Drafts/ }).click();
  await expect(page.getByText('Nothing is being written.')).toBeVisible();
  await expect.poll(async () => (await roost.mailbox(ada, 'd')).length).toBe(0);
});

test('files go with a letter, whatever way they came, and those that are too large are left out', async ({ roost }) => {
  const { page } = await ada_writes(roost);
  const grace = await roost.browserOf(GRACE);
  await page.getByLabel('To', { exact: true }).fill('grace,');
  await page.getByLabel('Subject').fill('With files');
  await page.getByTestId('files').setInputFiles([
    { name: 'card.txt', mimeType: 'text/plain', buffer: Buffer.from('operation 4') },
    { name: 'reel.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(5 * 1024 * 1024 + 1) },
  ]);
  await expect(page.getByText('“reel.bin” is larger than 5.0 MiB')).toBeVisible();
  const files = page.getByRole('list', { name: 'Files' }).getByRole('listitem');
  await expect(files).toHaveCount(1);
  // Dropped, and pasted.
  for (const [kind, name] of [['drop', 'dropped.txt'], ['paste', 'pasted.txt']]) {
    await text(page).evaluate((field, [kind, name]) => {
      const data = new DataTransfer();
      data.items.add(new File([name], name, { type: 'text/plain' }));
      const event = kind === 'drop' ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }) : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      field.dispatchEvent(event);
    }, [kind, name]);
  }
  await expect(files).toHaveCount(3);
  await page.getByRole('button', { name: 'Without pasted.txt' }).click();
  await expect(files).toHaveCount(2);
  await page.getByRole('button', { name: 'Send' }).click();

  await visit(grace, '/mail');
  await complete(grace);
  await letter(grace, 'With files').click();
  const arrived = letters(grace).getByRole('list', { name: 'Files' }).getByRole('button');
  await expect(arrived).toHaveCount(2);
  const [download] = await Promise.all([grace.waitForEvent('download'), arrived.first().click()]);
  expect(download.suggestedFilename()).toBe('card.txt');
  const bytes = await (await download.createReadStream()).toArray();
  expect(Buffer.concat(bytes).toString()).toBe('operation 4');
});

test('two versions of one draft are both there until one has chosen', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const { page: desk, ada } = await ada_writes(roost);
  await desk.getByLabel('Subject').fill('Versions');
  await text(desk).fill('The beginning.');
  await expect.poll(async () => (await roost.mailbox(ada, 'd')).length).toBe(1);
  const train = await roost.browserOf(ADA);
  await visit(train, new URL(desk.url()).pathname);
  await complete(train);
  await expect(text(train)).toHaveValue('The beginning.');

  // Neither hears of the other.
  await train.context().setOffline(true);
  await text(train).fill('The beginning.\nFrom the train.');
  await expect(saved(train)).toHaveText('Saved');
  await text(desk).fill('The beginning.\nFrom the desk.');
  await expect.poll(async () => (await roost.mailbox(ada, 'd'))[0].body).toContain('desk');
  await train.context().setOffline(false);

  for (const page of [desk, train]) {
    await expect(page.getByText('There is another version of this letter')).toBeVisible({ timeout: 60_000 });
  }
  await train.getByRole('button', { name: 'Compare' }).click();
  const versions = train.getByTestId('versions');
  await expect(versions.locator('mark')).toHaveCount(2);
  await versions.getByRole('button', { name: 'Keep both texts' }).click();
  await expect(train.getByText('There is another version')).toHaveCount(0);
  await expect(text(train)).toHaveValue(/From the (train|desk)\.[^]*— Other version[^]*From the (train|desk)\./);
  await expect(desk.getByText('There is another version')).toHaveCount(0, { timeout: 60_000 });
  await expect(text(desk)).toHaveValue(await text(train).inputValue());
});
