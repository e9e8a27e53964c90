// How a visit and the head of a column look; the words go in as text, never as markup.

import { clock, config } from "./config.js";

const template = (id) => document.getElementById(id).content;
const cardTemplate = template("card-template");
const flagTemplate = template("flag-template");
const columnTemplate = template("column-template");

// While it is dragged a card is drawn where it would be, with the time it would have.
const SHOWN_AS_CARD = ["auto", "ghost", "preview"];
const MINUTE_MS = 60_000;

/** The inside of a card: a real button, so that it can be reached and pressed by any means. */
export function cardContent({ event }) {
  if (!SHOWN_AS_CARD.includes(event.display)) return "";
  const props = event.extendedProps;
  const other = config.by === "practitioners" ? props.room : props.practitioner;
  const made = cardTemplate.cloneNode(true);
  const put = (selector, text) => (made.querySelector(selector).textContent = text);
  put("b", event.title);
  put(".card-time", clock(event.start));
  put(".card-treatment", props.treatment);
  put(".card-where", `${props.status}, ${other}`);
  put(".out-of-sight", unseen(event, props));
  made.querySelector(".card-flags").append(...props.flags.map(flag));
  made.querySelector(".card").tabIndex = -1;
  showElsewhere(made.querySelector(".card-elsewhere"), event);
  return { domNodes: [...made.childNodes] };
}

export function columnContent({ resource }) {
  const made = columnTemplate.cloneNode(true);
  made.querySelector(".mark").textContent = resource.extendedProps.mark;
  made.querySelector("b").textContent = resource.title;
  made.querySelector("small").textContent = resource.extendedProps.sub;
  return { domNodes: [...made.childNodes] };
}

// The first stretch of a visit, waiting and numbing, is not in the treatment room: nobody is double booked by it.
function showElsewhere(band, { start, end, extendedProps }) {
  band.hidden = !extendedProps.minutesElsewhere;
  band.style.height = `${(100 * extendedProps.minutesElsewhere * MINUTE_MS) / (end - start)}%`;
}

function unseen(event, props) {
  const own = config.by === "practitioners" ? props.practitioner : props.room;
  const flags = props.flags.map((name) => flagTemplate.querySelector(`[data-flag=${name}]`).title);
  const inRoom = new Date(event.start.getTime() + props.minutesElsewhere * MINUTE_MS);
  const begun = props.minutesElsewhere ? [`in the treatment room from ${clock(inRoom)}`] : [];
  return [...begun, `until ${clock(event.end)}`, own, ...flags].join(", ");
}

function flag(name) {
  return flagTemplate.querySelector(`[data-flag=${name}]`).cloneNode(true);
}
