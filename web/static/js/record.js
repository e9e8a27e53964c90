// The treatment record: rows come and go, and what is unusual is said at once, before anything is signed.

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-adds]");
  if (adds) add(adds);
  const remove = event.target.closest("[data-remove]");
  if (remove) removeRow(remove.closest(".row"));
});

function add(button) {
  const rows = document.getElementById(button.dataset.to);
  rows.append(document.getElementById(button.dataset.adds).content.cloneNode(true));
  rows.lastElementChild.querySelector("select, input").focus();
}

function removeRow(row) {
  const near = row.nextElementSibling ?? row.previousElementSibling ?? row.parentElement.nextElementSibling;
  row.remove();
  near?.querySelector?.("select, input:not([type=hidden])")?.focus();
}

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches("[data-shows]")) document.getElementById(target.dataset.shows).hidden = !target.checked;
  if (target.matches("[data-area], [data-depth]")) askWhy(target.closest(".row"));
  if (target.matches("[data-lot]")) noteLot(target);
});

// Deeper than is usual for the area: the reason is asked for here, not after signing.
function askWhy(row) {
  const area = row.querySelector("[data-area]").selectedOptions[0];
  const usual = Number(area.dataset.usual) || Infinity;
  const deep = Number(row.querySelector("[data-depth]").value) > usual;
  const reason = row.querySelector(".reason");
  reason.hidden = !deep;
  if (deep) {
    const most = (usual / 100).toFixed(2);
    reason.querySelector("[data-why]").textContent = `${area.textContent}: up to ${most} mm is usual. Why deeper?`;
  } else {
    reason.querySelector("input").value = "";
  }
}

function noteLot(select) {
  const note = select.closest(".field").querySelector("[data-lot-note]");
  const { first } = select.dataset;
  const deviates = first && select.value && select.value !== first;
  note.hidden = !deviates && select.value !== "";
  note.textContent = deviates
    ? "Another lot expires sooner. Was it really this one?"
    : "Without a lot nobody can be found if it is recalled.";
}

// The list that adds a product is ready for the next one.
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.matches?.("[data-resets]")) event.target.value = "";
});
