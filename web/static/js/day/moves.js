// Moving a visit: by drag, by keys or by form, it is the same call; the server decides, and every move can be undone.

import { signInAgain } from "../shell.js";
import { refusalOf, toast } from "../toasts.js";
import { base, clock, columnName, config, wall } from "./config.js";
import { at, placesOf } from "./places.js";

/**
 * Ask the server to move `event` to where it is now. Put it back with `revert` when it is refused, and offer the
 * other times that are named.
 */
export function mover({ apply, reload }) {
  async function move(event, before, revert = () => {}, exactly = false) {
    if (before && isSame(event, before)) return true;
    const answer = await ask(event, exactly);
    if (!answer?.ok) return refused(event, answer, revert);
    const card = await answer.json();
    apply(card, { flash: !before });
    const undo = before && (() => move({ ...before, extendedProps: card.extendedProps }, null, undefined, true));
    toast(`${card.title} moved to ${clock(new Date(card.start))}, ${whereIs(card)}.`, { undo });
    return true;
  }

  async function refused(event, answer, revert) {
    revert();
    if (answer?.status === 401) return signInAgain();
    const refusal = await refusalOf(answer);
    refuse(event, refusal.title, refusal.alternatives);
    if (!answer || answer.status === 409 || answer.status >= 500) reload(); // what it says now, wherever it went
    return false;
  }

  /** Say why it does not move, and offer other times. */
  function refuse(event, why, alternatives = []) {
    const others = alternatives.slice(0, 3).map((other) => ({
      text: `${dayOf(other)}${clock(new Date(other.local_start))}${nameOf(other)}`,
      take: () => move(at(event, { start: new Date(other.local_start), practitioner: other.practitioner_id }), null),
    }));
    toast(why, { bad: true, others });
  }

  return { move, refuse };
}

// A room is asked for where rooms are the columns, and to undo; else the visit keeps its own if that is free.
function ask(event, exactly) {
  const { practitioner, room } = placesOf(event);
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
      room_id: exactly || config.by === "rooms" ? room : null,
      version: event.extendedProps.version,
    }),
  }).catch(() => null);
}

function isSame(event, before) {
  const columns = (each) => [...each.resourceIds].sort().join();
  return +event.start === +before.start && columns(event) === columns(before);
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
  return `${card.extendedProps.practitioner} in ${card.extendedProps.room}`;
}
