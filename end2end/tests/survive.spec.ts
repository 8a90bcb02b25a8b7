import { ADA, AWAY, GRACE, alive, expect, messages, sequence, status, test, visit, write } from '../fixtures/roost';

test('the server is killed and starts again: both say so, come back, and hold every message exactly once', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (const n of [1, 2, 3]) await roost.write(n % 2 ? ada : grace, conversation, `before ${n}`);
  const [adas, graces] = [await roost.browserOf(ADA), await roost.browserOf(GRACE)];
  for (const page of [adas, graces]) {
    await visit(page, `/chat/${conversation.id}`);
    await expect(messages(page)).toHaveCount(3);
  }

  await roost.kill();
  for (const page of [adas, graces]) await expect(page.getByTestId('connection')).toBeVisible();
  // Written while there is nobody to take it: it waits, and says so.
  await write(adas, 'written while the server was down');
  await expect(adas.locator('[data-state=pending]')).toHaveText(/written while the server was down/);

  await roost.launch();
  await roost.write(grace, conversation, 'from another device');
  const expected = ['before 1', 'before 2', 'before 3', 'written while the server was down', 'from another device'];
  for (const page of [adas, graces]) {
    await expect(messages(page)).toHaveCount(5, { timeout: 60_000 });
    await expect(page.locator('[data-state=pending], [data-state=failed]')).toHaveCount(0);
    expect(await sequence(page)).toEqual([1, 2, 3, 4, 5]);
    for (const text of expected) await expect(messages(page).filter({ hasText: text })).toHaveCount(1);
    await expect(page.getByTestId('connection')).toHaveCount(0);
  }
  const history = await roost.history(ada, conversation);
  expect(history.map((message) => message.seq)).toEqual([1, 2, 3, 4, 5]);
  expect(history.map((message) => message.body).sort()).toEqual([...expected].sort());
});

test('what was written while a browser had no network is there when it is back, and so is what it wrote', async ({ roost }) => {
  roost.complaints.expect(AWAY);
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(ada, conversation, 'hello');
  const page = await roost.browserOf(GRACE);
  await visit(page, `/chat/${conversation.id}`);
  await expect(messages(page)).toHaveCount(1);

  await page.context().setOffline(true);
  // More than one page of them, so that the hole is not filled by a single question.
  for (let n = 1; n <= 25; n++) await roost.write(ada, conversation, `missed ${n}`);
  await write(page, 'from the tunnel');
  await expect(page.locator('[data-state=pending]')).toHaveCount(1);
  await page.context().setOffline(false);

  await expect(page.locator('[data-state=pending], [data-state=failed]')).toHaveCount(0, { timeout: 60_000 });
  await expect.poll(() => sequence(page), { timeout: 30_000 }).toEqual(Array.from({ length: 27 }, (_, n) => n + 1));
  await expect(messages(page).filter({ hasText: 'from the tunnel' })).toHaveCount(1);
});

test('a message that was sent twice is there once', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  const page = await roost.browserOf(GRACE);
  await visit(page, `/chat/${conversation.id}`);
  const body = { client_id: crypto.randomUUID(), body: 'once' };
  const path = `/api/v1/conversations/${conversation.id}/messages`;
  const first = await roost.call('POST', path, { token: ada.token, body, status: 201 });
  const again = await roost.call('POST', path, { token: ada.token, body, status: 200 });
  expect(again).toEqual(first);
  await roost.write(ada, conversation, 'twice');
  await expect(messages(page)).toHaveCount(2);
  await expect(messages(page)).toContainText(['once', 'twice']);
});

test('two windows of one person agree', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  const one = await roost.browserOf(ADA);
  await visit(one, `/chat/${conversation.id}`);
  const two = await one.context().newPage();
  await visit(two, `/chat/${conversation.id}`);
  await write(one, 'from the first window');
  await write(two, 'from the second window');
  for (const page of [one, two]) {
    await expect(messages(page)).toHaveCount(2);
    await expect(page.locator('[data-state=pending]')).toHaveCount(0);
    expect(await sequence(page)).toEqual([1, 2]);
  }
});

test('a session that ended elsewhere ends here', async ({ roost }) => {
  roost.complaints.expect(status(401), status(403));
  await roost.member(ADA);
  const page = await roost.browserOf(ADA);
  await visit(page, '/chat');
  const answer = await page.context().request.delete('/api/v1/session', { headers: { origin: roost.url } });
  expect(answer.status()).toBe(204);
  await expect(page).toHaveURL(/\/sign-in/);
  await alive(page);
});
