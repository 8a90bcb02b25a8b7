// Starts Roost in the browser: loads the WASM, says so when that fails, and watches for new versions.
// Pages work without it; this file only must never leave somebody with a page that looks alive and is not.

import { device } from "/device.js";

const boot = document.getElementById("boot");

/** A bar at the foot of the page, with one button. */
function bar(id, text, label, act) {
  if (document.getElementById(id)) return;
  const place = document.createElement("div");
  place.id = id;
  place.className = "boot-bar";
  place.setAttribute("role", "alert");
  const words = document.createElement("p");
  words.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button-main";
  button.textContent = label;
  button.addEventListener("click", act);
  place.append(words, button);
  document.body.append(place);
}

const reload = () => location.reload();

function broken(error) {
  if (error) console.error(error);
  bar("broken", "Something broke. What you sent is safe.", "Reload", reload);
}

window.addEventListener("roost:broken", () => broken());

/** A newer version has taken the database: this page keeps nothing any more. Nobody is interrupted by the reload. */
function outdated() {
  if (document.visibilityState === "hidden") return reload();
  bar("new-version", "Roost was updated in another window.", "Reload", reload);
}

// The page for when there is no network comes alive only where there is something to remember.
const offline = "offline" in boot.dataset;

try {
  if (!offline || ["/chat", "/mail"].some((path) => location.pathname.startsWith(path))) {
    const glue = await import(boot.dataset.js);
    await glue.default({ module_or_path: boot.dataset.wasm });
    if (offline) await glue.mount(device(outdated));
    else glue.hydrate(device(outdated));
  }
} catch (error) {
  broken(error);
}

/** A newer version has been fetched and waits: offer it, and reload once it has taken over. */
function offer(worker) {
  bar("new-version", "There is a new version of Roost.", "Reload", () => {
    navigator.serviceWorker.addEventListener("controllerchange", reload, { once: true });
    worker.postMessage("take-over");
  });
}

if (!offline && "serviceWorker" in navigator && window.isSecureContext) {
  try {
    const registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
    const replaces = () => navigator.serviceWorker.controller !== null;
    if (registration.waiting && replaces()) offer(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => {
        if (worker.state === "installed" && replaces()) offer(worker);
      });
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
  } catch (error) {
    console.info("Roost works without its service worker:", error);
  }
}
