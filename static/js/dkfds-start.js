// @ts-check
/**
 * Starts the design system's components: once for the page, and again for what htmx puts into it.
 *
 * `DKFDS.init()` may run only once (it would add the menus' listeners again), so new content is started
 * component by component.
 */

/** @type {any} */
const designSystem = /** @type {any} */ (window).DKFDS;

/** Selector of a component → how to start one. */
const starters = /** @type {[string, (element: Element) => void][]} */ ([
  [".accordion, .accordion-bordered", (element) => new designSystem.Accordion(element).init()],
  [".fds-modal", (element) => new designSystem.Modal(element).init()],
  [".js-dropdown", (element) => new designSystem.Dropdown(element).init()],
  [".js-radio-toggle-group", (element) => new designSystem.RadioToggleGroup(element).init()],
  [".js-checkbox-toggle-content", (element) => new designSystem.CheckboxToggleContent(element).init()],
  [".tab-container", (element) => new designSystem.Tabs(element).init()],
  [".table-md-responsive-headers", (element) => new designSystem.ResponsiveTable(element)],
  [".tooltip-wrapper", (element) => new designSystem.Tooltip(element).init()],
]);

/** Elements that run already: a morph may hand us the same element twice. @type {WeakSet<Element>} */
const started = new WeakSet();

/** @param {Element} root */
function startWithin(root) {
  for (const [selector, start] of starters) {
    const found = root.matches(selector) ? [root] : [];
    for (const element of [...found, ...root.querySelectorAll(selector)]) {
      if (!started.has(element)) {
        started.add(element);
        start(element);
      }
    }
  }
}

designSystem.init();
for (const [selector] of starters) {
  document.querySelectorAll(selector).forEach((element) => started.add(element));
}
document.addEventListener("htmx:load", (event) => {
  const element = /** @type {CustomEvent} */ (event).detail.elt;
  if (element !== document.body) startWithin(element);
});
