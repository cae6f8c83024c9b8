// @ts-check
/**
 * Copies the journal's text when its form is sent, which htmx does for the access log's sake. Without this script the
 * form leads to a page that shows the text, to be marked by hand.
 */
import copy from "./copied.js";

for (const form of document.querySelectorAll("[data-journal-copy]")) {
  const field = form.querySelector("textarea");
  const copied = form.querySelector("[data-copied]");
  if (!field || !(copied instanceof HTMLElement)) continue;
  form.addEventListener("submit", () => {
    copied.textContent = "";
    copy(field, copied);
  });
}
