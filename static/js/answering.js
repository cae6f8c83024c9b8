// @ts-check
/**
 * Answering without a jolt: answers are saved as they are given (htmx on the form), and the server's new version of the
 * questions is morphed into the page. This file keeps what the citizen does meanwhile out of the server's way.
 */

/** How long after the last key a long text is saved, in milliseconds. */
const PAUSE = 2000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-answers]"));

/** Names of fields that were changed after the running save had read them. @type {Set<string>} */
const changedSince = new Set();

/** @param {Node} node @returns {boolean} whether the server's version of `node` is older than what stands there */
function isNewer(node) {
  return (
    (node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement) &&
    changedSince.has(node.name)
  );
}

/** @param {Node} node */
function holdsNewer(node) {
  return node instanceof Element && [node, ...node.querySelectorAll("input, textarea, select")].some(isNewer);
}

/** @type {any} */
const morphing = /** @type {any} */ (window).Idiomorph.defaults;
morphing.ignoreActiveValue = true;
morphing.callbacks.beforeNodeMorphed = (/** @type {Node} */ old) => !isNewer(old);
morphing.callbacks.beforeNodeRemoved = (/** @type {Node} */ old) => !holdsNewer(old);

/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;

/** Saves what is being typed. The event is in the form's hx-trigger. */
function saveTyped() {
  clearTimeout(pause);
  form.dispatchEvent(new Event("typed"));
}

/** The button that adds or removes something, until it is sent. @type {HTMLButtonElement | null} */
let pressed = null;
/** The id of where the focus goes thereafter, where the button knows it. */
let goingTo = "";

// Without a page of its own: what stands around it stays as it is.
form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-saves]") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  pressed = button;
  saveTyped();
});

/**
 * The request that carries the button's wish: a save that was under way before it does not move the focus.
 * @type {XMLHttpRequest | null}
 */
let carrier = null;
form.addEventListener("htmx:beforeRequest", (event) => {
  if (goingTo) carrier = /** @type {CustomEvent} */ (event).detail.xhr;
});

/** To the row or the line that came, or to what is left. @param {Event} event */
function goOn(event) {
  const isCarrier = /** @type {CustomEvent} */ (event).detail.xhr === carrier;
  const news = document.getElementById("questions-news");
  const name = news?.dataset.focus || (isCarrier ? goingTo : "");
  const place = name ? document.getElementById(name) : null;
  if (!place) return; // it comes with the next answer of the server
  goingTo = "";
  if (news) delete news.dataset.focus;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}
form.addEventListener("htmx:afterSettle", goOn);

form.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  changedSince.add(field.name);
  if (field instanceof HTMLTextAreaElement) {
    clearTimeout(pause);
    pause = setTimeout(saveTyped, PAUSE);
  }
});
form.addEventListener("change", (event) => {
  changedSince.add(/** @type {HTMLInputElement} */ (event.target).name);
  clearTimeout(pause);
});
form.addEventListener("htmx:configRequest", (event) => {
  changedSince.clear();
  const { parameters } = /** @type {CustomEvent} */ (event).detail;
  if (pressed) parameters[pressed.name] = pressed.value;
  goingTo = pressed?.dataset.then ?? "";
  pressed = null;
});
/**
 * A save is on its way, and its answer says from which answers the questions begin now. A form that is sent before that
 * would look like another device's, so it waits for a moment; where the answer does not come, kept-answers.js takes over.
 */
let isSaving = false;
/** @type {SubmitEvent | undefined} */
let waiting;
form.addEventListener("htmx:beforeRequest", () => {
  isSaving = true;
});
form.addEventListener("htmx:afterRequest", () => {
  isSaving = false;
  if (!waiting) return;
  const { submitter } = waiting;
  waiting = undefined;
  setTimeout(() => form.requestSubmit(submitter && form.contains(submitter) ? submitter : undefined));
});
form.addEventListener("submit", (event) => {
  if (!isSaving) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  waiting = /** @type {SubmitEvent} */ (event);
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden" && changedSince.size > 0) saveTyped();
});

/** What has been mended is ticked off in the list of errors. The list keeps its height: nothing moves under a finger. */
function tickOffSummary() {
  document.querySelectorAll("[data-error-summary] a").forEach((link) => {
    const control = document.getElementById(decodeURIComponent(/** @type {HTMLAnchorElement} */ (link).hash.slice(1)));
    link.closest("li")?.classList.toggle("is-mended", !control?.closest(".form-error, [data-group-error]"));
  });
}
form.addEventListener("htmx:afterSettle", tickOffSummary);

// From the summary's “Ret”: to the question itself, label in view.
const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
if (target && form.contains(target) && !document.querySelector("[data-error-summary]")) {
  (target.closest("[data-question]") ?? target).scrollIntoView();
  target.focus({ preventScroll: true });
}
