import AxeBuilder from '@axe-core/playwright';
import { type Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { ADA, GRACE, HEDY, alive, expect, status, test, type Roost } from '../fixtures/roost';

const screens = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
};

/** Every page there is, as (name, path, who looks at it, how to get its interesting state). */
async function pages(roost: Roost) {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const conversation = await roost.openConversation(ada, grace);
  for (const [who, body] of [[ada, 'Good morning'], [grace, 'Good morning!\nTwo lines.'], [grace, 'مرحبا'], [ada, 'x'.repeat(300)]] as const) {
    await roost.write(who, conversation, body);
  }
  const group = await roost.call('POST', '/api/v1/conversations', { token: ada.token, body: { kind: 'group', title: 'Analytical Society', members: [grace.username] } });
  const rich = await roost.write(grace, group, '@ada **look**: `code`, [a link](https://example.org)\n> a quote\n\n- one\n- two\n\n```sh\nls\n```');
  await roost.call('POST', `/api/v1/conversations/${group.id}/messages`, { token: ada.token, body: { client_id: randomUUID(), body: 'Seen.', reply_to: rich.id } });
  await roost.call('PUT', `/api/v1/messages/${rich.id}/reactions/${encodeURIComponent('👍')}`, { token: ada.token });
  const letter = await roost.post(grace, { to: ['ada'], subject: 'The moth', body: 'It is in the *logbook*.\n\n> Where?' });
  await roost.call('POST', '/api/v1/registration', { body: { username: 'countess', email: 'countess@example.org' } });
  const { code } = await roost.code('countess@example.org');
  const anybody = [
    '/sign-in', '/sign-up', '/sign-up/sent', '/confirm', `/confirm/${code}`, '/confirm/AAAAA-AAAAA', '/forgot', '/forgot/sent',
    new URL(roost.adminLink!).pathname, '/offline', '/no-such-page', '/dev/mail',
  ];
  const settings = ['/settings', '/settings/email', '/settings/email/sent', '/settings/password', '/settings/delete'];
  const search = ['/search', '/search?q=good', '/search?q=xylophone'];
  const mail = ['/mail', `/mail/inbox/${letter}`, '/mail/new', '/mail/drafts', '/mail/outbox', '/mail/trash', '/mail/search?q=moth', '/mail/nowhere'];
  return { anybody, group: `/chat/${group.id}`, member: ['/chat', '/chat?q=gr', `/chat/${conversation.id}`, `/chat/${group.id}`, ...search, ...mail, ...settings, '/no-such-page'] };
}

/** The pages of administration, with something on each. */
async function administration(roost: Roost) {
  const hedy = await roost.claimAdmin(HEDY);
  const make = (path: string, body: object) => roost.call('POST', `/api/v1/${path}`, { token: hedy.token, body });
  const augusta = await make('users', { username: 'augusta', email: 'augusta@example.org' });
  await roost.call('PATCH', `/api/v1/users/${augusta.id}`, { token: hedy.token, body: { disabled: true } });
  await make('invitations', { note: 'The analytical society', uses: 5 });
  await make('api-keys', { name: 'The shop', scopes: ['users:read'] });
  const users = ['/admin/users', '/admin/users?q=nobody', '/admin/users/new', `/admin/users/${augusta.id}`, `/admin/users/${augusta.id}/delete`];
  return [...users, '/admin/users/nobody', '/admin/invitations', '/admin/registration', '/admin/api-keys', '/admin/audit'];
}

/** What opens on top of the chat, as (name, how). */
const overlays: [string, (page: Page) => Promise<unknown>][] = [
  ['the menu of a message', async (page) => {
    await page.locator('[data-seq]').last().focus();
    await page.keyboard.press('Enter');
  }],
  ['all emoji', async (page) => {
    await page.locator('[data-seq]').last().focus();
    await page.keyboard.press('+');
  }],
  ['the menu of a conversation', (page) => page.getByRole('button', { name: 'More for the open conversation' }).click()],
  ['about a group', (page) => page.getByRole('button', { name: 'About this conversation' }).click()],
  // On a phone, the list is a page of its own.
  ['a new group', async (page) => {
    await page.goto('/chat');
    await alive(page);
    await page.getByRole('button', { name: 'New group' }).click();
  }],
  ['the keys', async (page) => {
    await page.locator('[data-seq]').last().focus();
    await page.keyboard.press('?');
  }],
];

async function examine(page: Page, path: string, prepare?: (page: Page) => Promise<unknown>) {
  await page.goto(path);
  // These are plain pages.
  if (!['/offline', '/dev/mail'].includes(path) && !path.startsWith('/admin/')) await alive(page);
  await prepare?.(page);
  // The frames on /dev/mail are sandboxed, so axe can't look inside.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  const found = violations.map(({ id, help, nodes }) => `${path}: ${id}: ${help}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) found.push(`${path}: ${wide} px wider than the screen`);
  if (!(await page.title())) found.push(`${path}: no title`);
  return found;
}

for (const [size, viewport] of Object.entries(screens)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`every page is accessible and fits, ${size}, ${colorScheme}`, async ({ roost }) => {
      test.setTimeout(480_000);
      roost.complaints.expect(status(403), status(404), /Blocked script execution in .*sandboxed/);
      const { anybody, member, group } = await pages(roost);
      const options = { viewport, colorScheme, reducedMotion: 'reduce' as const };
      const stranger = await roost.browser(options);
      const found = [];
      for (const path of anybody) found.push(...(await examine(stranger, path)));
      const ada = await roost.browserOf(ADA, options);
      for (const path of member) found.push(...(await examine(ada, path)));
      for (const [name, open] of overlays) found.push(...(await examine(ada, group, open)).map((problem) => `${name}: ${problem}`));
      const admin = await administration(roost);
      const hedy = await roost.browserOf(HEDY, options);
      for (const path of admin) found.push(...(await examine(hedy, path)));
      expect(found).toEqual([]);
    });
  }
}
