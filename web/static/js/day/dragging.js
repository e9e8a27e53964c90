// While a card is dragged: where it can't go is shaded, and the reason stands beside the pointer.

const BESIDE_PX = 16;
const note = document.getElementById("why-not");

/** `openings` knows where a visit can go; `refuse` is what a drop where it can't leads to. */
export function dragging(calendar, openings, refuse) {
  let shaded = [];
  let barred = null;

  function begin({ event }) {
    barred = null;
    openings.ask(event.id).then(() => document.querySelector(".ec-dragging, .ec-preview") && shade(event));
  }

  /** Whether the visit may be where it is held now; the library shows it at its old place meanwhile. */
  function mayBe({ event, jsEvent }) {
    const why = openings.whyNot(event);
    barred = why ? { event, why } : null;
    show(why, jsEvent);
    return !why;
  }

  function end() {
    for (const id of shaded) calendar.removeEventById(id);
    shaded = [];
    hide();
    if (barred) refuse(barred.event, barred.why);
    barred = null;
  }

  function shade(event) {
    shaded = openings.closed(event).map(({ column, start, end }) => {
      const id = `barred-${column}-${start}`;
      calendar.addEvent({ id, resourceIds: [column], start, end, display: "background", classNames: ["barred"] });
      return id;
    });
  }

  return { begin, mayBe, end };
}

// Without a pointer the grid was scrolled below it: then the note stays where it is.
function show(why, pointer) {
  if (!why) return hide();
  note.textContent = why;
  if (!note.matches(":popover-open")) note.showPopover();
  if (!pointer) return;
  const { clientX, clientY } = pointer;
  const left = Math.min(clientX + BESIDE_PX, innerWidth - note.offsetWidth - 8);
  note.style.translate = `${Math.max(left, 8)}px ${Math.max(clientY - note.offsetHeight - BESIDE_PX, 8)}px`;
}

function hide() {
  if (note.matches(":popover-open")) note.hidePopover();
}
