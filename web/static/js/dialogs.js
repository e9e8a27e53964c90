// Dialogs are filled by htmx: content that arrives in a dialog's body opens it.

import { toast } from "./toasts.js";

/** Close the dialog that holds this element. */
export function closeAround(element) {
  element.closest("dialog")?.close();
}

document.addEventListener("htmx:afterSwap", (event) => {
  const dialog = event.target.closest?.("dialog");
  if (!dialog || !event.target.id.endsWith("-body")) return;
  if (!dialog.open) show(dialog);
  const lost = document.activeElement === document.body;
  const next = dialog.querySelector("[aria-invalid=true]") ?? dialog.querySelector("[autofocus]");
  const field = next?.matches("[role=radiogroup]") ? next.querySelector("input") : next;
  (field ?? (lost ? dialog.querySelector(".dialog-foot .primary") ?? dialog.querySelector("[data-close]") : null))?.focus();
});

function show(dialog) {
  if (dialog.dataset.docks !== undefined && matchMedia("(min-width: 1180px)").matches) dialog.show();
  else dialog.showModal();
}

document.addEventListener("click", (event) => {
  const closer = event.target.closest("[data-close]");
  if (closer) closeAround(closer);
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.matches("dialog:modal") && isOnBackdrop(event) && !isFilledIn(event.target)) event.target.close();
});

// Escape throws away what was filled in only when it is meant: pressed once more, soon.
const AGAIN_MS = 14_000;
const warned = new WeakSet();

document.addEventListener(
  "cancel",
  (event) => {
    const dialog = event.target;
    if (!event.cancelable || !dialog.matches?.("dialog:modal") || !isFilledIn(dialog) || warned.delete(dialog)) return;
    event.preventDefault();
    warned.add(dialog);
    setTimeout(() => warned.delete(dialog), AGAIN_MS);
    toast("What you filled in is not saved. Press Escape once more to throw it away.", { bad: true });
  },
  true,
);

// A form that was begun is not thrown away by a click beside it.
function isFilledIn(dialog) {
  return [...dialog.querySelectorAll("input, textarea")].some(
    (each) => each.type !== "hidden" && each.type !== "checkbox" && each.value !== each.defaultValue,
  );
}

function isOnBackdrop(event) {
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  return !inside && event.detail > 0;
}

// Emptied on closing, so that the next opening never shows what was there before.
document.addEventListener(
  "close",
  (event) => {
    const body = event.target.querySelector?.(":scope > [id$='-body']");
    if (body) body.replaceChildren();
  },
  true,
);

// The server closes dialogs by HX-Trigger: {"dialogs:close": true}.
document.addEventListener("dialogs:close", () => {
  for (const dialog of document.querySelectorAll("dialog:modal")) dialog.close();
});
