// What this browser keeps: four tables of records. There are two of them with one behaviour (end2end/tests/shelf.spec.ts runs
// the same suite on both): one in IndexedDB, and one in memory for where that is refused or full.
//
// A key is an array of texts and numbers that begins with the account's id. Changes are a list, committed together:
//   {"put": [table, key, value]}    {"cut": [table, prefix]}    {"only": [table, prefix]}    {"hand": [table, prefix, from, to]}
// "cut" takes out what begins with the prefix, "only" all else. "hand" gives the records of one window to another.

export const TABLES = ["outbox", "drafts", "log", "list"];
// An older version never opens a newer database. Add a step to `upgrade`; a shipped one is never edited.
const VERSION = 1;
/** A database that does not open by then never will. */
const OPEN_WITHIN_MS = 4000;

const upgrade = (database, from) => {
  if (from < 1) for (const table of TABLES) database.createObjectStore(table);
};

/** All keys that begin with the prefix: an array comes after every text and number. */
const within = (prefix) => IDBKeyRange.bound(prefix, [...prefix, []]);

const done = (request) =>
  new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });

const committed = (transaction) =>
  new Promise((good, bad) => {
    transaction.oncomplete = () => good();
    transaction.onabort = transaction.onerror = () => bad(transaction.error ?? new Error("The transaction was given up."));
  });

/** Tables in IndexedDB. `outdated` is called when a newer version of Roost wants the database. */
export function indexed(name = "roost", outdated = () => {}) {
  let opening = null;
  const forget = () => (opening = null);

  const open = () =>
    (opening ??= new Promise((good, bad) => {
      const late = setTimeout(() => bad(new Error("The database does not open.")), OPEN_WITHIN_MS);
      const request = indexedDB.open(name, VERSION);
      request.onupgradeneeded = ({ oldVersion }) => upgrade(request.result, oldVersion);
      request.onerror = () => bad(request.error);
      request.onsuccess = () => {
        clearTimeout(late);
        const database = request.result;
        // The newer window must not wait for this one.
        database.onversionchange = () => {
          database.close();
          outdated();
        };
        // Some browsers close the connections of pages that nobody looks at.
        database.onclose = forget;
        good(database);
      };
    }).catch((error) => {
      forget();
      throw error;
    }));

  /** Runs a transaction; once more on a new connection when this one turns out to be closed. */
  const transact = async (tables, mode, options, act) => {
    for (let attempt = 1; ; attempt++) {
      const database = await open();
      let transaction;
      try {
        transaction = database.transaction(tables, mode, options);
      } catch (error) {
        forget();
        if (attempt === 2) throw error;
        continue;
      }
      const end = committed(transaction);
      try {
        const result = act(transaction);
        await end;
        return result;
      } catch (error) {
        // What was asked for before the mistake is not kept either.
        end.catch(() => {});
        try {
          transaction.abort();
        } catch {
          // It is over already.
        }
        throw error;
      }
    }
  };

  return {
    async read(table, prefix) {
      return transact([table], "readonly", {}, (transaction) => done(transaction.objectStore(table).getAll(within(prefix))));
    },

    async write(changes, strict) {
      const tables = [...new Set(changes.map((change) => Object.values(change)[0][0]))];
      // Browsers answer before the disk does, unless they are asked not to.
      await transact(tables, "readwrite", { durability: strict ? "strict" : "relaxed" }, (transaction) => {
        for (const change of changes) {
          const [[kind, [table, key, ...more]]] = Object.entries(change);
          const store = transaction.objectStore(table);
          if (kind === "put") store.put(more[0], key);
          else if (kind === "cut") store.delete(within(key));
          else if (kind === "only") {
            store.delete(IDBKeyRange.upperBound(key, true));
            store.delete(IDBKeyRange.lowerBound([...key, []], true));
          } else if (kind === "hand") hand(store, key, ...more);
        }
      });
    },
  };
}

function hand(store, prefix, from, to) {
  const request = store.openCursor(within(prefix));
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    if (cursor.value.tab === from) cursor.update({ ...cursor.value, tab: to });
    cursor.continue();
  };
}

/** Tables in memory. */
export function memory() {
  const tables = Object.fromEntries(TABLES.map((table) => [table, new Map()]));
  const begins = (key, prefix) => prefix.every((part, place) => key[place] === part);
  const order = (a, b) => {
    for (let place = 0; ; place++) {
      if (a[place] === undefined || b[place] === undefined) return a.length - b.length;
      if (a[place] !== b[place]) return typeof a[place] === typeof b[place] ? (a[place] < b[place] ? -1 : 1) : typeof a[place] === "number" ? -1 : 1;
    }
  };
  const rows = (table, prefix) => [...tables[table].values()].filter(({ key }) => begins(key, prefix)).sort((a, b) => order(a.key, b.key));
  return {
    async read(table, prefix) {
      return structuredClone(rows(table, prefix).map(({ value }) => value));
    },

    async write(changes) {
      // All or nothing: what can't be kept is found before anything is.
      for (const change of structuredClone(changes)) {
        const [[kind, [table, key, ...more]]] = Object.entries(change);
        const place = tables[table];
        if (kind === "put") place.set(JSON.stringify(key), { key, value: more[0] });
        else if (kind === "hand") {
          for (const { value } of rows(table, key)) if (value.tab === more[0]) value.tab = more[1];
        } else {
          for (const [name, row] of place) if (begins(row.key, key) === (kind === "cut")) place.delete(name);
        }
      }
    },
  };
}

/**
 * IndexedDB where there is one. Where there is none, memory. Where it stops working, nothing is kept any more and reading
 * answers null: what the page knows is then all there is. `forgetful` is called once when that happens.
 */
export function shelf(outdated, forgetful, disk = globalThis.indexedDB ? indexed("roost", outdated) : null) {
  let kept = disk;
  let used = false;
  const give_up = (error) => {
    if (kept === disk) {
      console.info("Roost remembers nothing beyond this page:", error);
      // At the very beginning nothing is lost yet, and memory does as well.
      kept = used ? { read: async () => null, write: async () => {} } : memory();
      forgetful();
    }
  };
  if (!disk) give_up(new Error("there is no IndexedDB"));
  const attempt = async (act, again) => {
    const now = kept;
    try {
      const result = await act(now);
      used = true;
      return result;
    } catch (error) {
      if (now !== disk) throw error;
      // When the disk is full, what was read goes, so that what was written stays.
      if (error?.name === "QuotaExceededError" && !again) await disk.write([{ cut: ["log", []] }], false).catch(give_up);
      else give_up(error);
      return attempt(act, true);
    }
  };
  return {
    read: (table, prefix) => attempt((place) => place.read(table, prefix)),
    write: (changes, strict) => attempt((place) => place.write(changes, strict)),
  };
}
