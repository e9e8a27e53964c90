// What a session uses: the unit beside a quantity is that of the item that was chosen.

document.addEventListener("change", (event) => {
  const line = event.target.closest("[data-used]");
  if (!line || event.target.tagName !== "SELECT") return;
  line.querySelector(".measure").textContent = event.target.selectedOptions[0].dataset.unit ?? "";
});
