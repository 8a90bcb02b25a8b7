// The service worker of Roost. The server fills in the two blanks below and serves this as /sw.js, never cached.
// It makes the shell open without a network, and leads from a notice to its conversation. People's data is not its business:
// the page for when there is no network finds it on the device's shelf.

const CACHE = "roost-__BUILD__";
const PRECACHE = __PRECACHE__;
const OFFLINE = "/offline";
const NEVER = ["/api/", "/form/", "/dev/", "/mailbox/"];

self.addEventListener("install", (event) => {
  // One set: either all of a build is there, or none of it. Without credentials, so that no name gets in.
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      cache.addAll(PRECACHE.map((path) => new Request(path, { cache: "reload", credentials: "omit" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith("roost-") && name !== CACHE).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (NEVER.some((path) => url.pathname.startsWith(path))) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => kept(OFFLINE)));
  } else if (url.pathname.startsWith("/pkg/")) {
    event.respondWith(kept(url.pathname).then((found) => (found.type === "error" ? fetch(request) : found)));
  } else if (PRECACHE.includes(url.pathname)) {
    event.respondWith(fetch(request).catch(() => kept(url.pathname)));
  }
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data?.path ?? "/";
  event.waitUntil(
    (async () => {
      const windows = await self.clients.matchAll({ type: "window" });
      const open = windows.find((one) => one.visibilityState === "visible") ?? windows[0];
      if (!open) return self.clients.openWindow(path);
      open.postMessage({ lead: path });
      return open.focus();
    })(),
  );
});

async function kept(path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? Response.error();
}
