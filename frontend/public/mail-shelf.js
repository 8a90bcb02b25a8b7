// A mailbox's copy in IndexedDB: one database for each account. Rows are texts that only Rust reads (frontend/src/mail/store.rs), and go
// in and out as lines. What is written, what is shown of it and how far a replication has come are one transaction.
//
//   meta     one record: the head, which life of the database it is, counters
//   docs     documents by the number of their latest change, in blocks, with an index of ids
//   bodies   what stands in them: a block beside each block of docs
//   lines    what lists show of letters, in blocks, with an index of the lists they are in
//   desk     drafts and orders that are not done with
//   locals   what is never replicated
//   files    bytes of files, by the id of their document
//   words    what letters are found by (mail-words.js), and dead: what is not found there any more

import { SIZE, directory, done, load, pieces } from "/mail-blocks.js";
import { search } from "/mail-words.js";

// An older version never opens a newer database. Add a step to `upgrade`; a shipped one is never edited.
const VERSION = 1;
/** A database that does not open by then never will. */
const OPEN_WITHIN_MS = 8000;
const ALL = ["meta", "docs", "bodies", "lines", "desk", "locals", "dead"];

const upgrade = (database, from) => {
  if (from >= 1) return;
  const docs = database.createObjectStore("docs");
  docs.createIndex("ids", "ids", { multiEntry: true });
  docs.createIndex("mine", "mine", { multiEntry: true });
  const lines = database.createObjectStore("lines");
  lines.createIndex("ids", "ids", { multiEntry: true });
  lines.createIndex("on", "on", { multiEntry: true });
  for (const table of ["meta", "bodies", "desk", "locals", "files", "words", "dead"]) database.createObjectStore(table);
};

const named = (name, text) => Object.assign(new Error(text), { name });
/** The words of a list, all its places. */
const within = (list) => IDBKeyRange.bound([list], [list, []]);
const beginning = (prefix) => IDBKeyRange.bound(prefix, `${prefix}\uffff`);

/** The database of a name. `outdated` is called when a newer version of Roost wants it. */
export function mailShelf(name, outdated = () => {}) {
  let opening = null;
  let newer = false;
  const places = { docs: directory("docs"), lines: directory("lines") };
  const forget = () => (opening = null);

  const open = () => {
    if (newer) return Promise.reject(named("VersionError", "A newer version has taken the database."));
    return (opening ??= connect(name, forget, (wanted) => {
      if (wanted === null) return;
      newer = true;
      outdated();
    }).catch((error) => {
      forget();
      throw error;
    }));
  };

  /** Runs a transaction; once more on a new connection when this one turns out to be closed. */
  const transact = async (tables, mode, strict, act) => {
    for (let attempt = 1; ; attempt++) {
      const database = await open();
      let transaction;
      try {
        transaction = database.transaction(tables, mode, { durability: strict ? "strict" : "relaxed" });
      } catch (error) {
        forget();
        if (attempt === 2) throw error;
        continue;
      }
      return run(transaction, act);
    }
  };

  /** The same in the life of the database that is meant: one that was wiped and made anew is another. */
  const live = (life, tables, mode, strict, act) =>
    transact([...new Set(["meta", ...tables])], mode, strict, async (transaction) => {
      const meta = await done(transaction.objectStore("meta").get(0));
      if (meta?.life !== life) throw named("Wiped", "The database is not the one it was.");
      return act(transaction, meta);
    });
  const read = (life, tables, act) => live(life, tables, "readonly", false, act);

  return {
    /** Which life the database is in; it begins one when it is new. */
    life: () =>
      transact(["meta"], "readwrite", true, async (transaction) => {
        const store = transaction.objectStore("meta");
        const meta = (await done(store.get(0))) ?? { head: 0, life: crypto.randomUUID(), version: 0, lines: 0, moves: 0, indexed: 0, runs: [] };
        store.put(meta, 0);
        return meta.life;
      }),

    docs: (life, ids) =>
      read(life, ["docs"], async (transaction, meta) => [meta.head, ...(await rows(places.docs, transaction, "docs", JSON.parse(ids), meta))].join("\n")),

    changes: (life, since, limit) =>
      read(life, ["docs"], async (transaction, meta) => [meta.head, ...(await changes(transaction.objectStore("docs"), since, limit))].join("\n")),

    bodies: (life, keys) =>
      read(life, ["docs", "bodies"], async (transaction, meta) => [meta.head, ...(await bodies(places.docs, transaction, JSON.parse(keys), meta))].join("\n")),

    locals: (life, prefix) =>
      read(life, ["locals"], async (transaction, meta) => {
        const store = transaction.objectStore("locals");
        const [names, texts] = await Promise.all([done(store.getAllKeys(beginning(prefix))), done(store.getAll(beginning(prefix)))]);
        return [meta.head, ...names.map((name, at) => `[${JSON.stringify(name)},${texts[at]}]`)].join("\n");
      }),

    /** Lines of letters, and documents, of one moment. */
    look: (life, letters, ids) =>
      read(life, ["docs", "lines"], async (transaction, meta) => {
        const lines = await rows(places.lines, transaction, "lines", JSON.parse(letters), meta);
        const docs = await rows(places.docs, transaction, "docs", JSON.parse(ids), meta);
        return [meta.head, lines.length, ...lines, ...docs].join("\n");
      }),

    /** Writes all of a batch and answers true, or nothing and false, when the head is another. */
    async commit(life, text, strict, files) {
      const batch = parse(text);
      const tables = files.length ? [...ALL, "files"] : ALL;
      let before = -1;
      try {
        const after = await live(life, tables, "readwrite", strict, async (transaction, meta) => {
          if (batch.expected !== null && batch.expected !== meta.head) return null;
          before = meta.version;
          meta.head = batch.head ?? meta.head;
          if (batch.docs.length || batch.remove.length || batch.forget.length || batch.lines.length || batch.gone.length) meta.version++;
          await putDocs(places.docs, transaction, batch, before);
          await putLines(places.lines, transaction, batch, before, meta);
          const desk = transaction.objectStore("desk");
          for (const [id, state] of batch.desk) state === null ? desk.delete(id) : desk.put(state, id);
          const locals = transaction.objectStore("locals");
          for (const [local, value] of batch.locals) value === null ? locals.delete(local) : locals.put(value, local);
          for (const [id, bytes] of files) transaction.objectStore("files").put(bytes, id);
          transaction.objectStore("meta").put(meta, 0);
          return meta.version;
        });
        for (const place of Object.values(places)) after === null ? place.unmoved() : place.moved(before, after);
        return after !== null;
      } catch (error) {
        for (const place of Object.values(places)) place.unmoved();
        throw error;
      }
    },

    /** A part of a list, and how long the whole is. */
    list: (life, list, skip, limit) =>
      read(life, ["lines"], async (transaction) => {
        const store = transaction.objectStore("lines");
        const index = store.index("on");
        const [total, found] = await Promise.all([done(index.count(within(list))), walk(index, within(list), skip, limit)]);
        const blocks = await load(store, found.map(({ block }) => block));
        const lines = found.map(({ key, block }) => row(blocks.get(block), key[2]));
        return [total, ...lines].join("\n");
      }),

    /** How long these lists are; all labels with how many letters they have; how much is on the desk. */
    counts: (life, lists) =>
      read(life, ["lines", "desk", "locals"], async (transaction) => {
        const index = transaction.objectStore("lines").index("on");
        const [lengths, found, drafts, orders, open, denied] = await Promise.all([
          Promise.all(JSON.parse(lists).map((list) => done(index.count(within(list))))),
          labels(index),
          done(transaction.objectStore("desk").count(beginning("d:"))),
          done(transaction.objectStore("desk").count(beginning("o:"))),
          done(transaction.objectStore("desk").getAll(beginning("o:"))),
          done(transaction.objectStore("locals").count(beginning("denied/o:"))),
        ]);
        return JSON.stringify([lengths, found, drafts, orders + denied, open.filter((state) => state === "open").length]);
      }),

    desk: (life, prefix) => read(life, ["desk"], async (transaction) => JSON.stringify(await done(transaction.objectStore("desk").getAllKeys(beginning(prefix))))),

    /** How many documents were changed here after this number. */
    mine: (life, since) => read(life, ["docs"], (transaction) => done(transaction.objectStore("docs").index("mine").count(IDBKeyRange.lowerBound(since, true)))),

    file: (life, id) => read(life, ["files"], (transaction) => done(transaction.objectStore("files").get(id))),

    keepFile: (life, id, bytes) => live(life, ["files"], "readwrite", false, async (transaction) => void transaction.objectStore("files").put(bytes, id)),

    ...search(live, (transaction, names, meta) => rows(places.lines, transaction, "lines", names, meta)),

    /** Throws the database away. */
    async wipe() {
      const database = await opening?.catch(() => null);
      database?.close();
      forget();
      const request = indexedDB.deleteDatabase(name);
      // Other windows close theirs when they hear of it.
      await done(request);
    },
  };
}

function connect(name, forget, changed) {
  return new Promise((good, bad) => {
    if (!globalThis.indexedDB) return bad(named("NotSupportedError", "This browser has no database."));
    const late = setTimeout(() => bad(named("TimeoutError", "The database does not open.")), OPEN_WITHIN_MS);
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, oldVersion);
    request.onerror = () => (clearTimeout(late), bad(request.error));
    request.onsuccess = () => {
      clearTimeout(late);
      const database = request.result;
      // A newer window, or one that throws the copy away, must not wait for this one.
      database.onversionchange = ({ newVersion }) => {
        database.close();
        forget();
        changed(newVersion);
      };
      // Some browsers close the connections of pages that nobody looks at; and all, when the data of a site is deleted.
      database.onclose = forget;
      good(database);
    };
  });
}

/** Answers what the act does once the transaction is committed; after any mistake nothing of it is. */
async function run(transaction, act) {
  const end = new Promise((good, bad) => {
    transaction.oncomplete = () => good();
    transaction.onabort = () => bad(transaction.error ?? named("AbortError", "The transaction was given up."));
  });
  try {
    const result = await act(transaction);
    if (transaction.mode === "readwrite") transaction.commit?.();
    await end;
    return result;
  } catch (error) {
    end.catch(() => {});
    try {
      transaction.abort();
    } catch {
      // It is over already, and says better why.
      if (transaction.error) throw transaction.error;
    }
    throw error;
  }
}

/** A batch as Rust writes it: what there is, and then the texts. */
function parse(text) {
  const [head, ...texts] = text.split("\n");
  const batch = JSON.parse(head);
  let at = 0;
  for (const doc of batch.docs) doc.row = texts[at++];
  for (const doc of batch.docs) doc.bodies = doc.revs.map((rev) => [rev, texts[at++]]);
  for (const line of batch.lines) line.row = texts[at++];
  return batch;
}

const row = (block, id) => block.rows[block.ids.indexOf(id)];

/** The rows of these names, in their order. */
async function rows(place, transaction, table, names, meta) {
  const found = await place.find(transaction, names, meta.version);
  const blocks = await load(transaction.objectStore(table), found.values());
  return names.filter((name) => found.has(name)).map((name) => row(blocks.get(found.get(name)), name));
}

async function changes(store, since, limit) {
  const found = [];
  if (limit === 0) return found;
  // The block that the number is in, if any, begins before it.
  const before = await done(store.openKeyCursor(IDBKeyRange.upperBound(since), "prev"));
  let from = IDBKeyRange.lowerBound(before?.key ?? 0);
  for (;;) {
    const count = Math.ceil(limit / SIZE) + 2;
    const [keys, blocks] = await Promise.all([done(store.getAllKeys(from, count)), done(store.getAll(from, count))]);
    for (const block of blocks) {
      for (const [at, seq] of block.seqs.entries()) {
        if (seq <= since) continue;
        found.push(block.rows[at]);
        if (found.length === limit) return found;
      }
    }
    if (keys.length < count) return found;
    from = IDBKeyRange.lowerBound(keys.at(-1), true);
  }
}

async function bodies(place, transaction, keys, meta) {
  const found = await place.find(transaction, [...new Set(keys.map(([id]) => id))], meta.version);
  const [docs, texts] = await Promise.all(["docs", "bodies"].map((table) => load(transaction.objectStore(table), found.values())));
  return keys.flatMap(([id, rev]) => {
    const at = found.get(id);
    if (at === undefined) return [];
    const of = texts.get(at)[docs.get(at).ids.indexOf(id)];
    return of.filter(([known]) => known === rev).map(([, text]) => text);
  });
}

/** Documents move to the end when they change, and take along what stands in them. */
async function putDocs(place, transaction, batch, version) {
  const { docs, remove, forget } = batch;
  if (!docs.length && !remove.length && !forget.length) return;
  const tables = ["docs", "bodies"].map((table) => transaction.objectStore(table));
  const names = new Set([...docs.map(({ id }) => id), ...remove, ...forget.map(([id]) => id)]);
  const found = await place.find(transaction, [...names], version);
  const [blocks, texts] = await Promise.all(tables.map((table) => load(table, found.values())));
  const stay = (id, rev) => !forget.some(([gone, which]) => gone === id && which === rev);
  const forgetful = new Set(forget.map(([id]) => id));
  const kept = new Map();
  for (const id of names) {
    const block = found.get(id);
    if (block === undefined) continue;
    const at = blocks.get(block).ids.indexOf(id);
    let of = texts.get(block)[at];
    if (forgetful.has(id)) of = of.filter(([rev]) => stay(id, rev));
    kept.set(id, of);
    texts.get(block)[at] = of;
  }
  for (const id of new Set([...docs.map(({ id }) => id), ...remove])) {
    const block = blocks.get(found.get(id));
    if (block) takeOut(block, texts.get(found.get(id)), id);
    place.move(id, undefined);
  }
  for (const [key, block] of blocks) {
    const empty = block.ids.length === 0;
    tables[0][empty ? "delete" : "put"](...(empty ? [key] : [block, key]));
    tables[1][empty ? "delete" : "put"](...(empty ? [key] : [texts.get(key), key]));
  }
  for (const piece of pieces(docs)) {
    const key = piece[0].seq;
    const block = { ids: piece.map(({ id }) => id), seqs: piece.map(({ seq }) => seq), rows: piece.map(({ row }) => row), mine: piece.filter(({ mine }) => mine).map(({ seq }) => seq) };
    tables[0].put(block, key);
    tables[1].put(piece.map(({ id, bodies }) => merged(kept.get(id), bodies)), key);
    for (const { id } of piece) place.move(id, key);
  }
}

const merged = (old, fresh) => [...(old ?? []).filter(([rev]) => !fresh.some(([known]) => known === rev)), ...fresh];

function takeOut(block, texts, id) {
  const at = block.ids.indexOf(id);
  block.mine = block.mine.filter((seq) => seq !== block.seqs[at]);
  for (const list of [block.ids, block.seqs, block.rows, texts]) list.splice(at, 1);
}

/** Lines stay where they are, unless the letter is found by other words than before: then it is as good as new. */
async function putLines(place, transaction, { lines, gone }, version, meta) {
  if (!lines.length && !gone.length) return;
  const store = transaction.objectStore("lines");
  const found = await place.find(transaction, [...lines.map(({ id }) => id), ...gone], version);
  const blocks = await load(store, found.values());
  const fresh = [];
  const leave = (id) => {
    const key = found.get(id);
    if (key === undefined) return;
    const block = blocks.get(key);
    const at = block.ids.indexOf(id);
    block.ids.splice(at, 1);
    block.rows.splice(at, 1);
    block.on = block.on.filter(([, , of]) => of !== id);
    place.move(id, undefined);
    meta.moves++;
    if (key <= meta.indexed) transaction.objectStore("dead").put(key, `${id} ${key}`);
  };
  for (const id of gone) leave(id);
  for (const line of lines) {
    const block = blocks.get(found.get(line.id));
    if (block && !line.fresh) {
      block.rows[block.ids.indexOf(line.id)] = line.row;
      block.on = [...block.on.filter(([, , of]) => of !== line.id), ...line.on];
    } else {
      leave(line.id);
      fresh.push(line);
    }
  }
  for (const [key, block] of blocks) block.ids.length ? store.put(block, key) : store.delete(key);
  for (const piece of pieces(fresh)) {
    const key = ++meta.lines;
    store.put({ ids: piece.map(({ id }) => id), rows: piece.map(({ row }) => row), on: piece.flatMap(({ on }) => on) }, key);
    for (const { id } of piece) place.move(id, key);
  }
}

/** Goes along an index from its end, beginning with the entry numbered `skip`. */
function walk(index, range, skip, limit) {
  return new Promise((good, bad) => {
    const found = [];
    if (limit === 0) return good(found);
    const request = index.openKeyCursor(range, "prev");
    let skipped = skip === 0;
    request.onerror = () => bad(request.error);
    request.onsuccess = () => {
      const cursor = request.result;
      if (!cursor) return good(found);
      if (!skipped) {
        skipped = true;
        return cursor.advance(skip);
      }
      found.push({ key: cursor.key, block: cursor.primaryKey });
      found.length < limit ? cursor.continue() : good(found);
    };
  });
}

/** Each label once, with how long its list is. A sign after the slash begins the next kind of lists. */
async function labels(index) {
  const found = [];
  let range = IDBKeyRange.bound(["label/"], ["label0"], true, true);
  for (;;) {
    const cursor = await done(index.openKeyCursor(range));
    if (!cursor) return found;
    const list = cursor.key[0];
    found.push([list.slice("label/".length), await done(index.count(within(list)))]);
    range = IDBKeyRange.bound([list, []], ["label0"], true, true);
  }
}
