// Moving a visit: by drag, by keys or by form, it is the same call; the server decides, and every move can be undone.

import { refusalOf, toast } from "../toasts.js";
import { signInAgain } from "../shell.js";
import { base, clock, columnName, config, wall } from "./config.js";

/**
 * Ask the server to move `event` to where it is now. Put it back with `revert` when it is refused, and offer the
 * other times the server names.
 */
export function mover({ apply, reload }) {
  async function move(event, before, revert = () => {}) {
    if (before && isSame(event, before)) return true;
    const answer = await ask(event);
    if (!answer?.ok) return refuse(event, answer, revert);
    const card = await answer.json();
    apply(card, { flash: !before });
    const undo = before && (() => move({ ...before, extendedProps: card.extendedProps }, null));
    toast(`${card.title} moved to ${clock(new Date(card.start))}, ${whereIs(card)}.`, { undo });
    return true;
  }

  async function refuse(event, answer, revert) {
    revert();
    if (answer?.status === 401) return signInAgain();
    const refusal = await refusalOf(answer);
    const others = (refusal.alternatives ?? []).slice(0, 3).map((other) => ({
      text: `${dayOf(other)}${clock(new Date(other.local_start))}${nameOf(other)}`,
      take: () => move(at(event, other), null),
    }));
    toast(refusal.title, { bad: true, others });
    if (answer?.status === 409) reload();
    return false;
  }

  return move;
}

function ask(event) {
  const [practitioner, room] = placesOf(event);
  return fetch(`${base}/visits/${event.id}/move`, {
    method: "POST",
    headers: {
      "Accept": "application/json",
      "Content-Type": "application/json",
      "X-CSRF-Token": document.querySelector("meta[name=csrf]").content,
      "Idempotency-Key": crypto.randomUUID(),
    },
    body: JSON.stringify({
      local_start: wall(event.start),
      practitioner_id: practitioner,
      room_id: room,
      version: event.extendedProps.version,
    }),
  }).catch(() => null);
}

// After a drop the library may hand the two columns back in another order: what is not shown now stays what it was.
function placesOf(event) {
  const own = config.columns.map((column) => column.id);
  const shown = event.resourceIds.find((id) => own.includes(id));
  const hidden = event.resourceIds.find((id) => !own.includes(id));
  return config.by === "practitioners" ? [shown, hidden] : [hidden, shown];
}

function isSame(event, before) {
  const columns = (each) => [...each.resourceIds].sort().join();
  return +event.start === +before.start && columns(event) === columns(before);
}

function at(event, other) {
  const start = new Date(other.local_start);
  const [practitioner, room] = placesOf(event);
  const resourceIds = [other.practitioner_id ?? practitioner, other.room_id ?? room];
  return { ...event, start, end: new Date(+start + (event.end - event.start)), resourceIds };
}

function dayOf(other) {
  if (other.local_start.startsWith(config.date)) return "";
  return `${new Date(other.local_start).toLocaleDateString("en-US", { weekday: "short", month: "short", day: "numeric" })}, `;
}

function nameOf(other) {
  const name = columnName(other.practitioner_id);
  return name ? `, ${name}` : "";
}

function whereIs(card) {
  return config.by === "practitioners" ? card.extendedProps.practitioner : card.extendedProps.room;
}
