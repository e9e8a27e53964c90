// Lists of hits under a search field: arrows walk, Escape closes.

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[role=search], [data-search]");
  if (!box) return;
  const hits = [...box.querySelectorAll(".hits :is(a, button)")];
  const at = hits.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && hits.length) focus(event, hits[Math.min(at + 1, hits.length - 1)]);
  if (event.key === "ArrowUp" && at >= 0) focus(event, hits[at - 1] ?? box.querySelector("input"));
  if (event.key === "Enter" && event.target.matches("input") && hits.length) {
    event.preventDefault();
    hits[0].click();
  }
  if (event.key === "Escape" && box.querySelector(".hits")) {
    focus(event, box.querySelector("input"));
    box.querySelector(".hits").remove();
  }
});

function focus(event, element) {
  event.preventDefault();
  event.stopPropagation();
  element.focus();
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[role=search]")) document.getElementById("hits")?.replaceChildren();
});
