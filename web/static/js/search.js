// Lists of hits under a search field: arrows walk, Escape closes.

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[role=search], [data-search]");
  if (!box) return;
  const hits = [...box.querySelectorAll(".hits :is(a, button)")];
  const at = hits.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && hits.length) focus(event, hits[Math.min(at + 1, hits.length - 1)]);
  if (event.key === "ArrowUp" && at >= 0) focus(event, hits[at - 1] ?? box.querySelector("input"));
  const isAsked = box.matches("[data-search]") || box.querySelector(".hits");
  if (event.key === "Enter" && event.target.matches("input") && isAsked) choose(event, box, hits);
  if (event.key === "Escape" && box.querySelector(".hits")) {
    focus(event, box.querySelector("input"));
    box.querySelector(".hits").remove();
  }
});

// Who types fast presses Enter before the list has caught up: then the first hit of what was typed is taken, once it is there.
function choose(event, box, hits) {
  const typed = event.target.value.trim();
  const isNow = (box.querySelector(".hits")?.dataset.q ?? "") === typed;
  if (isNow && !hits.length) return;
  event.preventDefault();
  if (isNow) hits[0].click();
  else box.dataset.takesFirst = typed;
}

document.addEventListener("input", (event) => delete event.target.closest?.("[data-takes-first]")?.dataset.takesFirst);

document.addEventListener("htmx:afterSwap", (event) => {
  const box = event.target.closest?.("[data-takes-first]");
  const list = box?.querySelector(".hits");
  if (!list || list.dataset.q !== box.dataset.takesFirst) return;
  delete box.dataset.takesFirst;
  list.querySelector("a, button")?.click();
});

function focus(event, element) {
  event.preventDefault();
  event.stopPropagation();
  element.focus();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[role=search]")) document.getElementById("hits")?.replaceChildren();
});

// Who typed before the page had its scripts has typed all the same.
document.addEventListener("htmx:load", askedEarly, { once: true });
function askedEarly() {
  for (const input of document.querySelectorAll("input[type=search]")) {
    if (input.value !== input.defaultValue) input.dispatchEvent(new Event("typed", { bubbles: true }));
  }
}
