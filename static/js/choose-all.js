// @ts-check
/**
 * “Vælg alle på siden” over a list with a box in each row, and how many are ticked. Without it a link ticks them all.
 * The boxes are looked up at each change: rows come and go.
 */

for (const part of document.querySelectorAll("[data-choose-all]")) {
  const all = part.querySelector("input");
  const count = part.querySelector("[data-choose-all-count]");
  if (!(part instanceof HTMLElement) || !all || !count) continue;
  const name = part.dataset.chooseAll ?? "";
  /** @type {() => HTMLInputElement[]} */
  const boxes = () => [...document.querySelectorAll("input[type=checkbox]")].filter(
    /** @returns {box is HTMLInputElement} */ (box) => box instanceof HTMLInputElement && box.name === name,
  );

  const tell = () => {
    const found = boxes();
    const ticked = found.filter((box) => box.checked).length;
    all.checked = found.length > 0 && ticked === found.length;
    all.indeterminate = ticked > 0 && ticked < found.length;
    const words = ticked === 1 ? part.dataset.one : part.dataset.many;
    count.textContent = ticked ? (words ?? "").replace("#", String(ticked)) : "";
  };

  part.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    tell();
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.name === name) tell();
  });
  document.addEventListener("htmx:afterSettle", tell);
  tell();
}
