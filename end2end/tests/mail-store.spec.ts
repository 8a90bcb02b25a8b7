import { expect, test, ADA, GRACE } from '../fixtures/roost';
import { Mail, proofPage, sendLetters } from '../fixtures/mail';

// The copy in IndexedDB (frontend/public/mail-shelf.js, frontend/src/mail/copy), in a real browser.

test('the store in the browser keeps all promises that every store makes', async ({ roost }) => {
  const page = await proofPage(await roost.browser());
  const broken = await page.evaluate(async () => {
    const { proof, mailShelf } = globalThis as any;
    let n = 0;
    return (await proof.check_store(() => mailShelf(`promises-${n++}`))) ?? null;
  });
  expect(broken).toBeNull();
});

test('letters come in, stand in their lists, are counted and found, and change on another device', async ({ roost }) => {
  const [ada, grace] = [await roost.member(ADA), await roost.member(GRACE)];
  await sendLetters(roost, ada, 'grace', ['Notes on the engine', 'Moths', 'A compiler']);
  const one = await Mail.open(await roost.browserOf(GRACE), grace);
  await one.settled();
  expect((await one.list()).lines.map(({ subject }) => subject).sort()).toEqual(['A compiler', 'Moths', 'Notes on the engine']);
  expect(await one.counts()).toMatchObject({ inbox: 3, inbox_unread: 3, archive: 0, labels: [] });
  expect((await one.search('comp')).lines.map(({ subject }) => subject)).toEqual(['A compiler']);
  expect((await one.search('lovelace mot')).lines.map(({ subject }) => subject)).toEqual(['Moths']);
  expect((await one.search('nothing of it')).total).toBe(0);

  const two = await Mail.open(await roost.browserOf(GRACE), grace);
  await two.settled();
  const moths = (await two.list()).lines.find(({ subject }) => subject === 'Moths')!;
  const undo = await two.mark([moths.id], 'move', 'archive');
  expect(undo).toEqual([[moths.id, 'Move(Inbox)']]);
  await two.mark([moths.id], 'label', 'insects');
  await expect.poll(async () => (await one.list('archive')).lines.map(({ subject, labels }) => [subject, labels])).toEqual([['Moths', ['insects']]]);
  expect(await one.counts()).toMatchObject({ inbox: 2, archive: 1, labels: [['insects', 1]] });
  const thread = await one.call<{ line: { id: string }; body: string }[]>('thread', moths.id);
  expect(thread.map(({ line, body }) => [line.id, body])).toEqual([[moths.id, 'About Moths.']]);
});
