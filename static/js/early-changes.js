// @ts-check
/**
 * On a slow line a page is there before its scripts: what was chosen and written meanwhile nobody has heard of, so no answer
 * would be saved and no question appear. It is told again once htmx listens.
 */

/** @param {Element} field @returns {boolean} whether somebody has changed it since the server drew it */
function isChanged(field) {
  if (field instanceof HTMLSelectElement) {
    const drawn = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(drawn, 0);
  }
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  if (!(field instanceof HTMLInputElement)) return false;
  if (field.type === "radio") return field.checked && !field.defaultChecked;
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  return field.type === "text" && field.value !== field.defaultValue;
}

document.addEventListener(
  "htmx:load",
  () => {
    // After a reload it may be the browser that fills in what it remembers, perhaps over something newer: no answer.
    const [arrival] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    if (arrival?.type !== "navigate") return;
    for (const field of document.querySelectorAll("form :is(input, select, textarea)")) {
      if (!isChanged(field)) continue;
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    }
  },
  { once: true },
);
