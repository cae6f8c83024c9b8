// @ts-check
/**
 * What is written while a request is under way stays: its answer knows nothing of it, and is morphed in around it.
 */

/**
 * @param {unknown} node
 * @returns {node is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement}
 */
function isField(node) {
  return node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement;
}

/**
 * Keep the fields within `root` that were changed after the last request of `requests` had read them; gives their names
 * as they stand. With `wholeParts` a part that holds such a field is not taken away either. Once a page.
 *
 * @param {EventTarget} root
 * @param {{ requests?: EventTarget, wholeParts?: boolean }} [how]
 * @returns {ReadonlySet<string>}
 */
export default function keepNewer(root, { requests = root, wholeParts = false } = {}) {
  /** @type {Set<string>} */
  const changed = new Set();

  /** @param {Node} node @returns {boolean} whether the server's version of `node` is older than what stands there */
  const isNewer = (node) => isField(node) && changed.has(node.name);

  /** @param {Node} node */
  const holdsNewer = (node) =>
    node instanceof Element && [node, ...node.querySelectorAll("input, textarea, select")].some(isNewer);

  /** @type {any} */
  const morphing = /** @type {any} */ (window).Idiomorph.defaults;
  // Read before each morph. Idiomorph passes over all that stands in what has the focus: right for a field, but a row
  // that has just come has the focus, too, and a question in it would never be shown.
  Object.defineProperty(morphing, "ignoreActiveValue", {
    get: () => isField(document.activeElement),
    enumerable: true,
    configurable: true,
  });
  morphing.callbacks.beforeNodeMorphed = (/** @type {Node} */ old) => !isNewer(old);
  if (wholeParts) morphing.callbacks.beforeNodeRemoved = (/** @type {Node} */ old) => !holdsNewer(old);

  for (const kind of ["input", "change"]) {
    root.addEventListener(kind, (event) => {
      changed.add(/** @type {HTMLInputElement} */ (event.target).name);
    });
  }
  requests.addEventListener("htmx:configRequest", () => changed.clear());
  return changed;
}
