// Watches, on the page that is shown without a network, for Roost to come back.

async function probe() {
  // The app has come alive from what this device remembers: it sees to the connection by itself.
  if (document.documentElement.hasAttribute("data-hydrated")) return;
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    // Asked for by its own name, the page would find itself again.
    if (answer.ok) location.pathname === "/offline" ? location.replace("/") : location.reload();
  } catch {
    // Still away.
  }
}

addEventListener("online", probe);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") probe();
});
setInterval(probe, 3000);
