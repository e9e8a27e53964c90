// Short messages at the edge of the page: what was done, what was refused, and what can be done about it.

const SECONDS = { said: 7, refused: 14 };

/**
 * Say something. `bad` for refusals; `undo` adds a button; `others` adds one button for each other way out:
 * [{text, take}].
 */
export function toast(text, { bad = false, undo, others = [] } = {}) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = bad ? "toast bad" : "toast";
  const words = document.createElement("p");
  words.textContent = text;
  item.append(words);
  const gone = () => removeFrom(box, item);
  if (undo) item.append(button("Undo", () => (gone(), undo())));
  item.append(button("×", gone, "dismiss", "Dismiss"));
  if (others.length) item.append(ways(others, gone));
  if (!bad) for (const said of box.querySelectorAll(".toast:not(.bad)")) said.remove();
  box.append(item);
  raise(box);
  lastFor(item, bad || others.length ? SECONDS.refused : SECONDS.said, gone);
  return item;
}

/** The words of a refusal: a problem's own title, or what can be said without one. */
export async function refusalOf(response) {
  if (!response) return { title: "The server can’t be reached. Whether this was done is not known: look before you try again.", status: 0 };
  try {
    return await response.json();
  } catch {
    return { title: "That did not work. Look whether anything changed before you try again.", status: response.status };
  }
}

function ways(others, gone) {
  const row = document.createElement("div");
  row.className = "others";
  row.append(...others.map(({ text, take }) => button(text, () => (gone(), take()))));
  return row;
}

function button(text, click, className = "", label = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.className = className;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", click);
  return made;
}

// A popover lies above dialogs that were opened before it, so it is opened anew for each message.
function raise(box) {
  if (box.matches(":popover-open")) box.hidePopover();
  box.showPopover();
}

function removeFrom(box, item) {
  item.remove();
  if (!box.childElementCount && box.matches(":popover-open")) box.hidePopover();
}

// Time stands still while somebody reads it with the pointer or is on its buttons.
function lastFor(item, seconds, gone) {
  let timer = setTimeout(gone, seconds * 1000);
  const stay = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(gone, 3000);
  };
  item.addEventListener("pointerenter", stay);
  item.addEventListener("focusin", stay);
  item.addEventListener("pointerleave", go);
  item.addEventListener("focusout", go);
}

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
