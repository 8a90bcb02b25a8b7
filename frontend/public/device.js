// What the app asks of this device, in one piece: see app/src/chat/device.rs. Texts go in and out; nothing here knows what
// they mean.

import { shelf } from "/shelf.js";
import * as signs from "/signs.js";
import * as tabs from "/tabs.js";

/** The device. `outdated` is called when a newer version of Roost has taken the database. */
export function device(outdated) {
  let tell = () => {};
  let worry = () => {};
  const forgetful = () => worry("This browser keeps nothing: what is not sent is lost when you close this page.");
  const kept = shelf(outdated, () => setTimeout(forgetful));
  return {
    read: async (table, prefix) => {
      const rows = await kept.read(table, JSON.parse(prefix));
      return rows && JSON.stringify(rows);
    },
    write: (changes, strict) => kept.write(JSON.parse(changes), strict),
    live: tabs.live,
    whenGone: tabs.whenGone,
    watched: tabs.watched,
    anyWatched: tabs.anyWatched,
    listen(hear, lead, concern) {
      tell = tabs.channel(hear);
      worry = concern;
      navigator.serviceWorker?.addEventListener("message", ({ data }) => data?.lead && lead(data.lead));
    },
    tell: (text) => tell(text),
    count: (unread) => void signs.count(unread),
    notify: (...notice) => void signs.notify(...notice).catch(() => {}),
    unnotify: (tag) => void signs.unnotify(tag).catch(() => {}),
    allowed: signs.allowed,
    ask: signs.ask,
    persist: () => void signs.persist().catch(() => {}),
    /** Whose mailboxes have a copy here; browsers that do not tell keep them. */
    async mailboxes() {
      const all = (await indexedDB.databases?.()) ?? [];
      return all.map(({ name }) => name).filter((name) => name.startsWith("roost-mail-")).map((name) => name.slice("roost-mail-".length));
    },
    // Not before it is wanted: pages without anybody's mailbox do without.
    async mail(account) {
      const [{ mailShelf }, net] = await Promise.all([import("/mail-shelf.js"), import("/mail-net.js")]);
      return { shelf: mailShelf(`roost-mail-${account}`, outdated), net: { ...net, persist: (ask) => (ask ? signs.persist() : navigator.storage?.persisted?.()) } };
    },
  };
}
