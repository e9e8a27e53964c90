// Reads what a barcode scanner types: GS1 element strings from DataMatrix and GS1-128 (IV-24..26).

const GROUP = "\u001d";
const FIXED = { "01": 14, "02": 14, 11: 6, 13: 6, 15: 6, 17: 6 };
const VARIABLE = { 10: 20, 21: 20, 30: 8, 37: 8 };

/**
 * {gtin, lot, expires, serial} of a scan, or null when the text is none. `expires` is an ISO date; a day 00 is the
 * last of its month.
 */
export function read(text) {
  const scanned = text.trim().replace(/^\](C1|d2|Q3|e0)/, "");
  const found = scanned.startsWith("(") ? bracketed(scanned) : elements(scanned);
  if (!found?.["01"] || !isGtin(found["01"])) return null;
  const expires = found["17"] === undefined ? undefined : day(found["17"]);
  if (expires === null) return null;
  return { gtin: found["01"], lot: found["10"], expires, serial: found["21"] };
}

/** Whether the last of these digits checks the others: weights 3 and 1 in turn, from the right. */
export function isGtin(digits) {
  if (!/^\d{8}$|^\d{12,14}$/.test(digits)) return false;
  const sum = [...digits.padStart(14, "0")].reduce((all, digit, place) => all + Number(digit) * (place % 2 ? 1 : 3), 0);
  return sum % 10 === 0;
}

// As printed for people: (01)09506000134352(17)271130(10)LOT-1
function bracketed(text) {
  return Object.fromEntries([...text.matchAll(/\((\d{2,4})\)([^(]+)/g)].map(([, name, value]) => [name, value.trim()]));
}

function elements(text) {
  const found = {};
  let rest = text;
  while (rest) {
    const name = rest.slice(0, 2);
    const value = FIXED[name] ? rest.slice(2, 2 + FIXED[name]) : variable(name, rest);
    if (!value || (FIXED[name] && value.length < FIXED[name])) return null;
    found[name] = value;
    rest = rest.slice(2 + value.length).replace(new RegExp(`^${GROUP}`), "");
  }
  return found;
}

// Ends at the separator, or with the scan.
function variable(name, rest) {
  if (!VARIABLE[name]) return null;
  const [value] = rest.slice(2).split(GROUP);
  return value.length <= VARIABLE[name] ? value : null;
}

function day(yymmdd) {
  const [year, month, of] = [2000 + Number(yymmdd.slice(0, 2)), Number(yymmdd.slice(2, 4)), Number(yymmdd.slice(4))];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (month < 1 || month > 12 || of > last) return null;
  return `${year}-${String(month).padStart(2, "0")}-${String(of || last).padStart(2, "0")}`;
}
