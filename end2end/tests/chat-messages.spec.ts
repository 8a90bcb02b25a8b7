import { ADA, GRACE, HEDY, composer, expect, log, messages, test, visit, write, type Roost } from '../fixtures/roost';
import type { Page } from '@playwright/test';

async function two(roost: Roost) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  await roost.write(grace, conversation, 'Have you seen relay 70?');
  const pages = [await roost.browserOf(ADA), await roost.browserOf(GRACE)];
  for (const page of pages) await visit(page, `/chat/${conversation.id}`);
  return { ada, grace, conversation, pages: pages as [Page, Page] };
}

const line = (page: Page, text: string) => messages(page).filter({ hasText: text });

async function choose(page: Page, text: string, name: RegExp) {
  await line(page, text).hover();
  await line(page, text).getByRole('button', { name: 'More for this message' }).click();
  await page.getByRole('menuitem', { name }).click();
}

test('answer, react, edit and delete: both see the same at once', async ({ roost }) => {
  const { pages: [ada, grace] } = await two(roost);

  await choose(ada, 'relay 70', /^Reply/);
  await expect(ada.getByText('Answering Grace Hopper')).toBeVisible();
  await write(ada, 'I have. There was a moth in it.');
  const answer = line(grace, 'There was a moth');
  await expect(answer.getByRole('link', { name: /Grace Hopper Have you seen relay 70/ })).toBeVisible();
  await expect(ada.getByText('Answering Grace Hopper')).toHaveCount(0);

  // Grace reacts, Ada joins in, Grace takes hers back.
  await line(grace, 'There was a moth').hover();
  await line(grace, 'There was a moth').getByRole('button', { name: 'More for this message' }).click();
  await grace.getByRole('menuitem', { name: '😮' }).click();
  await ada.getByRole('button', { name: '😮, 1', exact: true }).click();
  await expect(grace.getByRole('button', { name: '😮, 2, you too' })).toHaveAttribute('aria-pressed', 'true');
  await grace.getByRole('button', { name: '😮, 2, you too' }).click();
  await expect(ada.getByRole('button', { name: '😮, 1, you too' })).toBeVisible();

  // Edited, with what it said before.
  await choose(ada, 'There was a moth', /^Edit/);
  await expect(composer(ada)).toHaveValue('I have. There was a moth in it.');
  await composer(ada).fill('I have. There was *a moth* in it.');
  await composer(ada).press('Enter');
  await expect(line(grace, 'a moth').locator('em')).toHaveText('a moth');
  await line(grace, 'a moth').getByRole('button', { name: 'edited' }).click();
  await expect(grace.getByRole('dialog', { name: 'Earlier versions' }).getByRole('listitem')).toHaveCount(2);
  await grace.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  // Deleted: its place stays.
  await choose(ada, 'a moth', /^Delete/);
  await ada.getByRole('dialog', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(grace.getByText('Message deleted')).toHaveCount(2);
  await expect(messages(grace)).toHaveCount(2);
  await expect(messages(ada).last()).toBeFocused();
});

test('naming somebody: arrows choose, the one who is named sees it in the list', async ({ roost }) => {
  const [ada, grace, hedy] = [await roost.member(ADA), await roost.member(GRACE), await roost.member(HEDY)];
  const group = await roost.call('POST', '/api/v1/conversations', { token: ada.token, body: { kind: 'group', title: 'Society', members: [grace.username, hedy.username] } });
  const [page, reader] = [await roost.browserOf(ADA), await roost.browserOf(HEDY)];
  await visit(page, `/chat/${group.id}`);
  await visit(reader, '/chat');
  await composer(page).pressSequentially('Ask @');
  await expect(page.getByRole('listbox', { name: 'People to mention' }).getByRole('option')).toHaveCount(2);
  await composer(page).pressSequentially('lam');
  await expect(page.getByRole('option')).toHaveText([/Hedy Lamarr/]);
  await composer(page).press('Tab');
  await expect(composer(page)).toHaveValue('Ask @hedy ');
  await composer(page).pressSequentially('about hopping.');
  await composer(page).press('Enter');
  await expect(messages(page).last().locator('.mention')).toHaveText('@hedy');
  const entry = reader.getByRole('link', { name: /Society/ });
  await expect(entry).toContainText('mentions you');
  await entry.click();
  await expect(messages(reader).last()).toHaveAttribute('data-named', '');
});

test('markup is shown, and nothing in it runs or leads astray', async ({ roost }) => {
  const { ada, conversation, pages: [, grace] } = await two(roost);
  const nasty = '**bold** `x < y` [our notes](https://evil.example/a) [bad](javascript:alert(1)) <img src=x onerror="window.pwned=1">\n```rust\nfn main() {}\n```\n> said\n\n1. one\n2. two';
  await roost.write(ada, conversation, nasty);
  const shown = messages(grace).last();
  await expect(shown.locator('strong')).toHaveText('bold');
  await expect(shown.locator('pre')).toHaveText('fn main() {}');
  await expect(shown.locator('figcaption')).toHaveText('rust');
  await expect(shown.locator('blockquote')).toHaveText('said');
  await expect(shown.locator('ol li')).toHaveText(['one', 'two']);
  const link = shown.getByRole('link', { name: 'our notes' });
  await expect(link).toHaveAttribute('rel', 'noopener noreferrer nofollow ugc');
  await expect(shown).toContainText('our notes (evil.example)');
  await expect(shown).toContainText('[bad](javascript:alert(1))');
  expect(await grace.evaluate(() => 'pwned' in window)).toBe(false);
});

test('a block holds both ways, and is taken back', async ({ roost }) => {
  const { pages: [ada, grace] } = await two(roost);
  await ada.getByRole('button', { name: 'About this conversation' }).click();
  await ada.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
  await expect(ada.getByRole('dialog').getByRole('button', { name: 'Unblock' })).toBeVisible();
  await ada.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
  await expect(ada.getByText('You block Grace Hopper. Unblock to write.')).toBeVisible();
  await expect(grace.getByText('You can’t write to Ada Lovelace.')).toBeVisible();
  await ada.getByRole('button', { name: 'Unblock' }).click();
  await expect(composer(grace)).toBeVisible();
  await write(grace, 'There you are.');
  await expect(messages(ada).last()).toContainText('There you are.');
});

test('in a group, what somebody I block writes is folded and not counted', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const group = await roost.call('POST', '/api/v1/conversations', { token: ada.token, body: { kind: 'group', title: 'Society', members: [grace.username] } });
  await roost.call('PUT', `/api/v1/blocks/${grace.username}`, { token: ada.token });
  await roost.write(grace, group, 'Can you hear me?');
  const page = await roost.browserOf(ADA);
  await visit(page, '/chat');
  const entry = page.getByRole('link', { name: /Society/ });
  await expect(entry).toContainText('Message of somebody you block');
  await expect(entry).not.toContainText('unread');
  await entry.click();
  const folded = log(page).getByText('Message of somebody you block');
  await expect(folded).toBeVisible();
  await expect(page.getByText('Can you hear me?')).toBeHidden();
  await folded.click();
  await expect(page.getByText('Can you hear me?')).toBeVisible();
});

test('a message by the keyboard alone: chosen, answered, reacted to, edited, deleted', async ({ roost }) => {
  const { pages: [ada] } = await two(roost);
  const keys = ada.keyboard;
  await expect(composer(ada)).toBeFocused();
  await keys.type('First draft');
  await keys.press('Enter');
  await expect(line(ada, 'First draft')).toHaveAttribute('data-state', 'sent');

  // The arrow in an empty field changes what I wrote last; Esc lets it be.
  await keys.press('ArrowUp');
  await expect(composer(ada)).toHaveValue('First draft');
  await keys.press('Escape');
  await expect(composer(ada)).toHaveValue('');
  await keys.press('ArrowUp');
  await keys.press('Control+A');
  await keys.type('bold words');
  await keys.press('Control+A');
  await keys.press('Control+B');
  await expect(composer(ada)).toHaveValue('**bold words**');
  await keys.press('Enter');
  await expect(line(ada, 'bold words').locator('strong')).toHaveText('bold words');

  // Into the log, and up.
  await log(ada).focus();
  await keys.press('ArrowUp');
  await expect(messages(ada).last()).toBeFocused();
  await keys.press('ArrowUp');
  await expect(messages(ada).first()).toBeFocused();
  await keys.press('Enter');
  await expect(ada.getByRole('menuitem', { name: '👍' })).toBeFocused();
  await keys.press('Enter');
  await expect(messages(ada).first().getByRole('button', { name: '👍, 1, you too' })).toBeVisible();
  await expect(messages(ada).first()).toBeFocused();
  await keys.press('r');
  await expect(composer(ada)).toBeFocused();
  await keys.type('By keys.');
  await keys.press('Enter');
  await expect(line(ada, 'By keys.').locator('.quote')).toContainText('relay 70');

  await log(ada).focus();
  await keys.press('ArrowUp');
  await keys.press('Delete');
  const sure = ada.getByRole('dialog', { name: 'Delete this message?' });
  await expect(sure.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await keys.press('Tab');
  await keys.press('Enter');
  await expect(log(ada).getByText('Message deleted')).toBeVisible();
  await expect(messages(ada).last()).toBeFocused();
});

test('only what is new is announced, and a link to a message leads there', async ({ roost }) => {
  const { ada, grace, conversation, pages: [page] } = await two(roost);
  for (let n = 1; n <= 40; n++) await roost.write(n % 2 ? ada : grace, conversation, `line ${n}`);
  await expect(page.getByTestId('announcer')).toContainText('Grace Hopper: line 40');
  await visit(page, `/chat/${conversation.id}?at=3`);
  const linked = log(page).locator('[data-seq="3"]');
  await expect(linked).toBeInViewport();
  await expect(linked).toHaveAttribute('data-linked', '');
  await expect(page.getByTestId('announcer')).not.toContainText('line');
});
