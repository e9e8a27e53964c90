// Live hints, by one connection for the whole browser: HTTP/1.1 allows six to a host, and each tab would take one.
// The tab that holds the lock listens and tells the others; when it closes, the next one takes over.

const REOPEN_MS = 3000;

/**
 * Call `hears[type](hint)` for each hint about a location. `mark` is what the page was given when it was made; `again`
 * comes whenever something happened since then that may have been missed: load everything anew then.
 */
export function live(place, mark, hears) {
  const others = new BroadcastChannel(`live.${place}`);
  const hear = ({ type, hint }) => {
    hears[type]?.(hint);
    document.dispatchEvent(new CustomEvent(`live:${type}`, { detail: hint }));
  };
  others.onmessage = (event) => hear(event.data);
  const tell = (type, hint) => {
    hear({ type, hint });
    others.postMessage({ type, hint });
  };
  navigator.locks.request(`live.${place}`, () => new Promise(() => listen(`/live/${place}?since=${mark}`, tell)));
}

function listen(address, tell) {
  const source = new EventSource(address);
  for (const type of ["visit", "followed", "kpis", "again"]) {
    source.addEventListener(type, (event) => tell(type, JSON.parse(event.data)));
  }
  source.onopen = () => show("live");
  source.onerror = () => {
    show("away");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(address, tell), REOPEN_MS);
  };
}

function show(state) {
  document.body.dataset.live = state;
  const sign = document.getElementById("live-state");
  if (sign) sign.textContent = state === "live" ? "" : "Not connected: changes of others come with a delay";
}
