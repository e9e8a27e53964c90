// Where a visit can be moved to, asked of the server as soon as somebody takes hold of it; and why not elsewhere.

import { base, clock, columnName, config, wall } from "./config.js";
import { json } from "./feed.js";
import { placesOf } from "./places.js";

const FRESH_MS = 15_000;
const QUARTER_MINUTES = 15;
const OTHERS_MAX = 3;

/** What is known of the visit that was taken hold of last. */
export function openings(calendar) {
  let held = null;

  /** Ask where this visit could begin, unless it was asked a moment ago. */
  function ask(id) {
    if (held?.id !== id || performance.now() - held.askedAt > FRESH_MS) {
      const asked = { id, askedAt: performance.now(), free: null };
      asked.answer = json(`${base}/visits/${id}/openings?on=${config.date}`).then((free) => (asked.free = free));
      held = asked;
    }
    return held.answer;
  }

  /** Why a visit can't be where `event` is now; nothing when it can, or when that is for the server to say. */
  function whyNot(event) {
    const free = held?.id === event.id ? held.free : null;
    if (!free || event.start.getMinutes() % QUARTER_MINUTES || isNow(event.start)) return "";
    const { practitioner, shown } = placesOf(event);
    const isFree = (free[practitioner] ?? []).includes(wall(event.start));
    if (!isFree) return reason(event, practitioner, nameOf(event, practitioner));
    return config.by === "rooms" ? roomTaken(event, shown) : "";
  }

  function reason(event, practitioner, name) {
    if (event.start < wallNow()) return "This time is over.";
    if (others(practitioner, event, "off").length) return `${name} does not work for all of this time.`;
    const [met] = others(practitioner, event, "card");
    if (met) return `${name} has ${met.title} at ${clock(met.start)}.`;
    if (!held.free[practitioner]) return `${name} can’t take this visit on this day.`;
    return "The patient, a room, a device or the place for numbing is taken then.";
  }

  function roomTaken(event, room) {
    const [begin, end] = inRoom(event, calendar.getEventById(event.id));
    const met = calendar.getEvents().find((other) => isCard(other, event, room) && overlaps(other, begin, end));
    return met ? `${columnName(room)} is taken by ${met.title} until ${clock(span(met)[1])}.` : "";
  }

  /** Everything of a kind in a column that lies in the way. */
  function others(column, event, kind) {
    const wanted = kind === "card" ? (each) => isCard(each, event, column) : (each) => isOff(each, column);
    return calendar.getEvents().filter((each) => wanted(each) && each.start < event.end && each.end > event.start);
  }

  /** The free times nearest to a wish: of the same person, and of somebody else at that very time. */
  function nearest(event) {
    const free = held?.id === event.id && held.free;
    if (!free) return [];
    const { practitioner } = placesOf(event);
    const away = (start) => Math.abs(new Date(start) - event.start);
    const present = wall(calendar.getEventById(event.id).start);
    const others = (free[practitioner] ?? []).filter((start) => start !== present);
    const own = others.sort((one, other) => away(one) - away(other)).slice(0, OTHERS_MAX - 1);
    const instead = Object.keys(free).find((id) => id !== practitioner && free[id].includes(wall(event.start)));
    const found = own.sort().map((start) => ({ local_start: start, practitioner_id: practitioner }));
    return instead ? [...found, { local_start: wall(event.start), practitioner_id: instead }] : found;
  }

  /** The stretches of each column in which this visit can't begin, for the grid to shade. */
  function closed(event) {
    const free = held?.id === event.id && held.free;
    if (!free) return [];
    const shown = (column) => (config.by === "practitioners" ? column : placesOf(event).practitioner);
    return config.columns.flatMap(({ id }) => stretches(new Set(free[shown(id)])).map((each) => ({ ...each, column: id })));
  }

  return { ask, whyNot, nearest, closed, forget: () => (held = null) };
}

function nameOf(event, practitioner) {
  return columnName(practitioner) || event.extendedProps.practitioner;
}

function isCard(each, event, column) {
  return each.display === "auto" && each.id !== event.id && each.resourceIds.includes(column);
}

function isOff(each, column) {
  return each.display === "background" && each.classNames.includes("off") && each.resourceIds.includes(column);
}

// The clock of the location, as the calendar's own line of the present shows it.
function wallNow() {
  const minutes = Number(config.offset.slice(1, 3)) * 60 + Number(config.offset.slice(4, 6));
  const ahead = config.offset.startsWith("-") ? -minutes : minutes;
  return Date.now() + (ahead + new Date().getTimezoneOffset()) * 60_000;
}

// Of the quarter that has begun only the server knows whether somebody may still come in.
function isNow(start) {
  const now = wallNow();
  return start <= now && now < +start + QUARTER_MINUTES * 60_000;
}

function span(event) {
  return event.extendedProps.inRoom.map((text) => new Date(text));
}

// The stay in the room, moved with the visit.
function inRoom(event, before) {
  return span(before).map((time) => new Date(+time + (event.start - before.start)));
}

function overlaps(other, begin, end) {
  const [from, until] = span(other);
  return from < end && until > begin;
}

function stretches(free) {
  const found = [];
  const step = QUARTER_MINUTES * 60_000;
  const [begin, end] = [config.begin, config.end].map((text) => momentOf(text));
  for (let at = begin; at < end; at += step) {
    const [from, until] = [wall(new Date(at)), wall(new Date(at + step))];
    if (free.has(from)) continue;
    if (found.at(-1)?.end === from) found.at(-1).end = until;
    else found.push({ start: from, end: until });
  }
  return found;
}

function momentOf(text) {
  const [hours, minutes] = text.split(":").map(Number);
  const day = new Date(`${config.date}T00:00:00`);
  day.setHours(hours, minutes);
  return +day;
}
