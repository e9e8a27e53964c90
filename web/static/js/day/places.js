// Who and where: the two columns that a visit stands in, one of them shown.

import { config } from "./config.js";

/** The practitioner and the room of a visit; after a drop the library may hand them back in another order. */
export function placesOf(event) {
  const own = config.columns.map((column) => column.id);
  const shown = event.resourceIds.find((id) => own.includes(id));
  const hidden = event.resourceIds.find((id) => !own.includes(id));
  const [practitioner, room] = config.by === "practitioners" ? [shown, hidden] : [hidden, shown];
  return { shown, practitioner, room };
}

/** The same visit at another time and with others. */
export function at(event, { start, practitioner, room }) {
  const places = placesOf(event);
  const resourceIds = [practitioner ?? places.practitioner, room ?? places.room];
  return { ...event, start, end: new Date(+start + (event.end - event.start)), resourceIds };
}
