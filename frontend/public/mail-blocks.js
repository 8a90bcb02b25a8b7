// Tables of many small rows in IndexedDB, a block of rows a record. A browser takes as long for a record of a hundred bytes as for one
// of some thousands, so a mailbox that comes in is written in blocks. An index over all names in a block leads to it.

/** Rows in a block. */
export const SIZE = 64;
/** So many names are looked up one by one; beyond, all names are read once, and known until somebody else writes. */
const FEW = 200;

export const done = (request) =>
  new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });

/** Cuts a list into pieces. */
export function* pieces(list, size = SIZE) {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}

/**
 * Which block each name of a table is in. What is known is good for one version of the database, which every transaction that moves a
 * row raises; this window's own transactions tell what they moved.
 */
export function directory(table) {
  let known = null;
  let version = -1;
  let pending = null;
  let forgetting = 0;
  return {
    /** Finds these names, in a transaction that has seen this version. */
    async find(transaction, names, now) {
      const store = transaction.objectStore(table);
      const found = new Map();
      if (names.length === 0) return found;
      if (version !== now) known = null;
      if (!known && names.length > FEW) {
        known = new Map();
        version = now;
        for (const [at, ids] of await allNames(store)) for (const id of ids) known.set(id, at);
      }
      if (known) {
        for (const name of names) if (known.has(name)) found.set(name, known.get(name));
        clearTimeout(forgetting);
        // It is large, and only of use while a mailbox comes in.
        forgetting = setTimeout(() => (known = null), 60_000);
        return found;
      }
      const index = store.index("ids");
      const keys = await Promise.all(names.map((name) => done(index.getKey(name))));
      names.forEach((name, at) => keys[at] !== undefined && found.set(name, keys[at]));
      return found;
    },
    /** The transaction in hand moves these; `undefined` takes one out. */
    move(name, at) {
      if (known) (pending ??= []).push([name, at]);
    },
    /** The transaction in hand is committed, and made this version. */
    moved(before, after) {
      const moves = pending ?? [];
      pending = null;
      if (!known) return;
      if (version !== before) {
        known = null;
        return;
      }
      for (const [name, at] of moves) at === undefined ? known.delete(name) : known.set(name, at);
      version = after;
    },
    /** It was given up. */
    unmoved() {
      pending = null;
    },
  };
}

/** The names in all blocks. */
async function allNames(store) {
  const found = [];
  for (let from = -Infinity; ; ) {
    const range = IDBKeyRange.lowerBound(from, true);
    const [keys, blocks] = await Promise.all([done(store.getAllKeys(range, 200)), done(store.getAll(range, 200))]);
    keys.forEach((key, at) => found.push([key, blocks[at].ids]));
    if (keys.length < 200) return found;
    from = keys.at(-1);
  }
}

/** Reads these blocks, each once. */
export async function load(store, keys) {
  const distinct = [...new Set(keys)];
  const blocks = await Promise.all(distinct.map((key) => done(store.get(key))));
  return new Map(distinct.map((key, at) => [key, blocks[at]]));
}
