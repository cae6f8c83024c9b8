// @ts-check
/**
 * Says “Gemmer …”, “Gemt kl. 10.42”, “Ingen forbindelse” or “Ikke gemt” while htmx saves what is inside a
 * `[data-autosave]` element.
 * The sentences are attributes of the place where they appear (`saved_state` in the templates).
 */

// English as in Europe, with the clock to 24, as the server writes it (kommunalpro/formats/en).
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang || "da";

/** @param {Event} event @returns {boolean} whether this request saves an answer */
function saves(event) {
  const element = /** @type {CustomEvent} */ (event).detail.elt;
  return element instanceof Element && element.closest("[data-autosave]") !== null;
}

/** @param {"saving" | "saved" | "offline" | "failed"} state */
function say(state) {
  const time = new Date().toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  document.querySelectorAll("[data-saved-state]").forEach((place) => {
    const element = /** @type {HTMLElement} */ (place);
    element.dataset.savedState = state;
    element.textContent = (element.dataset[state] ?? "").replace("{time}", time);
  });
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (saves(event)) say("saving");
});
document.addEventListener("htmx:afterRequest", (event) => {
  // A 422 is swapped in like any page, but it says that an answer was not accepted: the field tells which.
  const { xhr } = /** @type {CustomEvent} */ (event).detail;
  if (!saves(event) || xhr.status === 422) return;
  if (xhr.status === 0) say("offline");
  else say(xhr.status < 400 ? "saved" : "failed");
});
