// @ts-check
/**
 * Answering without a jolt: answers are saved as they are given (htmx on the form), and the server's new version of the
 * questions is morphed into the page. This file keeps what the citizen does meanwhile out of the server's way.
 */

import keepNewer from "./newer-fields.js";

/** How long after the last key a long text is saved, in milliseconds. */
const PAUSE = 2000;

const form = /** @type {HTMLFormElement} */ (document.querySelector("[data-answers]"));

/** Names of fields that were changed after the running save had read them. */
const changedSince = keepNewer(form, { wholeParts: true });

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
  // Whoever answers in the new row already is where they should be.
  const active = document.activeElement;
  if (place !== active && place.contains(active) && active?.matches("input, textarea, select")) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "nearest" });
}
form.addEventListener("htmx:afterSettle", goOn);

form.addEventListener("input", (event) => {
  if (event.target instanceof HTMLTextAreaElement) {
    clearTimeout(pause);
    pause = setTimeout(saveTyped, PAUSE);
  }
});
form.addEventListener("change", () => clearTimeout(pause));
form.addEventListener("htmx:configRequest", (event) => {
  const { parameters } = /** @type {CustomEvent} */ (event).detail;
  // htmx sends along the button that has the focus, pressed or not: whoever tabs past “Fjern” removes nothing.
  form.querySelectorAll("button[name]").forEach((button) => delete parameters[/** @type {HTMLButtonElement} */ (button).name]);
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
  const summary = /** @type {HTMLElement | null} */ (document.querySelector("[data-error-summary]"));
  summary?.querySelectorAll("a").forEach((link) => {
    const control = document.getElementById(decodeURIComponent(/** @type {HTMLAnchorElement} */ (link).hash.slice(1)));
    link.closest("li")?.classList.toggle("is-mended", !control?.closest(".form-error, [data-group-error]"));
  });
  const heading = summary?.querySelector(".alert-heading");
  if (!summary || !heading) return;
  summary.dataset.heading ??= heading.textContent ?? "";
  const isMended = !summary.querySelector("li:not(.is-mended)");
  summary.classList.toggle("is-mended", isMended);
  heading.textContent = (isMended ? summary.dataset.mended : summary.dataset.heading) ?? "";
}
form.addEventListener("htmx:afterSettle", tickOffSummary);

// From the summary's “Ret”: to the question itself, label in view.
const target = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
if (target && form.contains(target) && !document.querySelector("[data-error-summary]")) {
  (target.closest("[data-question]") ?? target).scrollIntoView();
  target.focus({ preventScroll: true });
}
