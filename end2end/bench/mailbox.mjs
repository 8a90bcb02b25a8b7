// Prints how long a device needs for its copy of a mailbox, beside PouchDB with its IndexedDB adapter in the same browser, against the same
// server, in the same run. Figures, not a test:
//
//   ROOST_POUCHDB=…/pouchdb/dist/pouchdb.min.js node end2end/bench/mailbox.mjs [letters] [letters to search]
//
// after `bin/run` has built the server and `build_mail_proof wasm-release` (bin/lib/mail-proof.sh) the page. Without PouchDB only ours is
// measured. Mailboxes lie in the laboratory, which takes letters from anybody.

import { chromium } from '@playwright/test';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Server } from '../fixtures/server.js';

const LETTERS = Number(process.argv[2] ?? 20_000);
const SEARCHED = Number(process.argv[3] ?? 50_000);
const root = resolve(import.meta.dirname, '../..');
const built = process.env.ROOST_MAIL_PROOF ?? join(root, 'target/mail-proof');
const pouch = process.env.ROOST_POUCHDB ?? join(root, 'end2end/mailbox/node_modules/pouchdb/dist/pouchdb.min.js');

// A language of 20,000 words, of which some are frequent, as in any.
let seed = 1843;
const chance = () => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32);
const syllables = ['an', 'be', 'co', 'da', 'el', 'fi', 'go', 'hu', 'in', 'ja', 'ko', 'lu', 'ma', 'no', 'or', 'pa', 'qu', 'ri', 'so', 'ta', 'un', 'vo', 'we', 'xi', 'ya', 'zo'];
const language = Array.from({ length: 20_000 }, () => Array.from({ length: 2 + Math.floor(chance() * 3) }, () => syllables[Math.floor(chance() * 26)]).join(''));
const word = () => language[Math.floor(chance() ** 3 * language.length)];
const text = (count) => Array.from({ length: count }, word).join(' ');

const at = (millis) => new Date(millis).toISOString();
const person = (name) => ({ id: '01930000-0000-7000-8000-00000000000a', username: name, display_name: name });
const field = (value) => ({ value, at: '019300000000-0000', by: 'server' });

/** A letter and its state. */
function letter(n) {
  const id = crypto.randomUUID();
  return [
    { _id: `l:${id}`, type: 'letter', thread: `l:${id}`, from: person(`writer-${n % 50}`), to: [person('grace')], subject: text(6), body: text(90), sent_at: at(1.6e12 + n * 60_000), in_reply_to: null, attachments: [] },
    { _id: `s:${id}`, type: 'state', folder: field(n % 2 ? 'inbox' : 'archive'), read: field(n % 3 > 0), starred: field(n % 40 === 0), labels: field([]) },
  ];
}

async function fill(server, name, letters) {
  await server.call('PUT', `/lab/${name}`, { status: [201, 412] });
  for (let n = 0; n < letters; n += 500) {
    const docs = Array.from({ length: Math.min(500, letters - n) }, (_, more) => letter(n + more)).flat();
    await server.call('POST', `/lab/${name}/_bulk_docs`, { body: { docs } });
  }
}

const html = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module">
import init, * as proof from '/proof/roost_mail_proof.js';
import { mailShelf } from '/mail-shelf.js';
import * as net from '/mail-net.js';
await init({ module_or_path: '/proof/roost_mail_proof_bg.wasm' });
Object.assign(globalThis, { proof, mailShelf, net: { ...net, persist: async () => false } });
document.documentElement.dataset.ready = '';
</script>`;

async function open(browser, server, requests) {
  const context = await browser.newContext({ baseURL: server.url });
  await context.route(/\/proof\//, (route) => {
    const name = new URL(route.request().url()).pathname.replace('/proof/', '');
    return name ? route.fulfill({ path: join(built, name) }) : route.fulfill({ contentType: 'text/html', body: html });
  });
  await context.route(/\/mail-[a-z]+\.js$/, (route) => route.fulfill({ path: join(root, 'frontend/public', new URL(route.request().url()).pathname) }));
  const page = await context.newPage();
  page.on('request', (request) => /\/lab\//.test(request.url()) && requests.count++);
  page.on('console', (message) => message.type() === 'error' && console.error(message.text()));
  await page.goto('/proof/');
  await page.locator('html[data-ready]').waitFor({ state: 'attached' });
  return page;
}

const ours = (page, name) =>
  page.evaluate(async (name) => {
    const began = performance.now();
    globalThis.mail = await proof.open(mailShelf(`roost-mail-${name}`), net, name, `/lab/${name}`);
    await new Promise((done) => {
      const look = () => JSON.parse(mail.state()).complete && done();
      mail.watch(look);
      mail.drive();
    });
    return performance.now() - began;
  }, name);

const theirs = async (page, name) => {
  await page.addScriptTag({ path: pouch });
  return page.evaluate(async (name) => {
    const local = new PouchDB(name);
    const began = performance.now();
    await local.replicate.from(new PouchDB(`${location.origin}/lab/${name}`, { skip_setup: true }), { batch_size: 1000 });
    return performance.now() - began;
  }, name);
};

const timed = (page, act, times, words) =>
  page.evaluate(
    async ({ act, times, words }) => {
      const all = [];
      for (let n = 0; n < times; n++) {
        const began = performance.now();
        await (0, eval)(`(${act})`)(n, words);
        all.push(performance.now() - began);
      }
      all.sort((one, other) => one - other);
      return { p50: all[Math.floor(times / 2)], p95: all[Math.floor(times * 0.95)], max: all.at(-1) };
    },
    { act: act.toString(), times, words },
  );

const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
const line = (what, value) => console.log(`${what.padEnd(58)} ${value}`);

const server = await Server.start({ ROOST_MAILBOX_LAB: 'on' });
const browser = await chromium.launch({ executablePath: process.env.ROOST_CHROMIUM || undefined, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await fill(server, 'first', LETTERS);
  for (const [name, sync] of [['ours', ours], ...(existsSync(pouch) ? [['PouchDB', theirs]] : [])]) {
    const requests = { count: 0 };
    const page = await open(browser, server, requests);
    const took = await sync(page, 'first');
    line(`first sync of ${LETTERS} letters and their states, ${name}`, `${(took / 1000).toFixed(1)} s, ${requests.count} requests`);
    if (name === 'ours') {
      const folder = `inbox of ${LETTERS / 2} letters, first lines`;
      await page.context().setOffline(true);
      const first = await timed(page, async () => void (await mail.list('inbox', 0, 50)), 1);
      line(`${folder}, the first time, offline`, ms(first.max));
      const often = await timed(page, async () => void (await mail.list('inbox', 0, 50)), 40);
      line(`${folder}`, `p50 ${ms(often.p50)}, p95 ${ms(often.p95)}`);
      const far = await timed(page, async (n) => void (await mail.list('inbox', 9_000 - n, 50)), 20);
      line('the same, 9,000 lines further down', `p50 ${ms(far.p50)}, p95 ${ms(far.p95)}`);
      const counts = await timed(page, async () => void (await mail.counts()), 20);
      line('all counts', `p50 ${ms(counts.p50)}, p95 ${ms(counts.p95)}`);
      await page.context().setOffline(false);
    }
    await page.context().close();
  }

  // A change here, until it stands in the copy of another device.
  const [one, two] = [await open(browser, server, { count: 0 }), await open(browser, server, { count: 0 })];
  await fill(server, 'small', 100);
  for (const page of [one, two]) await ours(page, 'small');
  const { lines } = JSON.parse(await one.evaluate(async () => mail.list('inbox', 0, 50)));
  const seen = [];
  for (const { id } of lines.slice(0, 30)) {
    const there = two.evaluate(
      (id) =>
        new Promise((done) => {
          mail.watch(async (documents) => {
            if (documents && JSON.parse(await mail.list('inbox', 0, 50)).lines.find((line) => line.id === id)?.labels.includes('seen')) done(performance.timeOrigin + performance.now());
          });
        }),
      id,
    );
    const here = await one.evaluate(async (id) => {
      const began = performance.timeOrigin + performance.now();
      await mail.mark(JSON.stringify([id]), 'label', 'seen');
      return began;
    }, id);
    seen.push((await there) - here);
  }
  seen.sort((a, b) => a - b);
  line('a change, until a second browser has it', `p50 ${ms(seen[15])}, max ${ms(seen.at(-1))}`);

  await fill(server, 'large', SEARCHED);
  const page = await open(browser, server, { count: 0 });
  line(`first sync of ${SEARCHED} letters and their states, ours`, `${((await ours(page, 'large')) / 1000).toFixed(1)} s`);
  const noted = await timed(page, async () => void (await mail.note_words()), 1);
  line(`noting the words of ${SEARCHED} letters`, `${(noted.max / 1000).toFixed(1)} s`);
  const questions = Array.from({ length: 200 }, (_, n) => (n % 4 === 0 ? word() : n % 4 === 1 ? word().slice(0, 2) : n % 4 === 2 ? `${word()} ${word()}` : word().slice(0, 4)));
  const first = await timed(page, async (n, words) => void (await mail.search(words[n], 0, 20)), 1, questions);
  line(`search in ${SEARCHED} letters, the first time`, ms(first.max));
  const search = await timed(page, async (n, words) => void (await mail.search(words[n], 0, 20)), 200, questions);
  line(`search in ${SEARCHED} letters`, `p50 ${ms(search.p50)}, p95 ${ms(search.p95)}, max ${ms(search.max)}`);

  const wasm = readFileSync(join(built, 'roost_mail_proof_bg.wasm'));
  const script = ['mail-blocks.js', 'mail-shelf.js', 'mail-words.js', 'mail-net.js'].map((name) => readFileSync(join(root, 'frontend/public', name)));
  const kB = (bytes) => `${(bytes.length / 1000).toFixed(0)} kB`;
  line('the copy alone as WASM (with serde and all it needs)', `${kB(gzipSync(wasm, { level: 9 }))} gzip, ${kB(brotliCompressSync(wasm))} brotli`);
  line('its JavaScript', `${kB(gzipSync(Buffer.concat(script), { level: 9 }))} gzip`);
} finally {
  await browser.close();
  await server.close();
}
