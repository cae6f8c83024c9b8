// @ts-check
/** Starts the design system's dialogs: those of the page, and those that htmx puts into it. */

// @ts-expect-error: of the design system, laid there where the static files are gathered
import Modal from "../dkfds/js/modal.js";

/** Elements that run already: a morph may hand us the same element twice. @type {WeakSet<Element>} */
const started = new WeakSet();

/** @param {Element} root */
function startWithin(root) {
  const found = root.matches(".fds-modal") ? [root] : [];
  for (const element of [...found, ...root.querySelectorAll(".fds-modal")]) {
    if (!started.has(element)) {
      started.add(element);
      new Modal(element).init();
    }
  }
}

startWithin(document.body);
document.addEventListener("htmx:load", (event) => startWithin(/** @type {CustomEvent} */ (event).detail.elt));
