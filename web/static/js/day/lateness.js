// Who should have come by now and is not checked in: said on the card, and said anew as time goes by.

import { config } from "./config.js";

const LOOK_MS = 20_000;
const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

// The clock of the server: that of a desk may be wrong.
const ahead = Date.parse(config.now) - Date.now();

/** Keep the cards true as the minutes pass; `onMore` hears that somebody has become late. */
export function lateness(root, calendar, { onMore }) {
  let known = null;

  function mark() {
    let late = 0;
    for (const card of root.querySelectorAll(".ec-event[data-id]")) {
      const text = said(calendar.getEventById(card.dataset.id));
      late += text ? 1 : 0;
      show(card, text);
    }
    if (known !== null && late > known) onMore();
    known = late;
  }

  setInterval(mark, LOOK_MS);
  return { mark };
}

function show(card, text) {
  card.classList.toggle("is-late", Boolean(text));
  const place = card.querySelector(".card-late");
  if (!place || place.textContent === text) return;
  place.textContent = text;
  place.hidden = !text;
}

function said(event) {
  const awaited = event?.extendedProps.awaited;
  const minutes = awaited ? Math.floor((Date.now() + ahead - Date.parse(awaited)) / MINUTE_MS) : 0;
  if (minutes < 1) return "";
  if (minutes < HOUR_MINUTES) return `Late ${minutes} min`;
  return minutes < DAY_MINUTES ? `Late ${Math.floor(minutes / HOUR_MINUTES)} h` : "Not checked in";
}
