// Receiving boxes one after the other: Enter goes on, a scan fills in a line, the same box again counts one more.

import { isGtin, read } from "./gs1.js";

const form = document.querySelector("[data-receive]");
const boxes = document.getElementById("boxes");
const said = document.getElementById("scan-said");
const known = JSON.parse(document.getElementById("known").textContent);
const FIELDS = ["item", "lot", "expires", "quantity"];

for (const box of rows()) arm(box);
form.querySelector("[data-more]").hidden = false;
(form.querySelector("[aria-invalid=true]") ?? field(rows()[0], "item")).focus();

form.addEventListener("click", (event) => {
  if (event.target.closest("[data-more]")) field(add(), "item").focus();
  const clear = event.target.closest("[data-clear]");
  if (clear) remove(clear.closest("[data-box]"));
});

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input, select")) return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) return void form.requestSubmit();
  const box = event.target.closest("[data-box]");
  if (!box) return void next(event.target)?.focus();
  if (!scanned(box, event.target)) onward(box, event.target);
});

form.addEventListener("change", (event) => {
  const box = event.target.closest("[data-box]");
  if (box && event.target === field(box, "item")) offerPacks(box);
});

function rows() {
  return [...boxes.querySelectorAll("[data-box]")];
}

function field(box, name) {
  return box.querySelector(`[name^="${name}-"]`);
}

function arm(box) {
  box.querySelector("[data-clear]").hidden = false;
  offerPacks(box);
}

function add() {
  const index = Math.max(...rows().map((box) => Number(field(box, "item").name.split("-")[1]))) + 1;
  const holder = document.createElement("div");
  holder.innerHTML = document.getElementById("box-template").innerHTML.replaceAll("-__", `-${index}`);
  const box = holder.firstElementChild;
  box.querySelector("legend").textContent = `Box ${index + 1}`;
  boxes.append(box);
  arm(box);
  return box;
}

function remove(box) {
  const after = box.nextElementSibling ?? box.previousElementSibling;
  if (after) box.remove();
  else for (const name of [...FIELDS, "gtin"]) field(box, name).value = "";
  field(after ?? box, "item").focus();
}

// The next field of the box, then the next box; a new one when there is none.
function onward(box, from) {
  const at = FIELDS.indexOf(from.name.split("-")[0]);
  const to = FIELDS.slice(at + 1).map((name) => field(box, name)).find((each) => each.value === "");
  if (to && at >= 0) to.focus();
  else field(box.nextElementSibling ?? add(), "item").focus();
}

function next(from) {
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select")];
  return fields[fields.indexOf(from) + 1];
}

function scanned(box, input) {
  const text = input.value.trim();
  const scan = read(text) ?? (input === field(box, "item") && isGtin(text) ? { gtin: text } : null);
  if (!scan) return false;
  const item = known.find((each) => packOf(each, scan.gtin));
  if (!item) {
    input.value = input === field(box, "item") ? text : "";
    tell(`No item of the catalogue has the GTIN ${scan.gtin}. Choose the item by its name.`);
    input.select();
    return true;
  }
  const again = scan.lot && rows().find((each) => each !== box && isSame(each, item, scan));
  if (again) countUp(again, box, input, item, scan);
  else fill(box, input, item, scan);
  return true;
}

function isSame(box, item, scan) {
  return field(box, "item").value === item.name && field(box, "lot").value === scan.lot && field(box, "gtin").value === scan.gtin;
}

function countUp(again, box, input, item, scan) {
  const quantity = field(again, "quantity");
  quantity.value = String(Number(quantity.value || 0) + 1);
  input.value = "";
  tell(`${item.name}, lot ${scan.lot}: ${quantity.value} so far.`);
  field(box, "item").focus();
}

function fill(box, input, item, scan) {
  if (input !== field(box, "item")) input.value = "";
  field(box, "item").value = item.name;
  field(box, "gtin").value = scan.gtin;
  offerPacks(box);
  field(box, "pack").value = packOf(item, scan.gtin).label;
  if (scan.lot) field(box, "lot").value = scan.lot;
  if (scan.expires) field(box, "expires").value = scan.expires;
  if (scan.lot && scan.expires && !field(box, "quantity").value) field(box, "quantity").value = "1";
  tell(`${item.name}${scan.lot ? `, lot ${scan.lot}` : ""} is filled in.`);
  onward(box, field(box, "item"));
}

function packOf(item, gtin) {
  const bare = (text) => (text ?? "").replace(/^0+/, "");
  return item.packs.find((pack) => pack.gtin && bare(pack.gtin) === bare(gtin));
}

// What the quantity counts: the item's own unit, or one of its packs.
function offerPacks(box) {
  const name = field(box, "item").value.trim().toLowerCase();
  const item = known.find((each) => [each.name.toLowerCase(), each.code.toLowerCase()].includes(name));
  const select = field(box, "pack");
  const before = select.value;
  const units = new Option(item?.unit ?? "units", "");
  select.replaceChildren(units, ...(item?.packs ?? []).map((pack) => new Option(pack.label, pack.label)));
  if ([...select.options].some((option) => option.value === before)) select.value = before;
}

function tell(text) {
  said.textContent = text;
}
