import { ADA, GRACE, alive, expect, status, test, visit } from '../fixtures/roost';
import { sendLetters } from '../fixtures/mail';
import type { Page } from '@playwright/test';

// The copy behind the pages of the product: letters come in while somebody only chats.

/** How many letters the copy of this account has lines of; null when there is no copy. */
const kept = (page: Page, account: string) =>
  page.evaluate(async (name) => {
    if (!(await indexedDB.databases()).some((known) => known.name === name)) return null;
    return new Promise<number>((good, bad) => {
      const request = indexedDB.open(name);
      request.onerror = () => bad(request.error);
      request.onsuccess = () => {
        const count = request.result.transaction('lines').objectStore('lines').index('ids').count();
        count.onsuccess = () => (request.result.close(), good(count.result));
      };
    });
  }, `roost-mail-${account}`);

test('letters come in behind the chat, and go from this browser with their owner', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', ['Notes', 'Moths']);
  const page = await roost.browserOf(GRACE);
  await visit(page, '/chat');
  await expect.poll(() => kept(page, grace.id), { timeout: 60_000 }).toBe(2);
  await sendLetters(roost, ada, 'grace', ['A compiler']);
  await expect.poll(() => kept(page, grace.id), { timeout: 60_000 }).toBe(3);

  await page.goto('/settings');
  await alive(page);
  roost.complaints.expect(status(401));
  await page.context().clearCookies();
  await visit(page, '/sign-in');
  await expect.poll(() => kept(page, grace.id)).toBeNull();
});
