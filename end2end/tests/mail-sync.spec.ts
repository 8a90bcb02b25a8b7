import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from '@playwright/test';
import { ADA, AWAY, GRACE, expect, status, test, type Member, type Roost } from '../fixtures/roost';
import { Mail, sendLetters, words } from '../fixtures/mail';

// Copies of a mailbox and their server, with real browsers, while things go wrong.

/** What all documents of a mailbox say, as the server has them; without what differs by nature. */
async function onServer(roost: Roost, member: Member, prefix: string) {
  const query = `startkey=${encodeURIComponent(`"${prefix}:"`)}&endkey=${encodeURIComponent(`"${prefix};"`)}`;
  const found = await roost.call('GET', `/mailbox/${member.username}/_all_docs?include_docs=true&conflicts=true&${query}`, { token: member.token });
  return found.rows.map((row: { doc: Record<string, any> }) => row.doc) as Record<string, any>[];
}

const subjects = (lines: { subject: string }[]) => lines.map(({ subject }) => subject).sort();

test('two browsers that changed the same things apart agree, and no word of a draft is lost', async ({ roost }) => {
  roost.complaints.expect(AWAY);
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', ['Notes', 'Moths']);
  const phone = await Mail.open(await roost.browserOf(GRACE), grace);
  const laptop = await Mail.open(await roost.browserOf(GRACE), grace);
  const draft = randomUUID();
  const rev = await phone.saveDraft(draft, null, words(['ada'], 'Draft', 'the beginning'));
  await phone.settled();
  await laptop.settled();
  await expect.poll(async () => (await laptop.drafts()).length).toBe(1);

  const notes = (await phone.list()).lines.find(({ subject }) => subject === 'Notes')!.id;
  for (const mail of [phone, laptop]) await mail.page.context().setOffline(true);
  await phone.mark([notes], 'move', 'archive');
  await laptop.mark([notes], 'star', true);
  await phone.saveDraft(draft, rev, words(['ada'], 'Draft', 'by the phone'));
  await laptop.saveDraft(draft, rev, words(['ada'], 'Draft', 'by the laptop'));
  for (const mail of [phone, laptop]) {
    await mail.page.context().setOffline(false);
    await mail.call('wake', true);
  }
  for (const mail of [phone, laptop]) {
    await expect.poll(async () => (await mail.list('archive')).lines.map(({ starred }) => starred), { timeout: 60_000 }).toEqual([true]);
    await expect
      .poll(async () => (await mail.drafts()).map(([, shown, others]) => [shown, ...others].map(([, { body }]) => body).sort()))
      .toEqual([['by the laptop', 'by the phone']]);
  }
  await phone.call('choose_draft', draft, JSON.stringify(words(['ada'], 'Draft', 'by both')));
  for (const mail of [phone, laptop]) {
    await expect.poll(async () => (await mail.drafts()).map(([, [, { body }], others]) => [body, others.length])).toEqual([['by both', 0]]);
  }
});

test('a thousand things done without a network are on the server once, when it is back', async ({ roost }) => {
  test.setTimeout(300_000);
  roost.complaints.expect(AWAY);
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', Array.from({ length: 40 }, (_, n) => `Letter ${n}`));
  const mail = await Mail.open(await roost.browserOf(GRACE), grace);
  await mail.settled();
  await mail.page.context().setOffline(true);
  // In the page, so that a thousand of them do not take a thousand round trips.
  const ids = (await mail.list()).lines.map(({ id }) => id);
  const draft = words(['ada'], '', 'written in a tunnel');
  await mail.page.evaluate(
    async ({ ids, draft }) => {
      const { mail } = globalThis as any;
      let n = 0;
      const one = (id: string) => JSON.stringify([id]);
      for (let round = 0; n < 700; round++) {
        for (const id of ids) {
          await mail.mark(one(id), ['read', 'star', 'label'][round % 3], round % 3 === 2 ? `label-${round}` : String(round % 2 === 0));
          n++;
        }
      }
      for (; n < 900; n++) await mail.save_draft(crypto.randomUUID(), undefined, JSON.stringify({ ...draft, subject: `Draft ${n}` }));
      for (; n < 1000; n++) await mail.send(crypto.randomUUID(), JSON.stringify({ ...draft, subject: `Order ${n}` }));
    },
    { ids, draft },
  );
  expect(await mail.until('all is counted', ({ unsent }) => unsent === 100, 120_000)).toMatchObject({ waiting: 320 });
  await mail.page.context().setOffline(false);
  await mail.call('wake', true);
  await mail.settled(120_000);

  expect(subjects((await onServer(roost, grace, 'd')) as any)).toEqual(Array.from({ length: 180 }, (_, n) => `Draft ${720 + n}`).sort());
  const received = (await onServer(roost, ada, 'l')).map(({ subject }) => subject).filter((subject) => subject.startsWith('Order'));
  expect(received.sort()).toEqual(Array.from({ length: 100 }, (_, n) => `Order ${900 + n}`).sort());
  const states = (await onServer(roost, grace, 's')).filter(({ labels }) => labels.value.length > 0);
  expect(states).toHaveLength(40);
  expect(states.filter(({ _conflicts }) => _conflicts)).toEqual([]);
});

test('of three windows one replicates, all may write, and when that one is closed another goes on', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', ['Notes']);
  const first = await Mail.open(await roost.browserOf(GRACE), grace);
  const others = [];
  for (let n = 0; n < 2; n++) others.push(await Mail.open(await first.page.context().newPage(), grace));
  await first.settled();
  const leads = async () => Promise.all([first, ...others].filter(({ page }) => !page.isClosed()).map((mail) => mail.call('leads')));
  await expect.poll(leads).toEqual([true, false, false]);

  // The same letter, pressed in two windows at the same moment.
  const order = randomUUID();
  const letter = words(['ada'], 'Once');
  await Promise.all(others.map((mail) => mail.send(order, letter)));
  for (const [n, mail] of others.entries()) await mail.saveDraft(randomUUID(), null, words(['ada'], `By window ${n}`));
  await expect.poll(async () => subjects((await onServer(roost, ada, 'l')) as any)).toEqual(['Notes', 'Once']);
  await first.page.close();
  await expect.poll(async () => (await leads()).filter(Boolean).length).toBe(1);
  await sendLetters(roost, ada, 'grace', ['Moths']);
  for (const mail of others) await expect.poll(async () => subjects((await mail.list()).lines)).toEqual(['Moths', 'Notes']);
  await expect.poll(async () => subjects((await onServer(roost, grace, 'd')) as any)).toEqual(['By window 0', 'By window 1']);
  expect((await onServer(roost, ada, 'l')).filter(({ subject }) => subject === 'Once')).toHaveLength(1);
});

test('a copy that is deleted under an open page is filled anew, and what is written then arrives', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', ['Notes', 'Moths']);
  const mail = await Mail.open(await roost.browserOf(GRACE), grace);
  await mail.settled();
  const devtools = await mail.page.context().newCDPSession(mail.page);
  await devtools.send('Storage.clearDataForOrigin', { origin: roost.url, storageTypes: 'indexeddb' });
  await mail.saveDraft(randomUUID(), null, words(['ada'], 'After the flood'));
  await expect.poll(async () => subjects((await mail.list()).lines), { timeout: 60_000 }).toEqual(['Moths', 'Notes']);
  await expect.poll(async () => subjects((await onServer(roost, grace, 'd')) as any)).toEqual(['After the flood']);
});

test('an older page makes way for a newer version of the database, and does not open it again', async ({ roost }) => {
  const grace = await roost.member(GRACE);
  const mail = await Mail.open(await roost.browserOf(GRACE), grace);
  await mail.settled();
  const upgraded = await mail.page.evaluate(
    (name) =>
      new Promise((good) => {
        const request = indexedDB.open(name, 1000);
        request.onsuccess = () => good('upgraded');
        request.onerror = () => good(String(request.error));
        request.onblocked = () => good('blocked');
      }),
    `roost-mail-${grace.id}`,
  );
  expect(upgraded).toBe('upgraded');
  expect(await mail.page.evaluate(() => (globalThis as any).outdated)).toBe(1);
  await expect(mail.saveDraft(randomUUID(), null, words([], 'Too late'))).rejects.toThrow(/Newer/);
  await mail.until('it says so', ({ broken }) => broken === 'Newer');
});

test('with no room left nothing is half-written, and it is said', async ({ roost }) => {
  const grace = await roost.member(GRACE);
  const mail = await Mail.open(await roost.browserOf(GRACE), grace);
  await mail.settled();
  const draft = randomUUID();
  const rev = await mail.saveDraft(draft, null, words([], 'Room'));
  const devtools = await mail.page.context().newCDPSession(mail.page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: roost.url, quotaSize: 1 });
  // The browser reckons with what room it saw last, so it takes some before it notices.
  let refused = '';
  let kept = 0;
  for (const end = Date.now() + 60_000; !refused && Date.now() < end; ) {
    refused = await mail.saveDraft(randomUUID(), null, words([], 'No room', 'x'.repeat(90_000))).then(() => (kept++, ''), String);
  }
  expect(refused).toMatch(/Full/);
  await mail.until('it says so', ({ broken }) => broken === 'Full');
  expect(await mail.drafts()).toHaveLength(1 + kept);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: roost.url });
  await expect(async () => mail.saveDraft(draft, rev, words([], 'Room again'))).toPass({ timeout: 60_000 });
  await mail.until('it is over', ({ broken }) => broken === null);
  expect((await mail.drafts()).filter(([id]) => id === draft).map(([, [, { subject }], others]) => [subject, others.length])).toEqual([['Room again', 0]]);
});

test('with a session that is over nothing goes out and nothing is lost; signed in again, it goes on', async ({ roost }) => {
  roost.complaints.expect(status(401));
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const page = await roost.browserOf(GRACE);
  const mail = await Mail.open(page, grace);
  await mail.settled();
  await page.context().request.delete('/api/v1/session', { headers: { origin: roost.url } });
  await mail.send(randomUUID(), words(['ada'], 'Patience'));
  expect(await mail.until('it says so', ({ signed_out }) => signed_out)).toMatchObject({ broken: null });
  await mail.until('it waits', ({ unsent }) => unsent === 1);
  await page.context().request.post('/api/v1/session', { data: { login: GRACE.username, password: GRACE.password } });
  await mail.call('wake', true);
  await mail.settled();
  expect(subjects((await onServer(roost, ada, 'l')) as any)).toEqual(['Patience']);
});

test('a file goes with a letter and comes as it was; one that broke on the disk is not handed on', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  const mail = await Mail.open(await roost.browserOf(ADA), ada);
  await mail.settled();
  const file = await mail.page.evaluate(async () => JSON.parse(await (globalThis as any).mail.add_file('moth.bin', 'application/octet-stream', Uint8Array.from({ length: 5000 }, (_, n) => n % 251))));
  await mail.send(randomUUID(), { ...words(['grace'], 'Moth'), attachments: [file.id] });
  await mail.settled();
  const theirs = await Mail.open(await roost.browserOf(GRACE), grace);
  await theirs.settled();
  const [letter] = (await theirs.list()).lines;
  const [shown] = await theirs.call<{ files: { id: string; name: string; size: number }[] }[]>('thread', letter.id);
  expect(shown.files).toEqual([{ id: file.id, name: 'moth.bin', media_type: 'application/octet-stream', size: 5000 }]);
  for (const network of [true, false]) {
    await theirs.page.context().setOffline(!network);
    const bytes = await theirs.call<number[]>('file', file.id);
    expect([bytes.length, bytes[250], bytes[251]]).toEqual([5000, 250, 0]);
  }
  await theirs.page.context().setOffline(false);

  await mail.page.context().setOffline(true);
  const other = await mail.page.evaluate(async () => JSON.parse(await (globalThis as any).mail.add_file('dust.bin', 'application/octet-stream', Uint8Array.from([1, 2, 3]))));
  await mail.page.evaluate(
    ({ name, id }) =>
      new Promise((good) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => {
          const transaction = request.result.transaction('files', 'readwrite');
          transaction.objectStore('files').put(Uint8Array.from([1, 2, 4]), id);
          transaction.oncomplete = () => (request.result.close(), good(null));
        };
      }),
    { name: `roost-mail-${ada.id}`, id: other.id },
  );
  await mail.page.context().setOffline(false);
  await mail.call('wake', true);
  await mail.settled();
  expect((await onServer(roost, ada, 'b')).map(({ name }) => name)).toEqual(['moth.bin']);
  roost.complaints.expect(AWAY);
});

test('a browser that is killed while it fills and sends goes on where it was, and sends once', async ({ roost }) => {
  test.setTimeout(300_000);
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  for (let n = 0; n < 10; n++) await roost.call('POST', `/mailbox/ada/_bulk_docs`, { token: ada.token, body: { docs: Array.from({ length: 200 }, (_, at) => ({ _id: `d:${randomUUID()}`, type: 'draft', to: [], subject: `Draft ${n * 200 + at}`, body: '', updated_at: '2026-01-01T00:00:00.000Z' })) } });
  const folder = await mkdtemp(join(tmpdir(), 'roost-browser-'));
  const launch = async () => {
    const server = await chromium.launchPersistentContext(folder, { executablePath: process.env.ROOST_CHROMIUM || undefined, baseURL: roost.url, args: ['--no-sandbox', '--disable-gpu'] });
    return server;
  };
  const kill = async (context: BrowserContext) => {
    const pids = await processes(folder);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await context.close().catch(() => {});
  };
  try {
    const sent: string[] = [];
    for (let round = 0; round < 3; round++) {
      const context = await launch();
      await context.request.post('/api/v1/session', { data: { login: ADA.username, password: ADA.password } });
      const mail = await Mail.open(await context.newPage(), ada);
      const subject = `Through round ${round}`;
      await mail.send(randomUUID(), words(['grace'], subject));
      sent.push(subject);
      await kill(context);
    }
    const context = await launch();
    await context.request.post('/api/v1/session', { data: { login: ADA.username, password: ADA.password } });
    const mail = await Mail.open(await context.newPage(), ada);
    await mail.settled(90_000);
    expect((await mail.drafts()).length).toBe(2000);
    expect(subjects((await mail.list('sent')).lines)).toEqual(sent);
    expect(subjects((await onServer(roost, grace, 'l')) as any)).toEqual(sent);
    await context.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** The processes of the browser with this folder. */
async function processes(folder: string) {
  const { readdir, readFile } = await import('node:fs/promises');
  const pids: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.includes(`--user-data-dir=${folder}`)) pids.push(Number(name));
  }
  return pids;
}
