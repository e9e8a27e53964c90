// The grid by keyboard: one tab stop, arrows walk from card to card, Alt and an arrow move the card.

import { config } from "./config.js";

const STEP_MS = 15 * 60_000;
const SAME_COLUMN_PX = 40;
let current = null;

/** Let keys walk over the cards of `calendar`; `move` is what a drag would do, `openings` say where it can't go. */
export function walk(root, calendar, { move, refuse }, openings) {
  root.addEventListener("focusin", (event) => {
    if (event.target.matches(".card")) makeCurrent(root, event.target);
  });
  root.addEventListener("keydown", (event) => {
    const card = event.target.closest(".ec-event[data-id]");
    if (!card || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    if (event.altKey) moveBy(card.dataset.id, event.key);
    else next(root, card, event.key)?.querySelector(".card").focus();
  });

  async function moveBy(id, key) {
    const event = calendar.getEventById(id);
    if (!event.startEditable && !event.editable) return;
    const wanted = beside(event, key);
    await openings.ask(id);
    const why = openings.whyNot(wanted);
    if (why) refuse(wanted, why, openings.nearest(wanted));
    else await move(wanted, event);
    cardOf(root, id)?.focus();
  }
}

/** Give the focus to the card last walked to, or to the first one. */
export function enter(root) {
  (cardOf(root, current) ?? root.querySelector(".card[tabindex='0']") ?? root.querySelector(".card"))?.focus();
}

/** After a redraw the card that was current is the one tab stop again. */
export function keepTabStop(root) {
  const stop = cardOf(root, current) ?? root.querySelector(".card");
  if (!stop || stop.tabIndex === 0) return;
  for (const card of root.querySelectorAll(".card[tabindex='0']")) card.tabIndex = -1;
  stop.tabIndex = 0;
}

function makeCurrent(root, card) {
  for (const other of root.querySelectorAll(".card[tabindex='0']")) other.tabIndex = -1;
  card.tabIndex = 0;
  current = card.closest(".ec-event").dataset.id;
}

function cardOf(root, id) {
  return id && root.querySelector(`.ec-event[data-id="${CSS.escape(id)}"] .card`);
}

function next(root, from, key) {
  const here = from.getBoundingClientRect();
  const sideways = key === "ArrowLeft" || key === "ArrowRight";
  let best = null;
  let least = Infinity;
  for (const card of root.querySelectorAll(".ec-event[data-id]")) {
    const there = card.getBoundingClientRect();
    const dx = there.x - here.x;
    const dy = there.y - here.y;
    const distance = Math.abs(dx) * (sideways ? 4 : 1) + Math.abs(dy);
    if (card !== from && liesTowards(key, dx, dy) && distance < least) [best, least] = [card, distance];
  }
  return best;
}

function liesTowards(key, dx, dy) {
  const sameColumn = Math.abs(dx) < SAME_COLUMN_PX;
  return {
    ArrowUp: sameColumn && dy < 0,
    ArrowDown: sameColumn && dy > 0,
    ArrowLeft: dx < -SAME_COLUMN_PX,
    ArrowRight: dx > SAME_COLUMN_PX,
  }[key];
}

/** Where an arrow leads: a quarter of an hour up or down, a column to the side. */
function beside(event, key) {
  const later = { ArrowUp: -STEP_MS, ArrowDown: STEP_MS }[key] ?? 0;
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
  const shifted = (date) => new Date(+date + later);
  const resourceIds = neighbours(event.resourceIds, sideways);
  return { ...event, start: shifted(event.start), end: shifted(event.end), resourceIds };
}

function neighbours(resourceIds, sideways) {
  const columns = config.columns.map((column) => column.id);
  const at = columns.findIndex((id) => resourceIds.includes(id));
  const to = columns[Math.max(0, Math.min(columns.length - 1, at + sideways))];
  return resourceIds.map((id) => (id === columns[at] ? to : id));
}
