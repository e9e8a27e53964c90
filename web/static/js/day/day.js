// The day page, put together: grid, live cards, moves, keys, and the drawer beside it.

import { isTyping } from "../keys.js";
import { base, config, wall } from "./config.js";
import { dragging } from "./dragging.js";
import { UNATTENDED, feed } from "./feed.js";
import { drawGrid } from "./grid.js";
import { lateness } from "./lateness.js";
import { mover } from "./moves.js";
import { openings } from "./openings.js";
import { enter, keepTabStop, walk } from "./walk.js";

// A drag ends with a click on the card: this soon after a drop it is not meant as one.
const AFTER_DROP_MS = 80;

const root = document.getElementById("grid");
const drawer = document.getElementById("drawer");
let droppedAt = 0;
let late = null;

const dropped = () => (droppedAt = performance.now());
const calendar = drawGrid(root, {
  eventDrop: (info) => moves.move(info.event, info.oldEvent, info.revert),
  eventDragStart: (info) => drag.begin(info),
  dragConstraint: (info) => drag.mayBe(info),
  eventDragStop: () => {
    dropped();
    drag.end();
  },
  dateClick: ({ date, resource }) => config.bookable && book(wall(date), resource?.id),
  eventAllUpdated: () => {
    keepTabStop(root);
    markOpen();
    late?.mark();
    document.body.dataset.ready = "true";
  },
});
const free = openings(calendar);
const kept = feed(calendar, { onChange: refreshDrawer, onNews: free.forget });
const moves = mover(kept);
late = lateness(root, calendar, { onMore: kept.figures });
late.mark();
const drag = dragging(calendar, free, (event, why) => moves.refuse(event, why, free.nearest(event)));
walk(root, calendar, moves, free);

/** Ask for the booking form, filled in with a time and a column. */
function book(start, column) {
  const at = new URLSearchParams({ start });
  if (column) at.set(config.by === "practitioners" ? "practitioner_id" : "room_id", column);
  htmx.ajax("GET", `${base}/book?${at}`, "#modal-body");
}

function open(id, headers = {}) {
  htmx.ajax("GET", `${base}/visits/${id}`, { target: "#drawer-body", headers });
}

// What changed elsewhere is shown in the drawer too, unless somebody is filling something in there.
function refreshDrawer(card) {
  const shown = drawer.querySelector("[data-visit]");
  if (!drawer.open || shown?.dataset.visit !== card.id) return;
  if (Number(shown.dataset.version) >= card.extendedProps.version && !shown.dataset.settling) return;
  if (!drawer.querySelector("details[open] form")) open(card.id, UNATTENDED);
}

// An answer that was on its way while the visit went on must not replace what is newer; nor, if nobody asked for it, what
// is the same: somebody may be about to press a button in it.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const shown = drawer.querySelector("[data-visit]")?.dataset;
  const [, visit, version] = detail.serverResponse.match(/data-visit="([^"]+)" data-version="(\d+)"/) ?? [];
  if (detail.target.id !== "drawer-body" || !drawer.open || shown?.visit !== visit) return;
  const unasked = detail.requestConfig.headers["X-Unattended"] && !shown.settling;
  if (Number(version) < Number(shown.version) || (unasked && version === shown.version)) detail.shouldSwap = false;
});

function markOpen() {
  const id = drawer.open ? drawer.querySelector("[data-visit]")?.dataset.visit : null;
  for (const card of root.querySelectorAll(".ec-event[data-id]")) card.classList.toggle("open", card.dataset.id === id);
}

// Asked already while the hand closes, so that the answer is there when the card begins to move.
root.addEventListener("pointerdown", ({ target }) => {
  const id = target.closest(".ec-event[data-id]")?.dataset.id;
  if (id && calendar.getEventById(id)?.editable) free.ask(id);
});
root.addEventListener("click", (event) => {
  const card = event.target.closest(".ec-event[data-id]");
  if (card && performance.now() - droppedAt > AFTER_DROP_MS) open(card.dataset.id);
});
document.addEventListener("htmx:afterSettle", markOpen);
drawer.addEventListener("close", () => {
  markOpen();
  enter(root);
});
document.addEventListener("visit:saved", (event) => {
  kept.apply(event.detail);
  kept.figures();
});
// Somebody was faster, or the visit has gone on since: show how it stands now.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status !== 409) return;
  kept.reload();
  const shown = drawer.querySelector("[data-visit]");
  if (drawer.open && shown) open(shown.dataset.visit);
});
document.getElementById("new")?.addEventListener("click", () => book(`${config.date}T00:00:00`));
document.querySelector("[data-to-grid]").addEventListener("click", (event) => {
  event.preventDefault();
  enter(root);
});

const goto = document.getElementById("goto");
goto.addEventListener("change", () => goto.value && location.assign(`${base}/day/${goto.value}?by=${config.by}`));
goto.closest("label").addEventListener("click", () => goto.showPicker());

const LINKS = { t: ".pager [aria-current], .pager a:nth-child(2)", "[": ".pager a:first-child", "]": ".pager a:last-child" };
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer.open && !document.querySelector("dialog:modal")) drawer.close();
  if (!event.ctrlKey && !event.metaKey && LINKS[event.key] && !isTyping(event.target) && !document.querySelector("dialog:modal")) {
    document.querySelector(LINKS[event.key]).click();
  }
});

if (config.visit) open(config.visit);
