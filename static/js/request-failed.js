// @ts-check
/**
 * Shows the page's “Det lykkedes ikke” when a request of htmx fails, and takes it away with the next that works.
 * Where the server refused with a sentence of its own (`[data-problem]` in errors/problem.html), that is what it says.
 */

const general = document.querySelector("[data-request-failed-text]")?.textContent ?? "";

/** @param {string} sentence */
function show(sentence) {
  const message = document.querySelector("[data-request-failed]");
  const text = document.querySelector("[data-request-failed-text]");
  if (!(message instanceof HTMLElement) || !text) return;
  if (sentence) {
    text.textContent = sentence;
    message.hidden = false;
    message.scrollIntoView({ block: "nearest" });
  } else if (!message.hidden) {
    message.hidden = true;
  }
}

/** The server's own sentence, if its answer holds one. @param {CustomEvent} event */
function problemIn(event) {
  const answer = event.detail.xhr?.responseText ?? "";
  const problem = new DOMParser().parseFromString(answer, "text/html").querySelector("[data-problem]");
  return problem?.textContent?.trim() ?? "";
}

/** Where answers are saved as they are given, the saved state says so beside them. @param {CustomEvent} event */
function saves(event) {
  const element = event.detail.elt;
  return element instanceof Element && element.closest("[data-autosave]") !== null;
}

for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, (event) => {
    const failed = /** @type {CustomEvent} */ (event);
    const problem = problemIn(failed);
    if (problem || !saves(failed)) show(problem || general);
  });
}
document.addEventListener("htmx:afterRequest", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.successful) show("");
});
