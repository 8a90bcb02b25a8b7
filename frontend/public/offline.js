// Watches, on the page that is shown without a network, for Roost to come back.

async function probe() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4000) });
    if (answer.ok) location.reload();
  } catch {
    // Still away.
  }
}

addEventListener("online", probe);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") probe();
});
setInterval(probe, 3000);
