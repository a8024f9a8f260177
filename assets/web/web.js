// Copy buttons and the phone's countdown. Every page works without this file.
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

for (const left of document.querySelectorAll("[data-seconds]")) {
  const end = Date.now() + Number(left.dataset.seconds) * 1000;
  setInterval(() => {
    const seconds = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    left.textContent = String(seconds);
    if (seconds === 0) location.reload();
  }, 250);
}
