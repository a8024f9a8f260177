// Copy buttons, the phone's countdown, and lists that follow what happens. Every page works without this file.
"use strict";

// copyText uses the clipboard of a secure context and else the selection of the field itself.
async function copyText(field) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(field.value);
    return;
  }
  field.select();
  if (!document.execCommand("copy")) throw new Error("the browser refused to copy");
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const said = document.getElementById("copied");
    try {
      await copyText(field);
      button.querySelector("span").textContent = button.dataset.done;
      if (said) said.textContent = button.dataset.said;
    } catch {
      field.select();
      if (said) said.textContent = button.dataset.failed;
    }
  });
}

// ends remembers when each countdown reaches zero, since a list that is drawn anew brings new elements.
const ends = new WeakMap();
setInterval(() => {
  for (const left of document.querySelectorAll("[data-seconds]")) {
    if (!ends.has(left)) ends.set(left, Date.now() + Number(left.dataset.seconds) * 1000);
    const seconds = Math.max(0, Math.ceil((ends.get(left) - Date.now()) / 1000));
    left.textContent = String(seconds);
    if (seconds === 0) location.reload();
  }
}, 250);

// follow draws the parts marked data-live anew when the server says that something changed. A part in which somebody
// is choosing or typing stays as it is until they are done.
async function follow() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.dataset.drawn) continue;
    const active = document.activeElement;
    const within = part.contains(active);
    if (within && active.matches("input, select, textarea")) {
      active.addEventListener("blur", follow, { once: true });
      continue;
    }
    if (Array.from(part.querySelectorAll("option")).some((o) => o.selected !== o.defaultSelected && part.querySelector("option[selected]"))) continue;
    const place = within ? Array.from(part.querySelectorAll("a, button")).indexOf(active) : -1;
    part.dataset.drawn = next.innerHTML;
    part.replaceChildren(...next.childNodes);
    if (place >= 0) part.querySelectorAll("a, button")[place]?.focus();
  }
}

const live = document.querySelectorAll("[data-live]");
if (live.length > 0) {
  for (const part of live) part.dataset.drawn = part.innerHTML;
  const source = new EventSource("/live");
  for (const event of ["open", "changed"]) source.addEventListener(event, () => follow().catch(() => {})); // open: what happened before
}
