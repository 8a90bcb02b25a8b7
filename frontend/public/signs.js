// What Roost shows outside of its page: the number on its icon, and notices of the system.

const ICON = "/icon-192.png";
let plain = null;

/** The icon with a badge on its 32 by 32 units; without a number, as it is. */
async function icon(count) {
  if (!count) return "/favicon.svg";
  plain ??= await (await fetch("/favicon.svg")).text();
  const text = count > 99 ? "99+" : String(count);
  const size = text.length > 2 ? 10 : 14;
  const words = `font-family="sans-serif" font-weight="700" font-size="${size}" text-anchor="middle" fill="#fff"`;
  const badge = `<circle cx="21" cy="21" r="11" fill="#c2261c"/><text x="21" y="${21 + size * 0.36}" ${words}>${text}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(plain.replace("</svg>", `${badge}</svg>`))}`;
}

let shown = -1;

/** Shows how much is unread. */
export async function count(unread) {
  if (unread === shown) return;
  shown = unread;
  if (unread) navigator.setAppBadge?.(unread)?.catch(() => {});
  else navigator.clearAppBadge?.()?.catch(() => {});
  try {
    const href = await icon(unread);
    if (unread === shown) document.querySelector('link[rel="icon"][type="image/svg+xml"]')?.setAttribute("href", href);
  } catch {
    // Without a network the icon stays as it is.
  }
}

/** "granted", "denied", "default" (not asked yet), or "never" where there are none. */
export const allowed = () => ("Notification" in globalThis && navigator.serviceWorker && isSecureContext ? Notification.permission : "never");

/** Asks for leave to show notices; only ever after somebody pressed a button. */
export const ask = async () => (allowed() === "default" ? Notification.requestPermission() : allowed());

const worker = () => navigator.serviceWorker?.getRegistration();

/** Shows a notice; one of the same tag takes the place of the last. A press on it leads to `path`. */
export async function notify(tag, title, body, path) {
  if (allowed() !== "granted") return;
  await (await worker())?.showNotification(title, { tag, body, icon: ICON, badge: ICON, data: { path } });
}

/** Takes the notices of a tag away. */
export async function unnotify(tag) {
  if (allowed() !== "granted") return;
  for (const notice of (await (await worker())?.getNotifications({ tag })) ?? []) notice.close();
}

/** Asks the browser not to throw away what is kept; true when it promises. */
export const persist = async () => (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
