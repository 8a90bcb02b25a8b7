// The way between a mailbox's copy and its server, and between the windows that have it open.

/**
 * One request. Given up when no byte came for `silence` milliseconds (heartbeats are bytes), or after `total`, or by `signal`. Answers the
 * status, the text (or the bytes), and the server's time.
 */
export async function ask(method, address, body, silence, total, signal, raw) {
  const end = new AbortController();
  const stop = () => end.abort();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  let quiet = setTimeout(stop, silence);
  const late = total ? setTimeout(stop, total) : 0;
  try {
    const headers = { accept: raw ? "*/*" : "application/json" };
    if (body) headers["content-type"] = "application/json";
    const answer = await fetch(address, { method, headers, body: body ?? undefined, signal: end.signal, cache: "no-store", credentials: "same-origin", redirect: "error" });
    const parts = [];
    for (const reader = answer.body?.getReader(); reader; ) {
      clearTimeout(quiet);
      quiet = setTimeout(stop, silence);
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    }
    const all = new Blob(parts);
    return [answer.status, raw ? new Uint8Array(await all.arrayBuffer()) : await all.text(), Date.parse(answer.headers.get("date")) || 0];
  } finally {
    clearTimeout(quiet);
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
}

/** Acts in one window of all that want to, and in the next one once that is gone. Where there are no locks (plain http), in each. */
export function lead(name, act) {
  if (navigator.locks) navigator.locks.request(`roost-mail-${name}`, () => (act(), new Promise(() => {}))).catch(act);
  else act();
}

/** Listens to the other windows with this mailbox; answers with the way to tell them something. What is told is only a hint. */
export function channel(name, hear) {
  if (!("BroadcastChannel" in globalThis)) return () => {};
  const open = new BroadcastChannel(`roost-mail-${name}`);
  open.onmessage = ({ data }) => hear(data);
  return (text) => open.postMessage(text);
}

/** Acts when the page has nothing better to do. */
export function idle(act) {
  const soon = () => (globalThis.requestIdleCallback ? requestIdleCallback(act, { timeout: 5000 }) : setTimeout(act, 500));
  document.readyState === "complete" ? soon() : addEventListener("load", soon, { once: true });
}

/** Hears when things may have changed for the better: `true` when the page was frozen, so that nobody knows what became of the server. */
export function awake(act) {
  let last = Date.now();
  const look = () => {
    const slept = Date.now() - last > FROZEN_MS;
    last = Date.now();
    return slept;
  };
  setInterval(() => look() && act(true), TICK_MS);
  addEventListener("online", () => act(true));
  addEventListener("pageshow", ({ persisted }) => persisted && act(true));
  document.addEventListener("resume", () => act(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && act(look()));
}
const TICK_MS = 5_000;
/** Timers of hidden pages may run once a minute only. */
const FROZEN_MS = 150_000;
