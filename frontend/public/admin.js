// A button beside what is shown only once, to copy it. Without this file, the field can be selected and copied by hand.

for (const place of document.querySelectorAll("[data-copy]")) {
  const field = place.querySelector("input");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl C";
    }
  });
  place.append(button);
}
