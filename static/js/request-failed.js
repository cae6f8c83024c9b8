// @ts-check
/** Shows the page's “Det lykkedes ikke” when a request of htmx fails, and takes it away with the next that works. */

/** @param {boolean} failed */
function show(failed) {
  const message = document.querySelector("[data-request-failed]");
  if (message instanceof HTMLElement && message.hidden === failed) {
    message.hidden = !failed;
    if (failed) message.scrollIntoView({ block: "nearest" });
  }
}

document.addEventListener("htmx:sendError", () => show(true));
document.addEventListener("htmx:timeout", () => show(true));
document.addEventListener("htmx:responseError", () => show(true));
document.addEventListener("htmx:afterRequest", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.successful) show(false);
});
