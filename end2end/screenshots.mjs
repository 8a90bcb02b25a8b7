// Takes a picture of every screen, on desktop and phone, light and dark, with a pleasant conversation on it.
//   node end2end/screenshots.mjs <folder> [only these names …]
// bin/run builds what it shows; docs/images/chat.png is the picture `chat-desktop-light`.

import { chromium } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ADA, GRACE, HEDY, MALLORY } from './fixtures/cast.js';
import { Server } from './fixtures/server.js';

const [folder, ...only] = process.argv.slice(2);
if (!folder) throw new Error('say where to: node end2end/screenshots.mjs <folder>');
await mkdir(folder, { recursive: true });

const talk = [
  ['ada', 'Good morning, Grace! Did the new loom of yours arrive?'],
  ['grace', 'It did. Forty crates, and the manual is in the last one.'],
  ['ada', 'Then begin with the last one. One should always read the manual of an engine before asking it questions.'],
  ['grace', 'I asked it one already. It said 0.'],
  ['ada', 'A promising start.'],
  ['grace', 'There was a moth in relay 70. I taped it into the logbook: first actual case of a bug being found.'],
  ['ada', 'You kept it?'],
  ['grace', 'Naturally. Evidence.'],
  ['ada', 'I am writing up the method for the Bernoulli numbers, step by step:\n1. the variables\n2. the operations\n3. where the cards come back\nWould you read it before it goes to print?'],
  ['grace', 'With pleasure. Send it over when it is ready, and I will try to break it.'],
  ['ada', 'That is why I ask you.'],
  ['grace', 'Lunch at one? I will bring a nanosecond, you wanted to see one.'],
];

const server = await Server.start();
// One that has no administrator yet.
const untouched = await Server.start();
const browser = await chromium.launch({
  executablePath: process.env.ROOST_CHROMIUM || undefined,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const hedy = await server.claimAdmin(HEDY);
  const members = { ada: await server.signUp(ADA), grace: await server.signUp(GRACE), hedy };
  const { ada, grace } = members;
  const withHedy = await server.openConversation(hedy, ada);
  await server.write(hedy, withHedy, 'Your torpedo guidance notes are on the piano.');
  await server.write(hedy, withHedy, 'Page 3 is upside down, sorry.');
  const conversation = await server.openConversation(ada, grace);
  for (const [who, body] of talk) await server.write(members[who], conversation, body);
  // A group with all that a message can be.
  const society = await server.call('POST', '/api/v1/conversations', { token: hedy.token, body: { kind: 'group', title: 'Analytical Society', members: ['ada', 'grace'] } });
  const say = (who, body, reply_to) =>
    server.call('POST', `/api/v1/conversations/${society.id}/messages`, { token: who.token, body: { client_id: randomUUID(), body, reply_to } });
  const react = (who, message, emoji) => server.call('PUT', `/api/v1/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`, { token: who.token });
  const plan = await say(hedy, 'The plan for **Thursday**:\n1. the note on Bernoulli numbers\n2. the moth, with evidence\n3. tea');
  await react(grace, plan, '👍');
  await react(ada, plan, '👍');
  await react(ada, plan, '🎉');
  await say(grace, '> tea\n\nWith or without a *compiler*? @ada has the key of `room 12`.', plan.id);
  const program = await say(ada, 'Without. Before I forget it:\n\n```cobol\nADD 1 TO BUGS GIVING BUGS.\n```\nMore at https://example.org/notes/g and in [the archive](https://archive.example.org/1843).');
  await server.call('PATCH', `/api/v1/messages/${program.id}`, { token: ada.token, body: { body: program.body.replace('forget it', 'forget') } });
  await react(hedy, program, '😂');
  const slip = await say(grace, 'wrong window');
  await server.call('DELETE', `/api/v1/messages/${slip.id}`, { token: grace.token });
  await say(hedy, 'See you there, @ada and @grace.');
  const empty = await server.signUp(MALLORY);
  // A mailbox with a thread, labels, files to come, and what waits.
  const letters = [
    [hedy, 'Guidance by piano rolls', 'Eighty-eight keys, **eighty-eight frequencies**. The patent is in the post, and so is the piano.'],
    [grace, 'The moth', 'It is in the logbook, page 92, with tape. Please return the tape.'],
    [hedy, 'Thursday', 'Tea at four, or engines at five?'],
    [grace, 'Nanoseconds for everybody', 'I had thirty centimetres of wire cut for each of you.\n\n- one nanosecond: 30 cm\n- one microsecond: 300 m, kept in the cellar'],
  ];
  for (const [who, subject, body] of letters) await server.post(who, { to: ['ada'], subject, body });
  await server.post(ada, { to: ['hedy', 'grace'], subject: 'The note, third draft', body: 'Attached in spirit. Read it before it goes to print?' });
  const note = await server.post(ada, { to: ['grace'], subject: 'Bernoulli numbers', body: 'Would you look at *operation 4*? I divided the wrong way round, I think.' });
  const answer = await server.post(grace, { to: ['ada'], subject: 'Re: Bernoulli numbers', in_reply_to: `l:${note}`, body: 'You did. v5 over v4, and it should be the other way.\n\n> I divided the wrong way round, I think.\n\nOtherwise I would not change a card. See [the archive](https://archive.example.org/1843) for the printed one.' });
  await server.call('POST', '/api/v1/registration', { body: { username: 'countess', email: 'countess@example.org' } });
  const { code } = await server.code('countess@example.org');

  // Something for administrators to look at.
  const asHedy = (method, path, body) => server.call(method, `/api/v1/${path}`, { token: hedy.token, body });
  const augusta = await asHedy('POST', 'users', { username: 'augusta', display_name: 'Augusta Byron', email: 'augusta@example.org' });
  await asHedy('PATCH', `users/${augusta.id}`, { disabled: true });
  await asHedy('POST', 'invitations', { note: 'The analytical society', uses: 5, days: 30 });
  await asHedy('POST', 'api-keys', { name: 'The shop', scopes: ['users:read', 'registration'] });
  await asHedy('POST', 'api-keys', { name: 'Backup of the directory', scopes: ['users:read'], days: 90 });
  await server.call('PATCH', '/api/v1/me', { token: grace.token, body: { email: 'admiral@example.org', password: GRACE.password } });
  const { code: newEmail } = await server.code('admiral@example.org', 'confirm_email');
  const press = (name) => (page) => page.getByRole('button', { name }).click();

  const screens = [
    ['sign-in', null, '/sign-in'],
    ['sign-up', null, '/sign-up'],
    ['sign-up-sent', null, '/sign-up/sent'],
    ['confirm', null, `/confirm/${code}`, (page) => page.getByLabel('Password', { exact: true }).pressSequentially('a loom of')],
    ['code-invalid', null, '/confirm/AAAAA-AAAAA'],
    ['forgot', null, '/forgot'],
    ['forgot-sent', null, '/forgot/sent'],
    ['setup', null, untouched.adminLink],
    ['offline', null, '/offline'],
    ['not-found', null, '/no-such-page'],
    ['dev-mail', null, '/dev/mail'],
    ['api-docs', null, '/api/docs'],
    ['chats', ada, '/chat'],
    ['chat', ada, `/chat/${conversation.id}`, (page) => page.getByLabel('Message', { exact: true }).fill('One o’clock it is.')],
    ['group', ada, `/chat/${society.id}`],
    ['group-about', hedy, `/chat/${society.id}`, (page) => page.getByRole('button', { name: 'About this conversation' }).click()],
    ['group-new', ada, '/chat', async (page) => {
      await page.getByRole('button', { name: 'New group' }).click();
      await page.getByLabel('Name of the group').fill('Difference Engineers');
      await page.getByRole('combobox', { name: 'People' }).pressSequentially('gr');
    }],
    ['message-menu', ada, `/chat/${society.id}`, async (page) => {
      await page.locator('[data-mine]').last().focus();
      await page.keyboard.press('Enter');
    }],
    ['message-emoji', ada, `/chat/${society.id}`, async (page) => {
      await page.locator('[data-seq]').last().focus();
      await page.keyboard.press('+');
    }],
    ['message-delete', ada, `/chat/${society.id}`, async (page) => {
      await page.locator('[data-mine]').last().focus();
      await page.keyboard.press('Delete');
    }],
    ['mention', ada, `/chat/${society.id}`, (page) => page.getByLabel('Message', { exact: true }).pressSequentially('Ask @')],
    ['reply', ada, `/chat/${society.id}`, async (page) => {
      await page.locator('[data-seq]').last().focus();
      await page.keyboard.press('r');
    }],
    ['find-people', ada, '/chat', (page) => page.getByLabel('Find people').pressSequentially('gr')],
    ['chat-empty', empty, '/chat'],
    ['search', ada, '/search?q=th'],
    ['search-none', ada, '/search?q=xylophone'],
    ['mail', ada, '/mail'],
    ['mail-letter', ada, `/mail/inbox/${answer}`],
    ['mail-write', ada, '/mail/new', async (page) => {
      await page.getByLabel('To', { exact: true }).pressSequentially('gra');
      await page.getByRole('option').first().waitFor();
    }],
    ['mail-nobody', ada, '/mail/new', (page) => page.getByRole('button', { name: 'Send' }).click()],
    ['mail-reply', ada, `/mail/inbox/${answer}`, (page) => page.getByRole('button', { name: 'Reply', exact: true }).click()],
    ['mail-chosen', ada, '/mail', async (page) => {
      await page.getByRole('link', { name: /The moth/ }).focus();
      await page.keyboard.press('x');
    }],
    ['mail-labels', ada, `/mail/inbox/${answer}`, (page) => page.keyboard.press('l')],
    ['mail-search', ada, '/mail/search?q=ber'],
    ['mail-search-none', ada, '/mail/search?q=xylophone'],
    ['mail-sent', ada, '/mail/sent'],
    ['mail-drafts', ada, '/mail/drafts'],
    ['mail-outbox', ada, '/mail/outbox'],
    ['mail-trash', ada, '/mail/trash'],
    ['mail-empty', empty, '/mail'],
    ['mail-missing', ada, '/mail/inbox/0193f5e2-0000-7000-8000-000000000001'],
    ['settings', grace, '/settings'],
    ['settings-email', grace, '/settings/email', press('Send me a code')],
    ['settings-email-sent', grace, '/settings/email/sent'],
    ['confirm-email', null, `/confirm/${newEmail}`],
    ['settings-password', ada, '/settings/password', (page) => page.getByLabel('New password', { exact: true }).pressSequentially('a loom of')],
    ['settings-delete', ada, '/settings/delete'],
    ['signed-out', null, '/sign-in?ended=1'],
    ['admin-users', hedy, '/admin/users'],
    ['admin-users-none', hedy, '/admin/users?q=zz'],
    ['admin-user', hedy, `/admin/users/${augusta.id}`],
    ['admin-user-new', hedy, '/admin/users/new', press('Create user')],
    ['admin-user-delete', hedy, `/admin/users/${augusta.id}/delete`],
    ['admin-invitations', hedy, '/admin/invitations'],
    ['admin-invitation-new', hedy, '/admin/invitations', async (page) => {
      await page.getByText('New invitation').click();
      await press('Create invitation')(page);
    }],
    ['admin-registration', hedy, '/admin/registration'],
    ['admin-api-keys', hedy, '/admin/api-keys'],
    ['admin-api-key-new', hedy, '/admin/api-keys', (page) => page.getByText('New key').click()],
    ['admin-audit', hedy, '/admin/audit'],
  ];
  const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
  const wanted = screens.filter(([name]) => only.length === 0 || only.includes(name));

  for (const [size, viewport] of Object.entries(sizes)) {
    for (const colorScheme of ['light', 'dark']) {
      for (const [name, who, path, prepare] of wanted) {
        const context = await browser.newContext({ baseURL: server.url, viewport, colorScheme, reducedMotion: 'reduce', locale: 'en-GB', serviceWorkers: 'block' });
        context.on('weberror', (error) => console.error(`${name}: ${error.error()}`));
        context.on('console', (message) => message.type() === 'error' && console.error(`${name}: ${message.text()}`));
        if (who) await context.request.post('/api/v1/session', { data: { login: who.username, password: who.password } });
        const page = await context.newPage();
        await page.goto(path);
        if (!['offline', 'dev-mail', 'api-docs'].includes(name) && !name.startsWith('admin-')) await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
        await prepare?.(page);
        await page.waitForTimeout(600);
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
        await context.close();
      }
      console.log(`${size} ${colorScheme}: ${wanted.length} pictures`);
    }
  }
  console.log(`in ${resolve(folder)}`);
} finally {
  await browser.close();
  await server.close();
  await untouched.close();
}
