// The shell of every page: light or dark, refusals as toasts, and what the other modules bring.

import "./dialogs.js";
import "./keys.js";
import "./search.js";
import { toast } from "./toasts.js";

const YEAR_SECONDS = 31_536_000;

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-theme-switch]");
  if (chosen) setTheme(chosen.dataset.themeSwitch || other());
  const open = document.querySelector(".places[open]");
  if (open && !open.contains(event.target)) open.open = false;
});

function other() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  return isDark ? "light" : "dark";
}

function setTheme(theme) {
  const root = document.documentElement;
  const follows = theme === "system";
  if (follows) delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.cookie = `theme=${follows ? "" : theme};path=/;max-age=${follows ? 0 : YEAR_SECONDS};SameSite=Lax`;
}

document.addEventListener("htmx:sendError", () => {
  toast("The server can’t be reached. Whether this was done is not known: look before you try again.", { bad: true });
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr } = event.detail;
  if (xhr.status === 401) return void signInAgain();
  let title = "That did not work. Look whether anything changed before you try again.";
  try {
    title = JSON.parse(xhr.responseText).title ?? title;
  } catch {
    // not a problem document: the general words stay
  }
  toast(title, { bad: true });
});

/** The session has ended: sign in, then come back here. */
export function signInAgain() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}
