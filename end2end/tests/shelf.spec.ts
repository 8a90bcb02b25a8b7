import { expect, test } from '../fixtures/roost';

// One suite for both of the places where things are kept (frontend/public/shelf.js), run in a real browser.

type Rows = unknown[];
declare global {
  interface Window {
    place: { read(table: string, prefix: unknown[]): Promise<Rows>; write(changes: object[], strict?: boolean): Promise<void> };
  }
}

for (const kind of ['indexed', 'memory'] as const) {
  test(`what is kept ${kind === 'indexed' ? 'in IndexedDB' : 'in memory'} is found again, in order, all of a change or nothing`, async ({ roost }) => {
    const page = await roost.browser();
    await page.goto('/sign-in');
    await page.evaluate(async (kind) => {
      const path = '/shelf.js';
      const shelf = await import(path);
      window.place = shelf[kind]('conformance');
    }, kind);
    const read = (table: string, ...prefix: unknown[]) => page.evaluate(([table, prefix]) => window.place.read(table as string, prefix as unknown[]), [table, prefix]);
    const write = (...changes: object[]) => page.evaluate((changes) => window.place.write(changes, true), changes);
    const put = (table: string, key: unknown[], value: unknown) => ({ put: [table, key, value] });

    // Numbers are in their order, and not in that of their letters; what begins alike does not belong together.
    await write(put('log', ['ada', 'c', 10], 'ten'), put('log', ['ada', 'c', 9], 'nine'), put('log', ['ada', 'cc', 1], 'other'), put('log', ['grace', 'c', 1], 'hers'));
    expect(await read('log', 'ada', 'c')).toEqual(['nine', 'ten']);
    expect(await read('log', 'ada')).toEqual(['nine', 'ten', 'other']);
    expect(await read('log', 'ada', 'c', 9)).toEqual(['nine']);
    expect(await read('log')).toHaveLength(4);
    expect(await read('list')).toEqual([]);

    // A key holds one record.
    await write(put('log', ['ada', 'c', 9], { body: 'nine again', of: ['x'] }));
    expect(await read('log', 'ada', 'c', 9)).toEqual([{ body: 'nine again', of: ['x'] }]);

    // What is read is a copy.
    const twice = await page.evaluate(async () => {
      const [first] = (await window.place.read('log', ['ada', 'c', 9])) as { body: string }[];
      first!.body = 'changed in passing';
      return window.place.read('log', ['ada', 'c', 9]);
    });
    expect(twice).toEqual([{ body: 'nine again', of: ['x'] }]);

    // Throwing away: a record, all of a prefix, all but a prefix.
    await write({ cut: ['log', ['ada', 'c', 9]] });
    expect(await read('log', 'ada')).toEqual(['ten', 'other']);
    await write({ cut: ['log', ['ada', 'c']] });
    expect(await read('log', 'ada')).toEqual(['other']);
    await write({ only: ['log', ['grace']] });
    expect(await read('log')).toEqual(['hers']);

    // A window's messages are given to another, and nobody else's.
    const row = (tab: string, n: number) => put('outbox', ['ada', n], { tab, n });
    await write(row('one', 1), row('two', 2), row('one', 3), put('outbox', ['grace', 4], { tab: 'one', n: 4 }));
    await write({ hand: ['outbox', ['ada'], 'one', 'three'] });
    expect(await read('outbox')).toEqual([{ tab: 'three', n: 1 }, { tab: 'two', n: 2 }, { tab: 'three', n: 3 }, { tab: 'one', n: 4 }]);

    // Changes of several tables are one: when one of them can't be made, none is.
    const refused = await page.evaluate(() =>
      window.place.write([{ put: ['drafts', ['ada'], 'kept?'] }, { put: ['outbox', ['ada', 9], () => 'not a record'] }]).then(() => false, () => true),
    );
    expect(refused).toBe(true);
    expect(await read('drafts')).toEqual([]);
  });
}

test('what is kept in IndexedDB survives the page, and a newer version of it closes the older page politely', async ({ roost }) => {
  const page = await roost.browser();
  await page.goto('/sign-in');
  await page.evaluate(async () => {
    const path = '/shelf.js';
    const { indexed } = await import(path);
    await indexed('lasting').write([{ put: ['drafts', ['ada'], 'begun'] }], true);
  });
  await page.reload();
  const found = await page.evaluate(async () => {
    const path = '/shelf.js';
    const { indexed } = await import(path);
    let told = false;
    const old = indexed('lasting', () => (told = true));
    const rows = await old.read('drafts', []);
    const newer = indexedDB.open('lasting', 2);
    await new Promise((done, fail) => {
      newer.onsuccess = done;
      newer.onerror = fail;
    });
    return { rows, told, refused: await old.read('drafts', []).then(() => false, () => true) };
  });
  expect(found).toEqual({ rows: ['begun'], told: true, refused: true });
});

test('a browser without IndexedDB, or with a broken one, works and says so once', async ({ roost }) => {
  const page = await roost.browser();
  await page.goto('/sign-in');
  const found = await page.evaluate(async () => {
    const path = '/shelf.js';
    const { shelf } = await import(path);
    let told = 0;
    const broken = { read: async () => { throw new Error('gone'); }, write: async () => { throw new Error('gone'); } };
    const kept = shelf(() => {}, () => told++, broken);
    await kept.write([{ put: ['drafts', ['ada'], 'begun'] }], true);
    const rows = await kept.read('drafts', ['ada']);

    // One that breaks later is not replaced by a memory that does not know what was there.
    let works = true;
    const late = { read: async () => (works ? ['before'] : Promise.reject(new Error('gone'))), write: async () => {} };
    const torn = shelf(() => {}, () => told++, late);
    const before = await torn.read('drafts', []);
    works = false;
    const after = await torn.read('drafts', []);

    // When the disk is full, history makes room for what was written.
    const cut: object[] = [];
    let full = true;
    const small = {
      read: async () => [],
      write: async (changes: { cut?: unknown }[]) => {
        if (changes[0]!.cut) full = false;
        else if (full) throw new DOMException('full', 'QuotaExceededError');
        cut.push(changes[0]!);
      },
    };
    await shelf(() => {}, () => told++, small).write([{ put: ['outbox', ['ada', 1], 'mine'] }], true);
    return { rows, before, after, cut, told };
  });
  expect(found).toEqual({ rows: ['begun'], before: ['before'], after: null, cut: [{ cut: ['log', []] }, { put: ['outbox', ['ada', 1], 'mine'] }], told: 2 });
});
