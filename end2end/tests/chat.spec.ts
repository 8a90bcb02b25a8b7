import { ADA, AWAY, GRACE, HEDY, MALLORY, alive, composer, expect, log, messages, sequence, test, visit, write } from '../fixtures/roost';

test('Ada finds Grace and writes, Grace sees it at once and answers', async ({ roost }) => {
  await roost.member(ADA);
  await roost.member(GRACE);
  const [ada, grace] = [await roost.browserOf(ADA), await roost.browserOf(GRACE)];
  await visit(ada, '/chat');
  await visit(grace, '/chat');

  await ada.getByLabel('Find people').pressSequentially('hopp');
  await ada.getByRole('button', { name: /Grace Hopper/ }).click();
  await expect(ada).toHaveURL(/\/chat\/[0-9a-f-]{36}/);
  await write(ada, 'Good morning, Grace. Have you seen the note on Bernoulli numbers?');
  await expect(messages(ada)).toHaveCount(1);
  await expect(messages(ada)).toHaveAttribute('data-state', 'sent');

  // Grace did not touch anything: the conversation appears, unread.
  const entry = grace.getByRole('link', { name: /Ada Lovelace/ });
  await expect(entry).toBeVisible();
  await expect(entry).toContainText('1 unread');
  await entry.click();
  await expect(messages(grace)).toContainText(['Good morning, Grace.']);
  await write(grace, 'I have. It ran on the first try.');
  await expect(messages(ada)).toContainText(['Good morning', 'It ran on the first try.']);
  for (const page of [ada, grace]) expect(await sequence(page)).toEqual([1, 2]);
});

test('a conversation opens with the latest ten, and scrolling up loads the older ones without a jump', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (let n = 1; n <= 35; n++) await roost.write(n % 2 ? ada : grace, conversation, `message number ${n}`);

  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  await expect(messages(page)).toHaveCount(10);
  await expect(messages(page).last()).toBeInViewport();
  expect(await sequence(page)).toEqual([26, 27, 28, 29, 30, 31, 32, 33, 34, 35]);

  while ((await messages(page).count()) < 35) {
    const before = await messages(page).count();
    await messages(page).first().scrollIntoViewIfNeeded();
    await log(page).hover();
    await page.mouse.wheel(0, -3000);
    await expect.poll(() => messages(page).count(), { message: 'older messages are loaded' }).toBeGreaterThan(before);
  }
  expect(await sequence(page)).toEqual(Array.from({ length: 35 }, (_, n) => n + 1));
  await expect(messages(page).nth(6)).toContainText('message number 7');
});

test('unread counts rise while one is elsewhere, and fall when one reads', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(ada, conversation, 'one');
  await roost.write(ada, conversation, 'two');

  const page = await roost.browserOf(GRACE);
  await visit(page, '/chat');
  const entry = page.getByRole('link', { name: /Ada Lovelace/ });
  await expect(entry).toContainText('2 unread');
  await roost.write(ada, conversation, 'three');
  await expect(entry).toContainText('3 unread');

  await entry.click();
  await expect(messages(page)).toHaveCount(3);
  await expect(entry).not.toContainText('unread');
  const mine = () => roost.call('GET', '/api/v1/conversations', { token: grace.token });
  await expect.poll(async () => (await mine())[0].unread).toBe(0);
});

test('what is written while the list is under way is neither lost nor counted twice', async ({ roost }) => {
  roost.complaints.expect(AWAY);
  const [ada, grace, hedy] = [await roost.member(ADA), await roost.member(GRACE), await roost.member(HEDY)];
  const withAda = await roost.openConversation(ada, grace);
  await roost.write(ada, withAda, 'before');
  const page = await roost.browserOf(GRACE);
  await visit(page, '/chat');
  const entry = page.getByRole('link', { name: /Ada Lovelace/ });
  await expect(entry).toContainText('1 unread');

  // Grace comes back from offline. The server answers with her list at once, but the answer takes its time.
  let deliver = () => {};
  const late = new Promise<void>((done) => (deliver = done));
  let asked = 0;
  await page.context().route('**/form/conversations*', async (route) => {
    const response = await route.fetch();
    if (++asked === 1) await late;
    await route.fulfill({ response });
  });
  await page.context().setOffline(true);
  await page.context().setOffline(false);
  await expect.poll(() => asked).toBe(1);
  await roost.write(ada, withAda, 'meanwhile');
  await expect(entry).toContainText('2 unread');
  const withHedy = await roost.openConversation(hedy, grace);
  await roost.write(hedy, withHedy, 'Are you there?');
  const newcomer = page.getByRole('link', { name: /Hedy Lamarr/ });
  await expect(newcomer).toContainText('1 unread');

  const absorbed = page.waitForResponse(/form\/conversations/);
  deliver();
  await absorbed;
  await roost.write(ada, withAda, 'after');
  await expect(entry).toContainText('3 unread');
  await expect(newcomer).toContainText('1 unread');
  await expect(entry).toContainText('after');
});

test('Enter sends, Shift+Enter breaks the line, and nothing but space is not sent', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);

  await composer(page).fill('   ');
  await composer(page).press('Enter');
  await composer(page).fill('');
  await composer(page).pressSequentially('first line');
  const low = (await composer(page).boundingBox())!.height;
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('second line');
  await composer(page).press('Shift+Enter');
  await composer(page).pressSequentially('third line');
  expect((await composer(page).boundingBox())!.height).toBeGreaterThan(low);
  await composer(page).press('Enter');
  await expect(composer(page)).toHaveValue('');
  await expect(messages(page)).toHaveCount(1);
  await expect(messages(page)).toHaveAttribute('data-state', 'sent');
  const [only] = await roost.history(ada, conversation);
  expect(only.body).toBe('first line\nsecond line\nthird line');
});

test('text is text: markup in names and messages is shown as it was written', async ({ roost }) => {
  const ada = await roost.member({ ...ADA, display_name: 'Ada <b>L</b>' });
  const grace = await roost.member(GRACE);
  const conversation = await roost.openConversation(ada, grace);
  const nasty = '</textarea><script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">';
  await roost.write(ada, conversation, nasty);
  const page = await roost.browserOf(GRACE);
  await visit(page, `/chat/${conversation.id}`);
  await expect(messages(page)).toContainText(nasty);
  await expect(page.getByRole('heading', { name: 'Ada <b>L</b>' })).toBeVisible();
  await write(page, nasty);
  await expect(messages(page)).toHaveCount(2);
  expect(await page.evaluate(() => 'pwned' in window)).toBe(false);
});

test('the whole way without a mouse', async ({ roost }) => {
  await roost.member(ADA);
  await roost.member(GRACE);
  const page = await roost.browserOf(ADA);
  await visit(page, '/chat');
  const tabTo = async (reached: () => Promise<boolean>) => {
    for (let presses = 0; presses < 40; presses++) {
      if (await reached()) return;
      await page.keyboard.press('Tab');
    }
    throw new Error('Tab never led there');
  };
  const focused = (text: RegExp) => async () =>
    text.test(await page.evaluate(() => {
      const at = document.activeElement as HTMLElement | null;
      const label = (at as HTMLInputElement | null)?.labels?.[0]?.innerText;
      return [at?.getAttribute('aria-label'), label, at?.innerText].filter(Boolean).join(' ');
    }));

  await tabTo(focused(/Find people/));
  await page.keyboard.type('grace');
  await expect(page.getByText('Grace Hopper')).toBeVisible();
  await tabTo(focused(/Grace Hopper/));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}/);
  await expect(composer(page)).toBeVisible();
  if (!(await focused(/^Message/)())) await tabTo(focused(/^Message/));
  await page.keyboard.type('No mouse was harmed.');
  await page.keyboard.press('Enter');
  await expect(messages(page)).toContainText(['No mouse was harmed.']);
});

test('a conversation is nobody else’s', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await roost.member(MALLORY);
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(ada, conversation, 'between us');
  const page = await roost.browserOf(MALLORY);
  const response = await page.goto(`/chat/${conversation.id}`);
  expect(response?.status()).toBe(404);
  await alive(page);
  await expect(page.getByText('between us')).toHaveCount(0);
  roost.complaints.expect(/status of 404/);
});
