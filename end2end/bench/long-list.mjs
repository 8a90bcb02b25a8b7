// Prints how a conversation of 100,000 messages feels: frame time while scrolling, the page's size and its memory, after each
// thousand lines. Figures, not a test: `node end2end/bench/long-list.mjs` (after `bin/run` has built).

import { chromium } from '@playwright/test';
import { ADA, GRACE } from '../fixtures/cast.js';
import { MANY, long } from '../fixtures/long.js';
import { Server } from '../fixtures/server.js';

const LINES = Number(process.argv[2] ?? 5_000);

const server = await Server.start();
const browser = await chromium.launch({ executablePath: process.env.ROOST_CHROMIUM || undefined, args: ['--no-sandbox', '--disable-gpu', '--js-flags=--expose-gc'] });
try {
  const [ada, grace] = [await server.signUp(ADA), await server.signUp(GRACE)];
  const conversation = await server.openConversation(ada, grace);
  await server.write(grace, conversation, 'the pattern of all messages');
  const context = await browser.newContext({ baseURL: server.url });
  await context.request.post('/api/v1/session', { data: { login: ADA.username, password: ADA.password } });
  const page = await context.newPage();
  await long(page, server, ada, conversation);
  await page.goto('/chat');
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  await page.getByRole('link', { name: /Grace Hopper/ }).click();
  await page.locator(`[data-seq="${MANY}"]`).waitFor();
  const log = page.getByRole('log', { name: 'Messages' });
  await log.hover();
  await page.evaluate(() => {
    window.frames_ms = [];
    let last = performance.now();
    const tick = (now) => {
      window.frames_ms.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  });
  const state = () =>
    page.evaluate(() => {
      const frames = window.frames_ms.splice(0).sort((a, b) => a - b);
      globalThis.gc?.();
      const place = document.querySelector('[role=log]');
      return {
        first: Number(place.querySelector('[data-seq]')?.dataset.seq),
        lines: place.querySelectorAll('[data-seq]').length,
        nodes: place.querySelectorAll('*').length,
        heap_MB: (performance.memory?.usedJSHeapSize ?? 0) / 1e6,
        p50_ms: frames[Math.floor(frames.length / 2)],
        p99_ms: frames[Math.floor(frames.length * 0.99)],
      };
    });
  console.log('lines up'.padStart(9), 'in page'.padStart(8), 'nodes'.padStart(7), 'JS heap MB'.padStart(11), 'frame p50 ms'.padStart(13), 'p99 ms'.padStart(8));
  let next = 0;
  for (;;) {
    const now = await state();
    const up = MANY - now.first;
    if (up >= next) {
      const cells = [[up, 9], [now.lines, 8], [now.nodes, 7], [now.heap_MB.toFixed(1), 11], [now.p50_ms?.toFixed(1), 13], [now.p99_ms?.toFixed(1), 8]];
      console.log(cells.map(([value, width]) => String(value).padStart(width)).join(' '));
      next = up + 1_000;
    }
    if (up >= LINES) break;
    for (let turn = 0; turn < 10; turn++) {
      await page.mouse.wheel(0, -1_500);
      await page.waitForTimeout(30);
    }
  }
} finally {
  await browser.close();
  await server.close();
}
