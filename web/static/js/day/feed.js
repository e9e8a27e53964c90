// Keeps the cards as the server knows them: newest version wins, whoever brings it.

import { live } from "../live.js";
import { base, config } from "./config.js";

const TOGETHER_MS = 120;
const MANY = 4;
/** What the page asks by itself does not keep the session of somebody who has left. */
export const UNATTENDED = { "X-Unattended": "1" };

/** Keep `calendar` true, from now on and whatever happens to the connection. */
export function feed(calendar, { onChange, onNews }) {
  const waiting = new Set();
  let timer;

  function changed(id) {
    onNews();
    waiting.add(id);
    clearTimeout(timer);
    timer = setTimeout(look, TOGETHER_MS);
  }

  async function look() {
    const ids = [...waiting];
    waiting.clear();
    if (ids.length > MANY) return reload();
    for (const id of ids) await lookAt(id);
    figures();
  }

  async function lookAt(id) {
    const card = await json(`${base}/visits/${id}/card`, UNATTENDED);
    if (card) apply(card);
  }

  /** Take a card in if it is newer than what is shown. */
  function apply(card, { flash = true } = {}) {
    onNews();
    const shown = calendar.getEventById(card.id);
    if (shown && shown.extendedProps.version > card.extendedProps.version) return;
    const belongs = card.start.startsWith(config.date) && !card.extendedProps.over;
    if (!belongs) calendar.removeEventById(card.id);
    else if (shown) calendar.updateEvent(card);
    else calendar.addEvent(card);
    if (belongs && flash) requestAnimationFrame(() => flashOnce(card.id));
    onChange(card);
  }

  async function reload() {
    const all = await json(`${base}/day/${config.date}/cards`, UNATTENDED);
    if (all) calendar.setOption("events", all);
    figures();
  }

  live(config.place, config.mark, {
    visit: (hint) => changed(hint.appointment_id),
    followed: (hint) => hint.appointment_id && changed(hint.appointment_id),
    again: reload,
  });

  return { apply, reload, figures };
}

function figures() {
  htmx.ajax("GET", `${base}/day/${config.date}/figures`, {
    target: "#figures",
    swap: "innerHTML",
    headers: UNATTENDED,
  });
}

export async function json(path, headers = {}) {
  const answer = await fetch(path, { headers: { Accept: "application/json", ...headers } }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

function flashOnce(id) {
  const element = document.querySelector(`.ec-event[data-id="${CSS.escape(id)}"]`);
  if (!element) return;
  element.classList.remove("flash");
  void element.offsetWidth; // lets the animation begin anew
  element.classList.add("flash");
}
