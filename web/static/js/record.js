// The treatment record: rows come and go, and what is unusual is said at once, before anything is signed.

document.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-adds]");
  if (adds) add(adds);
  const remove = event.target.closest("[data-remove]");
  if (remove) removeRow(remove.closest(".row"));
  if (remove) countCartridges();
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
  if (target.matches("[data-device]")) limitDepths(Number(target.selectedOptions[0].dataset.most) || Infinity);
  if (target.matches("[data-lot]")) noteLot(target);
  if (target.matches("[data-area], [data-cartridge] [name=quantity]")) countCartridges();
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

// Each device has its own greatest depth: what another one allowed is no longer offered, nor left chosen.
function limitDepths(most) {
  const lists = [...document.querySelectorAll("[data-depth]"), ...inTemplate("[data-depth]")];
  for (const list of lists) {
    for (const option of list.options) option.disabled = Number(option.value) > most;
  }
  const tooDeep = lists.filter((list) => list.isConnected && list.selectedOptions[0]?.disabled);
  for (const list of tooDeep) {
    list.value = [...list.options].findLast((option) => !option.disabled).value;
    askWhy(list.closest(".row"));
  }
  const said = document.getElementById("depth-limit");
  if (!said || most === Infinity) return;
  const limit = `Up to ${(most / 100).toFixed(2)} mm with this device.`;
  said.textContent = tooDeep.length ? `${limit} What was deeper is set to that: check it.` : limit;
}

function inTemplate(selector) {
  return document.getElementById("area-template").content.querySelectorAll(selector);
}

// Three areas or the body take a second cartridge: it is put in where one stood, and said where somebody wrote less.
function countCartridges() {
  const second = takesSecond(document.getElementById("record-areas"));
  const rows = [...document.querySelectorAll("[data-cartridge]")];
  const [first] = rows.map((row) => row.querySelector("[name=quantity]"));
  if (second && rows.length === 1 && first.value === "1" && !first.dataset.doubled) {
    first.value = "2";
    first.dataset.doubled = "true";
  } else if (!second && first?.dataset.doubled) {
    if (first.value === "2") first.value = first.defaultValue;
    delete first.dataset.doubled;
  }
  for (const row of rows) row.querySelector("[data-second-note]").hidden = !second;
}

function takesSecond(list) {
  const lastsFor = Number(list?.dataset.lastsFor);
  if (!lastsFor) return false;
  const areas = [...list.querySelectorAll("[data-area]")].map((each) => each.selectedOptions[0]).filter((each) => each.value);
  return new Set(areas.map((each) => each.value)).size > lastsFor || areas.some((each) => "body" in each.dataset);
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
