import { ADA, AWAY, expect, status, test, visit } from '../fixtures/roost';

test('after one visit, a reload without the server shows the offline page, which returns by itself', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  await roost.member(ADA);
  const page = await roost.browserOf(ADA);
  await visit(page, '/chat');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null || caches.keys().then((keys) => keys.length > 0))).toBeTruthy();

  await roost.kill();
  await page.reload();
  await expect(page.getByRole('main')).toContainText(/offline|connection|reach/i);
  await roost.launch();
  await expect(page.getByLabel('Find people')).toBeVisible({ timeout: 60_000 });
});

test('the same without a network', async ({ roost }) => {
  roost.complaints.expect(AWAY, status(503));
  const page = await roost.browser();
  await visit(page, '/sign-in');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.reload();
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByRole('main')).toContainText(/offline|connection|reach/i);
  await page.context().setOffline(false);
  await expect(page.getByLabel('Username or e-mail')).toBeVisible({ timeout: 60_000 });
});

test('it can be installed: manifest, icons and a service worker that is never stale', async ({ roost }) => {
  const page = await roost.browser();
  await visit(page, '/sign-in');
  const href = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await page.request.get(href!)).json();
  expect(manifest).toMatchObject({ name: expect.any(String), start_url: expect.any(String), display: 'standalone' });
  for (const size of ['192x192', '512x512']) {
    const icon = manifest.icons.find((icon: { sizes: string }) => icon.sizes.includes(size));
    expect((await page.request.get(new URL(icon.src, roost.url + href!).href)).headers()['content-type']).toContain('image/');
  }
  const script = await page.evaluate(() => navigator.serviceWorker.ready.then((ready) => ready.active!.scriptURL));
  expect((await page.request.get(script)).headers()['cache-control']).toContain('no-cache');
});
