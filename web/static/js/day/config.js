// What the server told this page, and the wall clock of the location.

const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const config = read("config");
export const drawn = read("drawn");
export const base = `/l/${config.place}`;

const two = (number) => String(number).padStart(2, "0");

/**
 * The calendar hands out dates whose local getters are the wall clock of the location: they are written as they
 * read, never through UTC.
 */
export function wall(date) {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:00`;
}

/** 9:30 am. */
export function clock(date) {
  return `${date.getHours() % 12 || 12}:${two(date.getMinutes())} ${date.getHours() < 12 ? "am" : "pm"}`;
}

/** 9 am. */
export function hour(date) {
  return `${date.getHours() % 12 || 12} ${date.getHours() < 12 ? "am" : "pm"}`;
}

export function columnName(id) {
  return config.columns.find((column) => column.id === id)?.title ?? "";
}
