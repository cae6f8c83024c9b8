// @ts-check
/**
 * The button that copies a text to send on. Without it, the text stands in a field to mark and copy by hand.
 */
import copy from "./copied.js";

for (const part of document.querySelectorAll("[data-copy-text]")) {
  const field = part.querySelector("textarea");
  const button = part.querySelector("[data-copy]");
  const copied = part.querySelector("[data-copied]");
  if (!field || !(button instanceof HTMLElement) || !(copied instanceof HTMLElement)) continue;
  button.hidden = false;
  button.addEventListener("click", () => copy(field, copied));
}
