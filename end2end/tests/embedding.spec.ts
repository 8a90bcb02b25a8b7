import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { alive, eventually, expect, freePort, status, test, messages, write } from '../fixtures/roost';
import type { Page } from '@playwright/test';

const SECRET = 'a secret of both, as long as it has to be';
const example = resolve(import.meta.dirname, '../../docs/examples/host-site/server.mjs');

/** The example site of docs/examples/host-site, as its README starts it. */
class HostSite {
  readonly url: string;
  private child?: ChildProcess;
  private said = '';

  constructor(private readonly port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  async start(roost: string) {
    const env = { ...process.env, PORT: String(this.port), ROOST_URL: roost, ROOST_HOST_JWT_SECRET: SECRET };
    this.child = spawn(process.execPath, [example], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk) => (this.said += chunk));
    await eventually('does the example site answer?', () => {
      if (this.child?.exitCode !== null) throw new Error(`the example site ended:\n${this.said}`);
      return fetch(this.url).then((response) => response.ok, () => false);
    });
  }

  stop() {
    this.child?.kill('SIGKILL');
  }

  /** Goes there as one of its people. */
  async enter(page: Page, name: string) {
    await page.goto(this.url);
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('heading', { name: `Hello, ${name}` })).toBeVisible();
  }
}

// The address of the site is a setting of Roost, so it comes first.
const embedded = test.extend<{ site: HostSite }>({
  // eslint-disable-next-line no-empty-pattern
  site: async ({}, use) => {
    const site = new HostSite(await freePort());
    await use(site);
    site.stop();
  },
  settings: async ({ site }, use) =>
    use({
      ROOST_HOST_JWT_SECRET: SECRET,
      ROOST_HOST_JWT_ISSUER: site.url,
      ROOST_HOST_JWT_AUDIENCE: 'roost',
      ROOST_EMBED_ORIGINS: site.url,
    }),
});

embedded('people of another site are signed in by one click, and write to each other', async ({ roost, site }) => {
  await site.start(roost.url);
  const ada = await roost.browser();
  await site.enter(ada, 'Ada Lovelace');
  await ada.getByRole('link', { name: 'Open chat' }).click();
  await expect(ada).toHaveURL(`${roost.url}/chat`);
  await alive(ada);
  const me = await (await ada.request.get(`${roost.url}/api/v1/me`)).json();
  expect(me).toMatchObject({ username: 'ada', display_name: 'Ada Lovelace', email: 'ada@example.org', role: 'user' });

  const grace = await roost.browser();
  await site.enter(grace, 'Grace Hopper');
  await grace.getByRole('link', { name: 'Open chat' }).click();
  await expect(grace).toHaveURL(`${roost.url}/chat`);
  const conversation = await ada.request.post(`${roost.url}/api/v1/conversations`, { data: { kind: 'direct', with: 'grace' } });
  const { id } = await conversation.json();
  for (const page of [ada, grace]) {
    await page.goto(`${roost.url}/chat/${id}`);
    await alive(page);
  }
  await write(ada, 'Good morning from the other site');
  await expect(messages(grace).filter({ hasText: 'Good morning from the other site' })).toBeVisible();

  // Going back and clicking again is another token, and the same person.
  await ada.goto(site.url);
  await ada.getByRole('link', { name: 'Open chat' }).click();
  await expect(ada).toHaveURL(`${roost.url}/chat`);
  expect((await (await ada.request.get(`${roost.url}/api/v1/me`)).json()).id).toBe(me.id);
  expect(await (await ada.request.get(`${roost.url}/api/v1/sessions`)).json(), 'and the session before has ended').toHaveLength(1);
  expect(await roost.mails(), 'nobody was written to').toEqual([]);
});

embedded('the chat works in a frame of the other site, and in no other site’s', async ({ roost, site }) => {
  // A frame of another origin may not take the keyboard by itself.
  roost.complaints.expect(/Blocked autofocusing/);
  await site.start(roost.url);
  const page = await roost.browser();
  await site.enter(page, 'Ada Lovelace');
  await page.getByRole('link', { name: 'Chat beside this page' }).click();
  const frame = page.frameLocator('iframe[name=chat]');
  await frame.locator('html[data-hydrated]').waitFor({ state: 'attached', timeout: 30_000 });
  await expect(page.frames().map((one) => one.url())).toContain(`${roost.url}/chat`);

  const stranger = new HostSite(await freePort());
  try {
    await stranger.start(roost.url);
    roost.complaints.expect(/frame-ancestors/, status(403));
    const elsewhere = await roost.browser();
    await stranger.enter(elsewhere, 'Ada Lovelace');
    await elsewhere.getByRole('link', { name: 'Chat beside this page' }).click();
    await eventually('is the frame refused?', () => elsewhere.frames().some((one) => one.url().startsWith('chrome-error:')));
    await elsewhere.goto(`${stranger.url}/chat`);
    await expect(elsewhere.getByRole('heading', { name: 'You are not signed in' })).toBeVisible();
    await expect(elsewhere.getByRole('alert')).toContainText('ROOST_EMBED_ORIGINS');
  } finally {
    stranger.stop();
  }
});

embedded('somebody without JavaScript gets there by a button', async ({ roost, site }) => {
  await site.start(roost.url);
  const page = await roost.browser({ javaScriptEnabled: false });
  await site.enter(page, 'Grace Hopper');
  await page.getByRole('link', { name: 'Open chat' }).click();
  await page.getByRole('button', { name: 'Go on to the chat' }).click();
  await expect(page).toHaveURL(`${roost.url}/chat`);
});

embedded('a token that was used already opens nothing, and a page says so', async ({ roost, site }) => {
  roost.complaints.expect(status(401));
  await site.start(roost.url);
  const page = await roost.browser();
  await site.enter(page, 'Ada Lovelace');
  const answer = await page.request.get(`${site.url}/chat`);
  const token = /name="token" value="([^"]+)"/.exec(await answer.text())?.[1] ?? '';
  const headers = { origin: site.url };
  for (const [url, expected] of [[`${roost.url}/chat`, 200], [`${roost.url}/embed/sign-in`, 401]] as const) {
    const outcome = await page.request.post(`${roost.url}/embed/sign-in`, { form: { token }, headers });
    expect([outcome.url(), outcome.status()]).toEqual([url, expected]);
  }
});
