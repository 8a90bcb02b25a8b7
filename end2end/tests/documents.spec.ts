import { ADA, expect, test } from '../fixtures/roost';

test('the API can be browsed, with nothing from elsewhere', async ({ roost }) => {
  const page = await roost.browser();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(roost.url) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  await page.goto('/api/docs');
  await expect(page.getByText('/api/v1/session', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('/api/v1/conversations', { exact: true }).first()).toBeVisible();
  expect(foreign).toEqual([]);
});

test('the page of mails shows each with its text and its links', async ({ roost }) => {
  // The mail itself is shown in a sandbox, in which nothing may run.
  roost.complaints.expect(/Blocked script execution in .*sandboxed/);
  await roost.member(ADA);
  const { mail, code, link } = await roost.code(ADA.email);
  const page = await roost.browser();
  await page.goto('/dev/mail');
  const entry = page.getByRole('group').filter({ hasText: mail.subject });
  await entry.locator('summary').click();
  await expect(entry.getByLabel('The mail as plain text')).toContainText(code);
  await entry.getByRole('link', { name: link }).click();
  // The code was used already.
  await expect(page.getByRole('main')).toContainText(/not valid/);
  roost.complaints.expect(/status of 403/);
});
