// The windows of one browser: who is still there, who is being looked at, and a way to tell the others something.
// What is told this way is only a hint; what is true is on the shelf.

const CHANNEL = "roost";
/** Where there are no locks (plain http), a window is taken for gone after this. Sending twice is sending once. */
const GONE_AFTER_MS = 1500;

/** Holds a lock as long as this page lives; when it is gone, however that came, somebody else gets it. */
export function live(tab) {
  navigator.locks?.request(`roost-tab-${tab}`, () => new Promise(() => {}));
}

/** Acts once the other window is gone. Of several that wait for it, each has its turn, one after the other. */
export function whenGone(tab, act) {
  if (navigator.locks) navigator.locks.request(`roost-tab-${tab}`, act);
  else setTimeout(act, GONE_AFTER_MS);
}

let unwatch = () => {};

/** Says whether somebody looks at this window. */
export function watched(seen) {
  unwatch();
  if (!seen || !navigator.locks) return;
  const end = new AbortController();
  // The lock ends with the signal, whether it was given already or not.
  const held = new Promise((done) => end.signal.addEventListener("abort", done, { once: true }));
  navigator.locks.request("roost-watched", { mode: "shared", signal: end.signal }, () => held).catch(() => {});
  unwatch = () => end.abort();
}

/** Whether somebody looks at any window of this browser. */
export async function anyWatched() {
  const locks = await navigator.locks?.query();
  return locks?.held.some(({ name }) => name === "roost-watched") ?? document.visibilityState === "visible";
}

/** Listens to the other windows; answers with the way to tell them something. */
export function channel(hear) {
  if (!("BroadcastChannel" in globalThis)) return () => {};
  const open = new BroadcastChannel(CHANNEL);
  open.onmessage = ({ data }) => hear(data);
  return (text) => open.postMessage(text);
}
