import { ADA, GRACE, HEDY, alive, composer, expect, messages, test, visit, write, type Member, type Roost } from '../fixtures/roost';
import type { Page } from '@playwright/test';

/** A group over REST, made by the first. */
const group = (roost: Roost, owner: Member, title: string, ...others: Member[]) =>
  roost.call('POST', '/api/v1/conversations', { token: owner.token, body: { kind: 'group', title, members: others.map((one) => one.username) } });

const events = (page: Page) => page.getByRole('log', { name: 'Messages' }).locator('li.event');

test('the life of a group: made, written in, renamed, somebody comes, goes, and leaves', async ({ roost }) => {
  await roost.member(ADA);
  await roost.member(GRACE);
  await roost.member(HEDY);
  const [ada, grace, hedy] = [await roost.browserOf(ADA), await roost.browserOf(GRACE), await roost.browserOf(HEDY)];
  for (const page of [ada, grace, hedy]) await visit(page, '/chat');

  // Ada makes it with Grace.
  await ada.getByRole('button', { name: 'New group' }).click();
  const making = ada.getByRole('dialog', { name: 'New group' });
  await making.getByLabel('Name of the group').fill('Analytical Society');
  await making.getByLabel('People').pressSequentially('hopp');
  await expect(making.getByRole('option', { name: /Grace Hopper/ })).toBeVisible();
  await making.getByLabel('People').press('Enter');
  await making.getByRole('button', { name: 'Create group' }).click();
  await expect(ada.getByRole('heading', { name: 'Analytical Society' })).toBeVisible();
  await expect(events(ada)).toContainText([/You made the group “Analytical Society”/]);
  await write(ada, 'Welcome, **everybody**.');
  await expect(messages(ada).last().locator('strong')).toHaveText('everybody');

  // Grace sees it appear, with Ada's first name before the words.
  const entry = grace.getByRole('link', { name: /Analytical Society/ });
  await expect(entry).toContainText('Ada: Welcome, everybody.');
  await entry.click();
  await expect(messages(grace).last()).toContainText('Welcome, everybody.');

  // Hedy is added; what was before her is not hers.
  await ada.getByRole('button', { name: 'About this conversation' }).click();
  const about = ada.getByRole('dialog', { name: 'Analytical Society' });
  await about.getByLabel('Add people').pressSequentially('hedy');
  await about.getByRole('option', { name: /Hedy Lamarr/ }).click();
  await about.getByRole('button', { name: 'Add to the group' }).click();
  await expect(about.locator('.info-member')).toHaveCount(3);
  await expect(events(grace).last()).toContainText('Ada Lovelace added Hedy Lamarr');
  await hedy.getByRole('link', { name: /Analytical Society/ }).click();
  await expect(events(hedy).last()).toContainText('Ada Lovelace added you');
  await expect(hedy.getByText('Welcome, everybody.')).toHaveCount(0);

  // Renamed, promoted.
  await about.getByLabel('Name of the group').fill('Difference Engineers');
  await about.getByRole('button', { name: 'Rename' }).click();
  await expect(hedy.getByRole('heading', { name: 'Difference Engineers' })).toBeVisible();
  const renamed = ada.getByRole('dialog', { name: 'Difference Engineers' });
  await renamed.getByRole('button', { name: 'Make owner: Grace Hopper' }).click();
  await expect(events(grace).last()).toContainText('Ada Lovelace made you an owner');

  // Grace takes Hedy out, who is led away from what is no longer hers.
  await grace.getByRole('button', { name: 'About this conversation' }).click();
  await grace.getByRole('button', { name: 'Remove: Hedy Lamarr' }).click();
  await expect(hedy).toHaveURL(/\/chat$/);
  await expect(hedy.getByRole('link', { name: /Difference Engineers/ })).toHaveCount(0);

  // Ada leaves.
  await renamed.getByRole('button', { name: 'Leave…' }).click();
  await ada.getByRole('dialog', { name: /Leave/ }).getByRole('button', { name: 'Leave', exact: true }).click();
  await expect(ada).toHaveURL(/\/chat$/);
  await expect(events(grace).last()).toContainText('Ada Lovelace left');
});

test('without JavaScript: write into a group, and read what happened', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await group(roost, ada, 'Analytical Society', grace);
  const page = await roost.browserOf(GRACE, { javaScriptEnabled: false });
  await page.goto('/chat');
  await page.getByRole('link', { name: /Analytical Society/ }).click();
  await expect(events(page)).toContainText([/Ada Lovelace made the group/]);
  await composer(page).fill('- one\n- two');
  await page.getByRole('button', { name: 'Send' }).click();
  await expect(messages(page).last().getByRole('listitem')).toHaveText(['one', 'two']);
});

test('mute, archive and delete for me are mine alone, and come back as they should', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(grace, ada);
  await roost.write(grace, conversation, 'one');
  const page = await roost.browserOf(ADA);
  await visit(page, '/chat');
  const entry = page.getByRole('link', { name: /Grace Hopper/ });
  const more = page.getByRole('button', { name: 'More for this conversation' });
  const choose = async (name: RegExp) => {
    await entry.hover();
    await more.click();
    await page.getByRole('menuitem', { name }).click();
  };

  await choose(/^Mute/);
  await expect(entry).toContainText('Muted');
  await expect(page).toHaveTitle('Chat · Roost');
  await choose(/^Unmute/);
  await expect(page).toHaveTitle('(1) Chat · Roost');

  // Put away until something new is written.
  await choose(/^Archive/);
  await expect(entry).toBeHidden();
  await expect(page.getByText('Archived 1')).toBeVisible();
  await roost.write(grace, conversation, 'two');
  await expect(entry).toBeVisible();
  await expect(page.getByText('Archived 1')).toHaveCount(0);

  // Deleted for me: Grace keeps it, and a new message brings it back without what was.
  await entry.click();
  await expect(messages(page)).toHaveCount(2);
  await page.getByRole('button', { name: 'More for the open conversation' }).click();
  await page.getByRole('menuitem', { name: /Delete for me/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete for me' }).click();
  await expect(page).toHaveURL(/\/chat$/);
  await expect(entry).toHaveCount(0);
  expect(await roost.history(grace, conversation)).toHaveLength(2);
  await roost.write(grace, conversation, 'three');
  await entry.click();
  await expect(messages(page)).toHaveText([/three/]);
});

test('a draft shows in the list and survives a reload, and the list is filtered by name', async ({ roost }) => {
  const [ada, grace, hedy] = [await roost.member(ADA), await roost.member(GRACE), await roost.member(HEDY)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(ada, conversation, 'hello');
  await roost.write(ada, await roost.openConversation(ada, hedy), 'hello');
  const page = await roost.browserOf(ADA);
  await visit(page, `/chat/${conversation.id}`);
  await composer(page).fill('half a thought');
  await page.getByRole('link', { name: /Hedy Lamarr/ }).click();
  const entry = page.getByRole('link', { name: /Grace Hopper/ });
  await expect(entry).toContainText('Draft: half a thought');
  await page.waitForTimeout(500);
  await page.reload();
  await alive(page);
  await expect(entry).toContainText('Draft: half a thought');

  await page.getByLabel('Find people').fill('lam');
  await expect(entry).toHaveCount(0);
  await expect(page.getByRole('link', { name: /Hedy Lamarr/ })).toBeVisible();
  await expect(page.getByRole('link', { name: /Search messages for “lam”/ })).toHaveAttribute('href', '/search?q=lam');
  await page.getByLabel('Find people').press('Escape');
  await expect(entry).toBeVisible();
});
