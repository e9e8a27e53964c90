// Keys that work on every page.

/** Whether the person is writing, so that a letter is a letter. */
export function isTyping(target) {
  return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (document.querySelector("dialog:modal")) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

const KEYS = {
  "/": () => document.getElementById("q")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
  n: () => document.getElementById("new")?.click(),
};
