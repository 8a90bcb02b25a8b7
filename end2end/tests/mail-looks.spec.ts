import { ADA, GRACE, UNUSED, expect, status, test, visit, type Roost } from '../fixtures/roost';
import { complete, letter, letters, rows } from '../fixtures/mail-screens';

async function filled(roost: Roost, count: number) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const ids: string[] = [];
  for (let n = 1; n <= count; n++) ids.push(await roost.post(grace, { to: ['ada'], subject: `number ${n}`, body: `About number ${n}.` }));
  return { ada, grace, ids };
}

test('the server makes the first page, which needs no script to be read', async ({ roost }) => {
  roost.complaints.expect(UNUSED, status(404));
  const { ids } = await filled(roost, 3);
  const page = await roost.browserOf(ADA, { javaScriptEnabled: false });
  await page.goto('/mail');
  await expect(rows(page)).toHaveCount(3);
  await expect(page).toHaveTitle('(3) Inbox · Roost');
  await letter(page, 'number 2').click();
  await expect(page).toHaveURL(new RegExp(`/mail/inbox/${ids[1]}$`));
  await expect(letters(page)).toContainText('About number 2.');
  await page.getByLabel('Find letters').fill('number 3');
  await page.getByLabel('Find letters').press('Enter');
  await expect(rows(page)).toHaveCount(1);
  expect((await page.goto('/mail/nowhere'))!.status()).toBe(404);
});

test('nothing of the first page flickers when the copy of this device takes over', async ({ roost }) => {
  const { ids } = await filled(roost, 5);
  const page = await roost.browserOf(ADA);
  // From the first picture on, whoever is taken away is noted.
  await page.addInitScript(() => {
    const gone: string[] = [];
    (window as unknown as { gone: string[] }).gone = gone;
    new MutationObserver((changes) => {
      for (const change of changes) {
        for (const node of change.removedNodes) {
          if (node instanceof HTMLElement && (node.matches('.letter-row, .letter, .letter-title') || node.querySelector('.letter-row, .letter-body'))) gone.push(node.className);
        }
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await visit(page, `/mail/inbox/${ids[2]}`);
  await complete(page);
  await expect(rows(page)).toHaveCount(5);
  await expect(rows(page).nth(2)).not.toHaveAttribute('data-unread', '');
  expect(await page.evaluate(() => (window as unknown as { gone: string[] }).gone.filter((name) => name !== 'letter-title'))).toEqual([]);
});

test('on a phone there is one pane at a time, and the way back leads to where one was', async ({ roost }) => {
  await filled(roost, 40);
  const page = await roost.browserOf(ADA, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await visit(page, '/mail');
  await complete(page);
  const list = page.locator('.letters');
  await list.evaluate((list) => list.scrollTo(0, 1_200));
  await expect(letter(page, 'number 18')).toBeInViewport();
  const top = await list.evaluate((list) => list.scrollTop);
  await letter(page, 'number 18').tap();
  await expect(letters(page)).toBeVisible();
  await expect(list).toBeHidden();
  await page.getByRole('link', { name: 'Back to the list' }).tap();
  await expect(list).toBeVisible();
  expect(await list.evaluate((list) => list.scrollTop)).toBe(top);
  await page.getByRole('button', { name: 'Folders' }).tap();
  await page.getByRole('link', { name: /^Archive/ }).tap();
  await expect(page.getByText('What you are done with')).toBeVisible();
  await expect(page.getByRole('link', { name: /^Trash/ })).toBeHidden();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
});

test('on paper there is only the letter', async ({ roost }) => {
  const { ids } = await filled(roost, 2);
  const page = await roost.browserOf(ADA);
  await visit(page, `/mail/inbox/${ids[1]}`);
  await page.emulateMedia({ media: 'print' });
  await expect(letters(page)).toContainText('About number 2.');
  await expect(letters(page)).toBeVisible();
  for (const name of ['Roost', 'Folders']) await expect(page.getByRole('navigation', { name })).toBeHidden();
  await expect(page.locator('.mail-side, .letter-top, .letter-answers').filter({ visible: true })).toHaveCount(0);
});
