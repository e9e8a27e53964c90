// The grid itself: the calendar library, told what this day looks like.

import { cardContent, columnContent } from "./card.js";
import { config, drawn, hour } from "./config.js";

const QUARTER = "00:15";

/** Draw the day; `hands` says what happens when somebody drags a card or clicks an empty time. */
export function drawGrid(root, hands) {
  const calendar = EventCalendar.create(root, {
    view: "resourceTimeGridDay",
    date: config.date,
    timeZone: config.offset,
    headerToolbar: { start: "", center: "", end: "" },
    resources: config.columns,
    resourceLabelContent: columnContent,
    events: drawn,
    eventContent: cardContent,
    eventDidMount: mark,
    filterEventsWithResources: true,
    slotDuration: QUARTER,
    snapDuration: QUARTER,
    slotHeight: 21,
    slotLabelInterval: "01:00",
    slotLabelFormat: hour,
    slotMinTime: config.begin,
    slotMaxTime: config.end,
    scrollTime: config.scroll,
    slotEventOverlap: false,
    allDaySlot: false,
    nowIndicator: true,
    pointer: config.bookable,
    columnWidth: "minmax(168px, 1fr)",
    longPressDelay: 350,
    eventDragMinDistance: 4,
    eventStartEditable: true,
    eventDurationEditable: false,
    eventResizableFromStart: false,
    ...hands,
  });
  makeReadable(root);
  return calendar;
}

function mark({ el, event }) {
  if (event.display !== "auto") return;
  el.dataset.id = event.id;
  if (!document.querySelector(".card[tabindex='0']")) el.querySelector(".card").tabIndex = 0;
}

// The library marks the grid as an ARIA table whose cells are none. The cards speak for themselves.
function makeReadable(root) {
  for (const each of root.querySelectorAll("[role=table],[role=rowgroup],[role=row],[role=cell],[role=columnheader]")) {
    each.removeAttribute("role");
  }
  for (const each of root.querySelectorAll("[aria-colindex],[aria-colspan]")) {
    each.removeAttribute("aria-colindex");
    each.removeAttribute("aria-colspan");
  }
  for (const aside of root.querySelectorAll("aside")) aside.setAttribute("role", "presentation");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Appointments. Arrow keys walk, Alt and an arrow key move the appointment.");
}
