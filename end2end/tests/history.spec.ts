import { type Page } from '@playwright/test';
import { MANY, long } from '../fixtures/long.js';
import { ADA, GRACE, alive, expect, log, messages, sequence, test, visit, type Roost } from '../fixtures/roost';

/** Ada and Grace with a conversation. */
async function two(roost: Roost) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(grace, conversation, 'the pattern of all messages');
  return { ada, conversation };
}

/** The first line that is in sight: its number, and how far below the top of the list it is. */
const first = (page: Page) =>
  log(page).evaluate((place) => {
    const top = place.getBoundingClientRect().top;
    const line = [...place.querySelectorAll('[data-seq]')].find((line) => line.getBoundingClientRect().bottom > top)!;
    return { seq: Number(line.getAttribute('data-seq')), top: Math.round(line.getBoundingClientRect().top - top) };
  });

/** Moves the list by so many pixels, lets it settle, and answers by how many pixels a line in its middle is off. */
const nudge = (page: Page, by: number) =>
  log(page).evaluate(async (place, by) => {
    const from = place.getBoundingClientRect();
    const lines = [...place.querySelectorAll<HTMLElement>('[data-seq]')];
    const line = lines.find((line) => line.getBoundingClientRect().top > from.top + from.height / 2)!;
    const before = line.getBoundingClientRect().top;
    place.scrollBy(0, by);
    for (let frame = 0; frame < 4; frame++) await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done, 150));
    const after = place.querySelector(`[data-seq="${line.dataset['seq']}"]`)!.getBoundingClientRect().top;
    return Math.abs(after - before + by);
  }, by);

const nodes = (page: Page) => log(page).evaluate((place) => place.querySelectorAll('*').length);

test('a conversation of 100,000 messages stays small and stands still, however far one goes', async ({ roost }) => {
  test.setTimeout(400_000);
  const { conversation, ada } = await two(roost);
  const page = await roost.browserOf(ADA);
  const asked = await long(page, roost, ada, conversation);
  await visit(page, '/chat');
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await expect(page).toHaveURL(new RegExp(conversation.id));
  await expect(messages(page).last()).toHaveAttribute('data-seq', String(MANY));

  // Two thousand lines up, by the wheel.
  let bound = 0;
  await log(page).hover();
  for (let turns = 0; turns < 600 && (await first(page)).seq > MANY - 2_000; turns++) {
    await page.mouse.wheel(0, -3_000);
    await page.waitForTimeout(30);
    if (turns % 10 === 0) bound = Math.max(bound, await messages(page).count());
  }
  expect((await first(page)).seq).toBeLessThanOrEqual(MANY - 2_000);
  expect(bound).toBeLessThanOrEqual(100);
  expect(await nodes(page)).toBeLessThan(4_000);
  const numbers = await sequence(page);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => numbers[0]! + n));

  // Lines come and go at both ends; what is read moves as far as it was moved, and no further.
  await page.waitForTimeout(500);
  for (let turns = 0; turns < 40; turns++) expect(await nudge(page, turns % 8 > 5 ? 250 : -250), `turn ${turns}`).toBeLessThanOrEqual(2);
  expect((await first(page)).seq).toBeLessThan(numbers.at(-1)!);

  // To the very beginning with one key, and back to the end with another.
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(messages(page).first()).toHaveAttribute('data-seq', '1');
  await expect(page.getByText('message number 1', { exact: true })).toBeInViewport();
  await page.keyboard.press('End');
  await expect(messages(page).last()).toHaveAttribute('data-seq', String(MANY));
  await expect(messages(page).last()).toBeInViewport();
  expect(await messages(page).count()).toBeLessThanOrEqual(100);
  expect(asked.length).toBeLessThan(150);
});

test('a link to a message opens there, shows what is around it, and the way back to the end', async ({ roost }) => {
  const { conversation, ada } = await two(roost);
  const page = await roost.browserOf(ADA);
  await long(page, roost, ada, conversation);
  await visit(page, '/chat');
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await expect(messages(page).last()).toHaveAttribute('data-seq', String(MANY));
  await page.evaluate((path) => {
    const link = document.createElement('a');
    link.href = path;
    document.querySelector('#main')!.append(link);
    link.click();
  }, `/chat/${conversation.id}?at=42000`);
  await expect(page.locator('[data-seq="42000"]')).toBeInViewport();
  await page.getByRole('button', { name: 'To the newest' }).click();
  await expect(messages(page).last()).toHaveAttribute('data-seq', String(MANY));
  await expect(messages(page).last()).toBeInViewport();
});

test('without JavaScript, a linked message is on its page, with ways to what is earlier and later', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (let n = 1; n <= 60; n++) await roost.write(n % 2 ? ada : grace, conversation, `message number ${n}`);
  const page = await roost.browserOf(ADA, { javaScriptEnabled: false });
  await page.goto(`/chat/${conversation.id}?at=25`);
  await expect(page.locator('[data-seq="25"]')).toContainText('message number 25');
  await page.goto(`/chat/${conversation.id}`);
  expect((await sequence(page)).at(-1)).toBe(60);
  await page.getByRole('link', { name: 'Earlier messages' }).click();
  expect(await sequence(page)).toEqual(Array.from({ length: 10 }, (_, n) => 41 + n));
  await page.getByRole('link', { name: 'Later messages' }).click();
  expect(await sequence(page)).toEqual(Array.from({ length: 10 }, (_, n) => 51 + n));
});

test('many unread: the first of them is one press away', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(grace, conversation, 'hello');
  await roost.call('PUT', `/api/v1/conversations/${conversation.id}/read`, { token: ada.token, body: { seq: 1 } });
  for (let n = 2; n <= 80; n++) await roost.write(grace, conversation, `message number ${n}`);
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  await alive(page);
  await page.getByRole('button', { name: 'To the first new message' }).click();
  await expect(page.locator('[data-seq="2"]')).toBeInViewport();
  await expect(page.getByText('New messages', { exact: true })).toBeInViewport();
});
