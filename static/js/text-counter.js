// @ts-check
/**
 * Counts what is left of a long text while it is written. The server counts the same way and says so without this file.
 * A screen reader hears it when the writing pauses, not at each key.
 */

/** How long a pause is, in milliseconds. */
const PAUSE = 1200;

const number = new Intl.NumberFormat(document.documentElement.lang || "da", { useGrouping: false });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;

/** @param {HTMLElement} count @returns {string} what it now says */
function show(count) {
  const field = document.getElementById(count.dataset.countFor ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return "";
  // As the server: characters, not the halves of them that JavaScript counts.
  const left = Number(count.dataset.limit) - [...field.value].length;
  count.classList.toggle("is-over", left < 0);
  const sentence = `${left < 0 ? count.dataset.over : count.dataset.left} ${number.format(Math.abs(left))}`;
  if (count.textContent !== sentence) count.textContent = sentence;
  return sentence;
}

function showAll() {
  document.querySelectorAll("[data-count-for]").forEach((count) => show(/** @type {HTMLElement} */ (count)));
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!(field instanceof HTMLTextAreaElement)) return;
  const count = document.querySelector(`[data-count-for="${CSS.escape(field.id)}"]`);
  if (!(count instanceof HTMLElement)) return;
  const sentence = show(count);
  const status = count.parentElement?.querySelector("[data-count-status]");
  clearTimeout(pause);
  pause = setTimeout(() => {
    if (status) status.textContent = sentence;
  }, PAUSE);
});

document.addEventListener("htmx:afterSettle", showAll);
showAll();
