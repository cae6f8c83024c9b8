// @ts-check
/** Moves focus to the list of errors when there is one, and from a line in it to its field, label in view. */

/** @param {ParentNode} root */
function focusSummary(root) {
  const summary = root.querySelector("[data-error-summary]");
  if (summary instanceof HTMLElement) summary.focus();
}

/** What says what the field is: the question of a group, else the label. @param {HTMLElement} control */
function nameOf(control) {
  const legend = control.closest("fieldset")?.querySelector("legend");
  return legend ?? document.querySelector(`label[for="${CSS.escape(control.id)}"]`) ?? control;
}

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-error-summary] a") : null;
  if (!(link instanceof HTMLAnchorElement)) return;
  const control = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!control) return;
  event.preventDefault();
  nameOf(control).scrollIntoView();
  control.focus({ preventScroll: true });
});

document.addEventListener("htmx:afterSettle", (event) => {
  const { elt, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  // After sending, not after each answer saved: that would take people out of the question they are in.
  const sent = ["submit", "click"].includes(requestConfig?.triggeringEvent?.type);
  if (sent && elt instanceof Element) focusSummary(elt.parentElement ?? elt);
});
focusSummary(document);
