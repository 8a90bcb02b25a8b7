// What letters are found by. Letters are noted in runs of some hundreds: the words of a run in order, each with the letters that have it.
// A run is one record and is kept in memory once somebody searched, so a question costs a search by halves in each run.
//
// It follows behind the lines: `meta.indexed` is the block of lines up to which all letters are in a run. A letter whose words changed
// gets a new line in a new block, and its old one is noted as dead.

import { done } from "/mail-blocks.js";

/** Letters in a run. */
const RUN = 1024;
/** Words between two that are found by halves; those between them are looked through. */
const STRIDE = 16;

/** Makes a run of letters: `[id, block, time, words]`. */
export function encode(letters) {
  const at = new Map();
  letters.forEach(([, , , words], letter) => {
    for (const word of words) at.has(word) ? at.get(word).push(letter) : at.set(word, [letter]);
  });
  const words = [...at.keys()].sort();
  const starts = new Uint32Array(words.length + 1);
  const strides = new Uint32Array(Math.ceil(words.length / STRIDE));
  const posts = new Uint16Array(letters.reduce((sum, [, , , all]) => sum + all.length, 0));
  let length = 0;
  let offset = 0;
  words.forEach((word, place) => {
    if (place % STRIDE === 0) strides[place / STRIDE] = offset;
    offset += word.length + 1;
    starts[place] = length;
    posts.set(at.get(word), length);
    length += at.get(word).length;
  });
  starts[words.length] = length;
  return {
    ids: letters.map(([id]) => id),
    blocks: letters.map(([, block]) => block),
    times: Float64Array.from(letters, ([, , time]) => time),
    text: words.map((word) => `${word}\n`).join(""),
    starts,
    strides,
    posts,
  };
}

/** The letters that a run was made of. */
export function decode(run) {
  const letters = run.ids.map((id, at) => [id, run.blocks[at], run.times[at], []]);
  run.text.split("\n").forEach((word, place) => {
    if (word) for (const letter of run.posts.subarray(run.starts[place], run.starts[place + 1])) letters[letter][3].push(word);
  });
  return letters;
}

/** Which letters of a run have all of these words; `[word, whole]`. */
export function find(run, wanted) {
  let fits = null;
  for (const [word, whole] of wanted) {
    const these = new Uint8Array(run.ids.length);
    let [place, offset] = lower(run, word);
    for (; offset < run.text.length; place++) {
      const end = run.text.indexOf("\n", offset);
      if (!run.text.startsWith(word, offset) || (whole && end !== offset + word.length)) break;
      for (let at = run.starts[place]; at < run.starts[place + 1]; at++) these[run.posts[at]] = 1;
      offset = end + 1;
    }
    if (fits) for (let letter = 0; letter < these.length; letter++) fits[letter] &= these[letter];
    else fits = these;
  }
  return fits ?? new Uint8Array(run.ids.length).fill(1);
}

/** The first word that is not before this one: its number, and where it stands. */
function lower({ text, strides }, word) {
  const wordAt = (offset) => text.slice(offset, text.indexOf("\n", offset));
  let [low, high] = [0, strides.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    wordAt(strides[middle]) < word ? (low = middle + 1) : (high = middle);
  }
  let place = Math.max(0, low - 1) * STRIDE;
  let offset = strides[Math.max(0, low - 1)] ?? 0;
  while (offset < text.length) {
    const found = wordAt(offset);
    if (found >= word) break;
    offset += found.length + 1;
    place++;
  }
  return [place, offset];
}

/** The newest, from the one numbered `skip`: `[time, id]`. Only those that may be among them are put in order. */
export function newest(times, ids, skip, limit) {
  const order = Float64Array.from(times).sort();
  const edge = order[Math.max(0, order.length - skip - limit)] ?? 0;
  const these = [];
  for (let at = 0; at < times.length; at++) if (times[at] >= edge) these.push([times[at], ids[at]]);
  these.sort((one, other) => other[0] - one[0] || (one[1] < other[1] ? 1 : -1));
  return these.slice(skip, skip + limit).map(([, id]) => id);
}

/** What the shelf can do with words; `live` is its way into a transaction, `lines` reads lines by letter. */
export function search(live, lines) {
  let memory = new Map();
  let known = null;

  /** The runs, from memory as far as they did not change. */
  const runs = async (transaction, meta, life) => {
    if (known !== life) memory = new Map();
    known = life;
    const store = transaction.objectStore("words");
    const fresh = meta.runs.map(([version], at) => at).filter((at) => memory.get(at)?.version !== meta.runs[at][0]);
    const loaded = await Promise.all(fresh.map((at) => done(store.get(at))));
    fresh.forEach((at, place) => memory.set(at, { version: meta.runs[at][0], run: loaded[place] }));
    return meta.runs.map((_, at) => memory.get(at).run);
  };

  return {
    /** Letters that are in no run yet: `[[indexed, moves, upto], [id, block], …]`; null when there are none. */
    unindexed: (life, limit) =>
      live(life, ["lines"], "readonly", false, async (transaction, meta) => {
        const store = transaction.objectStore("lines");
        const range = IDBKeyRange.lowerBound(meta.indexed, true);
        const [keys, blocks] = await Promise.all([done(store.getAllKeys(range, limit)), done(store.getAll(range, limit))]);
        if (keys.length === 0) return null;
        return JSON.stringify([[meta.indexed, meta.moves, keys.at(-1)], ...blocks.flatMap(({ ids }, at) => ids.map((id) => [id, keys[at]]))]);
      }),

    /** Puts letters into runs: `[id, block, time, words]`. False when lines moved meanwhile; then nothing is written. */
    index: (life, place, text) =>
      live(life, ["words", "dead"], "readwrite", false, async (transaction, meta) => {
        const [indexed, moves, upto] = JSON.parse(place);
        if (meta.indexed !== indexed || meta.moves !== moves) return false;
        const store = transaction.objectStore("words");
        const last = meta.runs.length - 1;
        const open = last >= 0 && meta.runs[last][1] < RUN;
        const letters = open ? decode(await done(store.get(last))) : [];
        for (const letter of JSON.parse(text)) letters.push(letter);
        for (let at = open ? last : last + 1; letters.length; at++) {
          const piece = letters.splice(0, RUN);
          store.put(encode(piece), at);
          meta.runs[at] = [(meta.runs[at]?.[0] ?? 0) + 1, piece.length];
        }
        meta.indexed = upto;
        transaction.objectStore("meta").put(meta, 0);
        return true;
      }),

    /** The lines of the newest letters with all of these words, and how many there are in all. */
    search: (life, wanted, skip, limit) =>
      live(life, ["words", "dead", "lines"], "readonly", false, async (transaction, meta) => {
        const words = JSON.parse(wanted);
        const [all, gone] = await Promise.all([runs(transaction, meta, life), done(transaction.objectStore("dead").getAllKeys())]);
        const dead = new Set(gone);
        const [times, ids] = [[], []];
        for (const run of all) {
          find(run, words).forEach((fits, at) => {
            if (!fits || (dead.size && dead.has(`${run.ids[at]} ${run.blocks[at]}`))) return;
            times.push(run.times[at]);
            ids.push(run.ids[at]);
          });
        }
        return [ids.length, ...(await lines(transaction, newest(times, ids, skip, limit), meta))].join("\n");
      }),
  };
}
