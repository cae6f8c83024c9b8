// @ts-check
/**
 * Keys for a list whose place carries `data-list-keys`: arrows go from row to row, and a letter presses the row's button
 * with that `data-key`. They work only while the focus is in a row (WCAG 2.1.4), and never while somebody writes.
 */

/** @param {Element} row */
function enter(row) {
  const first = row.querySelector("a, button");
  if (first instanceof HTMLElement) first.focus();
}

document.addEventListener("keydown", (event) => {
  const from = event.target;
  if (!(from instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (from.matches("input, textarea, select")) return;
  const row = from.closest("[data-list-keys] tbody tr");
  if (!row) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const next = event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling;
    if (next) {
      enter(next);
      event.preventDefault();
    }
    return;
  }
  const button = row.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button instanceof HTMLElement) {
    button.focus();
    button.click();
    event.preventDefault();
  }
});
