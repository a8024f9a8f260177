// Copy buttons, countdowns, a clock that runs, and parts that follow what happens. Every page works without this file.
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

// say tells a screen reader.
function say(words) {
  const told = document.getElementById("told");
  if (told && words) told.textContent = words;
}

const showCopy = (part) => part.querySelectorAll("button[data-copy]").forEach((button) => (button.hidden = false));

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  try {
    await copyText(field);
    button.querySelector("span").textContent = button.dataset.done;
    say(button.dataset.said);
  } catch {
    field.select();
    say(button.dataset.failed);
  }
});

// ends remembers when each countdown reaches zero, since a part that is drawn anew brings new elements.
const ends = new WeakMap();
setInterval(() => {
  for (const left of document.querySelectorAll("[data-seconds]")) {
    if (!ends.has(left)) ends.set(left, Date.now() + Number(left.dataset.seconds) * 1000);
    const seconds = Math.max(0, Math.ceil((ends.get(left) - Date.now()) / 1000));
    left.textContent = String(seconds);
    if (seconds > 0) continue;
    ends.delete(left); // a server whose clock stands still has the same number again
    look();
  }
  for (const time of document.querySelectorAll("time[data-runs]")) {
    if (!ends.has(time)) ends.set(time, Date.parse(time.dateTime) - Date.now());
    time.textContent = new Date(Date.now() + ends.get(time)).toISOString().slice(0, 19).replace("T", " ");
  }
}, 250);

// keep carries what somebody chose or typed over to the part's new elements. In a part that says "keep" the server does
// not know what is chosen.
function keep(part, next) {
  const always = part.dataset.live === "keep";
  for (const old of part.querySelectorAll("[id]:is(input, select, textarea)")) {
    const fresh = next.querySelector("#" + CSS.escape(old.id));
    if (!fresh) continue;
    if (old.matches("select")) {
      const edited = Array.from(old.options).some((o) => o.selected !== o.defaultSelected);
      if (edited && Array.from(fresh.options).some((o) => o.value === old.value)) fresh.value = old.value;
    } else if (old.matches("[type=checkbox], [type=radio]")) {
      if (always || old.checked !== old.defaultChecked) fresh.checked = old.checked;
    } else if (old.value !== old.defaultValue) {
      fresh.value = old.value;
    }
  }
}

const drawn = new WeakMap();

// A part that is drawn anew between pressing and letting go of the mouse's button would swallow the click.
let pressed = false;
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    pressed = false;
    if (waiting) setTimeout(look); // after the click
    waiting = false;
  }, true);
}
let waiting = false;

// draw puts new content into a part. One in which somebody is typing or choosing waits until they are done.
function draw(part, next) {
  const content = next.innerHTML;
  if (content === drawn.get(part)) return;
  if (pressed) {
    waiting = true;
    return;
  }
  const active = document.activeElement;
  const within = part.contains(active);
  if (within && active.matches("select, textarea, input:not([type=checkbox], [type=radio])")) {
    active.addEventListener("blur", () => setTimeout(look), { once: true }); // after the click that took the focus
    return;
  }
  keep(part, next);
  const said = part.querySelector("[data-say]")?.textContent;
  const stops = "a, button, input, summary";
  const place = within ? Array.from(part.querySelectorAll(stops)).indexOf(active) : -1;
  const same = within && active.id ? next.querySelector("#" + CSS.escape(active.id)) : null;
  const open = new Set(Array.from(part.querySelectorAll("details[id][open]"), (d) => d.id));
  for (const d of next.querySelectorAll("details[id]")) d.open = d.open || open.has(d.id);
  drawn.set(part, content);
  part.replaceChildren(...next.childNodes);
  showCopy(part);
  if (same) same.focus();
  else if (place >= 0) (part.querySelectorAll(stops)[place] || document.getElementById("content")).focus();
  const now = part.querySelector("[data-say]")?.textContent;
  if (now !== said) say(now);
}

// follow asks for the page again, as whoever is signed in, and draws its parts anew. What is gone, or wants a sign-in
// first, is shown as it is now.
async function follow() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Live": "1" } });
  if (answer.status >= 500) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = Array.from(document.querySelectorAll("[data-live]"), (part) => [part, fresh.getElementById(part.id)]);
  if (parts.some(([, next]) => !next)) {
    if (!document.querySelector("textarea:not([readonly])")) location.reload(); // a letter is not lost
    return;
  }
  for (const [part, next] of parts) draw(part, next);
  const token = fresh.querySelector("input[name=xsrf]");
  if (token) document.querySelectorAll("input[name=xsrf]").forEach((field) => (field.value = token.value));
}

// look follows once at a time, and once more when something happened meanwhile.
let looking = false;
let again = false;
function look() {
  if (looking) {
    again = true;
    return;
  }
  looking = true;
  follow()
    .catch(() => {}) // the server is away: the stream below comes back with it
    .finally(() => {
      looking = false;
      if (again) {
        again = false;
        look();
      }
    });
}

const live = document.querySelectorAll("[data-live]");
for (const part of live) drawn.set(part, part.innerHTML);
showCopy(document);
if (live.length > 0) {
  let source = null;
  // A browser has few connections to one server: a page that nobody sees does not keep one.
  const watch = () => {
    if (document.hidden || source) {
      if (document.hidden && source) source = source.close() || null;
      return;
    }
    source = new EventSource(document.body.dataset.stream || "/live");
    for (const event of ["open", "changed"]) source.addEventListener(event, look); // open: what happened before
  };
  document.addEventListener("visibilitychange", watch);
  watch();
}
