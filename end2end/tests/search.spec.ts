import { ADA, GRACE, HEDY, MALLORY, expect, test, visit } from '../fixtures/roost';

for (const [how, options] of [['with', {}], ['without', { javaScriptEnabled: false }]] as const) {
  test(`messages are found by their words ${how} JavaScript, and lead to their places`, async ({ roost }) => {
    const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
    const conversation = await roost.openConversation(ada, grace);
    for (let n = 1; n <= 25; n++) await roost.write(ada, conversation, `Good morning, number ${n}`);
    await roost.write(grace, conversation, 'Meet me at the Café, Ada');

    const page = await roost.browserOf(ADA, options);
    if (how === 'with') {
      await visit(page, '/search');
      await expect(page.getByLabel('Search messages')).toBeFocused();
      await page.getByLabel('Search messages').pressSequentially('cafe m');
    } else {
      await page.goto('/search');
      await page.getByLabel('Search messages').fill('cafe m');
      await page.getByRole('button', { name: 'Search', exact: true }).click();
    }
    await expect(page).toHaveURL(/\/search\?q=cafe(\+|%20)m/);
    await expect(page.locator('.search-told')).toHaveText('1 message');
    await expect(page.locator('mark')).toHaveText(['M', 'm', 'Café']);
    await expect(page).toHaveTitle('cafe m · Search · Roost');
    await page.getByRole('link', { name: /Meet me at the Café/ }).click();
    await expect(page).toHaveURL(new RegExp(`/chat/${conversation.id}\\?at=26$`));

    // Page by page, and back.
    await page.goto('/search?q=good');
    await expect(page.locator('.hit')).toHaveCount(20);
    await page.getByRole('link', { name: 'More messages' }).click();
    await expect(page.locator('.hit')).toHaveCount(5);
    await page.getByRole('link', { name: 'To the best ones' }).click();
    await expect(page.locator('.hit')).toHaveCount(20);

    await page.goto('/search?q=xylophone');
    await expect(page.getByText('No message has “xylophone”')).toBeVisible();
  });
}

test('arrow keys move through the results, and a stranger finds nothing of others', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (const body of ['first swordfish', 'second swordfish', 'third swordfish']) await roost.write(ada, conversation, body);
  const page = await roost.browserOf(GRACE);
  await visit(page, '/search?q=swordfish');
  const hits = page.locator('.hit');
  await expect(hits).toHaveCount(3);
  await hits.first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(hits.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(hits.nth(0)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\?at=3$/);

  await roost.member(MALLORY);
  const mallory = await roost.browserOf(MALLORY);
  await visit(mallory, '/search?q=swordfish');
  await expect(mallory.getByText('No message has')).toBeVisible();
});

for (const [how, options] of [['with', {}], ['without', { javaScriptEnabled: false }]] as const) {
  test(`what others see of me, and whom I block, is set in the settings ${how} JavaScript`, async ({ roost }) => {
    const ada = await roost.member(ADA);
    await roost.member(HEDY);
    await roost.call('PUT', '/api/v1/blocks/hedy', { token: ada.token });
    const page = await roost.browserOf(ADA, options);
    await page.goto('/settings');
    const receipts = page.getByRole('switch', { name: /Read receipts/ });
    const presence = page.getByRole('switch', { name: /Presence/ });
    await expect(receipts).toBeChecked();
    await presence.uncheck();
    await page.getByRole('region', { name: 'Privacy' }).getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('status').first()).toContainText('What others see of you');
    await expect(receipts).toBeChecked();
    await expect(presence).not.toBeChecked();
    const me = await roost.call('GET', '/api/v1/me', { token: ada.token });
    expect(me.preferences).toEqual({ read_receipts: true, presence: false });

    await page.getByRole('button', { name: 'Unblock Hedy Lamarr' }).click();
    await expect(page.getByText('You block nobody')).toBeVisible();
  });
}
