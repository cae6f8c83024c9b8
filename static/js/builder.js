// @ts-check
/**
 * The builder by keyboard and pointer: going through the outline, moving an element with Alt and the arrows or by
 * dragging it, undoing with Ctrl+Z. Every act is pressing a button that is on the page anyway.
 */

import keepNewer from "./newer-fields.js";

/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
const builder = /** @type {HTMLElement} */ (document.getElementById("builder"));
const tree = /** @type {HTMLElement} */ (document.getElementById("outline"));
const work = /** @type {HTMLElement} */ (document.getElementById("work"));

const MOVES = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "into", ArrowLeft: "out" };

/** Whether the focus belongs to the outline, also when its row is being replaced. */
let isInTree = false;
/** Whether an element was just selected, to see its settings. */
let isChoosing = false;
/** Whether what was added is to be written in at once. */
let isAdding = false;

/** @returns {HTMLAnchorElement[]} */
function rows() {
  return [...tree.querySelectorAll("a")];
}

/** @param {string} id @returns {HTMLAnchorElement | undefined} */
function rowOf(id) {
  return rows().find((row) => row.dataset.id === id);
}

/** The outline says which element is selected; only that one is reached by Tab. */
function mark() {
  const shown = /** @type {HTMLElement | null} */ (work.querySelector("[data-selected]"));
  const selected = shown?.dataset.selected ?? "";
  const all = rows();
  let current = all[0];
  for (const row of all) {
    const isIt = row.dataset.id === selected;
    if (isIt) current = row;
    if (row.getAttribute("aria-selected") !== String(isIt)) row.setAttribute("aria-selected", String(isIt));
    row.tabIndex = -1;
  }
  if (current) current.tabIndex = 0;
  if (selected) scrollTo(current);
  highlight(shown?.dataset.highlight ?? "");
  if (isInTree) current?.focus({ preventScroll: true });
}

/** The row comes into view in the outline, and the page stays where it is. @param {HTMLElement | undefined} row */
function scrollTo(row) {
  if (!row || tree.scrollHeight <= tree.clientHeight) return;
  const place = row.getBoundingClientRect();
  const frame = tree.getBoundingClientRect();
  if (place.top < frame.top) tree.scrollTop -= frame.top - place.top + 8;
  else if (place.bottom > frame.bottom) tree.scrollTop += place.bottom - frame.bottom + 8;
}

/** @param {string} id */
function highlight(id) {
  work.querySelectorAll(".is-selected").forEach((one) => one.classList.remove("is-selected"));
  const question = id ? document.getElementById(`${id}-question`) : null;
  question?.classList.add("is-selected");
  if (!question || !(isChoosing || isInTree) || matchMedia("(width < 1200px)").matches) return;
  const place = question.getBoundingClientRect();
  if (place.top < 100 || place.bottom > innerHeight - 100) question.scrollIntoView({ block: "center" });
}

/** @param {string} address @param {Element} source */
function select(address, source) {
  htmx.ajax("GET", address, { source, target: "#work", swap: "morph:innerHTML" });
  history.replaceState(null, "", address);
}

/** Press a button of the selected element's tools, about whichever element. @param {string} act @param {string} at @param {Record<string, string>} [more] */
function press(act, at, more = {}) {
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("builder-tools"));
  const button = /** @type {HTMLButtonElement | null | undefined} */ (form?.querySelector(`button[value="${act}"]`));
  if (!form || !button) return;
  for (const [name, value] of Object.entries({ at, ...more })) {
    const input = form.elements.namedItem(name);
    if (input instanceof HTMLInputElement) input.value = value;
  }
  button.click(); // htmx asks which button was pressed, and a form that is only submitted does not say
}

/** Acts on an element need its tools: without any selected there are none yet. @param {HTMLAnchorElement} row @param {() => void} then */
function withTools(row, then) {
  if (document.getElementById("builder-tools")) then();
  else {
    document.addEventListener("htmx:afterSettle", () => setTimeout(then), { once: true });
    select(row.href, row);
  }
}

// --- keyboard -------------------------------------------------------------------------------------

/** @param {HTMLAnchorElement} row @param {string} key @returns {HTMLAnchorElement | undefined} */
function goal(row, key) {
  const all = rows();
  const place = all.indexOf(row);
  const level = Number(row.ariaLevel);
  switch (key) {
    case "ArrowUp": return all[place - 1];
    case "ArrowDown": return all[place + 1];
    case "Home": return all[0];
    case "End": return all[all.length - 1];
    case "ArrowLeft": return all.slice(0, place).reverse().find((one) => Number(one.ariaLevel) < level);
    case "ArrowRight": {
      const next = all[place + 1];
      return next && Number(next.ariaLevel) > level ? next : undefined;
    }
  }
}

tree.addEventListener("keydown", (event) => {
  const row = event.target;
  if (!(row instanceof HTMLAnchorElement)) return;
  const mayEdit = "mayEdit" in tree.dataset;
  const id = row.dataset.id ?? "";
  const move = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
  if (event.altKey && move) {
    event.preventDefault();
    if (mayEdit) withTools(row, () => press(move, id));
  } else if (event.key === "Delete" && mayEdit) {
    event.preventDefault();
    withTools(row, () => press("delete", id));
  } else if (event.key === " ") {
    event.preventDefault();
    row.click();
  } else if (!event.altKey && !event.ctrlKey && !event.metaKey) {
    const next = goal(row, event.key);
    if (next) {
      event.preventDefault();
      row.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    }
  }
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const target = event.target;
  const isField = target instanceof Element && target.closest("input, textarea, select, [contenteditable]");
  const key = event.key.toLowerCase();
  const button = key === "z" && !event.shiftKey ? "[data-undo]" : key === "y" || key === "z" ? "[data-redo]" : "";
  if (isField || !button) return;
  event.preventDefault();
  /** @type {HTMLButtonElement | null} */ (document.querySelector(button))?.click();
});

// --- pointer --------------------------------------------------------------------------------------

builder.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const target = /** @type {Element} */ (event.target);
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("#outline a, [data-select]"));
  if (link) {
    event.preventDefault();
    isChoosing = true;
    select(link.href, link);
    return;
  }
  const question = target.closest("[data-question]");
  const shown = question?.querySelector("input[name=shown]");
  if (shown instanceof HTMLInputElement) {
    const row = rowOf(shown.value.slice(0, shown.value.lastIndexOf(" ")).split("#")[0]);
    if (row && row.ariaSelected !== "true") select(row.href, row);
  }
});

/** @type {HTMLAnchorElement | null} */
let dragged = null;

/** Where the pointer would put it. @param {HTMLAnchorElement} row @param {number} y */
function sideOf(row, y) {
  const frame = row.getBoundingClientRect();
  const part = (y - frame.top) / frame.height;
  if ("holds" in row.dataset) return part < 0.25 ? "before" : part > 0.75 ? "after" : "inside";
  return part < 0.5 ? "before" : "after";
}

function unmarkDrop() {
  tree.querySelectorAll("[data-drop]").forEach((row) => row.removeAttribute("data-drop"));
}

if ("mayEdit" in tree.dataset) {
  tree.addEventListener("dragstart", (event) => {
    const row = /** @type {Element} */ (event.target).closest("a");
    dragged = row;
    row?.classList.add("is-dragged");
    event.dataTransfer?.setData("text/plain", row?.textContent?.trim() ?? "");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  tree.addEventListener("dragover", (event) => {
    const row = /** @type {Element} */ (event.target).closest("a");
    if (!dragged || !row) return;
    event.preventDefault();
    unmarkDrop();
    if (row !== dragged) row.dataset.drop = sideOf(row, event.clientY);
  });
  tree.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    dragged = null;
    unmarkDrop();
  });
  tree.addEventListener("drop", (event) => {
    const row = /** @type {Element} */ (event.target).closest("a");
    const moved = dragged;
    unmarkDrop();
    if (!moved || !row || row === moved) return;
    event.preventDefault();
    const side = sideOf(row, event.clientY);
    withTools(moved, () => press("place", moved.dataset.id ?? "", { by: row.dataset.id ?? "", side }));
  });
}

// --- what is written while something is being saved -----------------------------------------------

keepNewer(builder, { requests: document });

// --- what is folded out stays so, whatever was saved -----------------------------------------------

/** @type {any} */ (window).Idiomorph.defaults.callbacks.beforeAttributeUpdated = (
  /** @type {string} */ name,
  /** @type {Element} */ node,
) => !(name === "open" && node instanceof HTMLDetailsElement);

// --- after each act -------------------------------------------------------------------------------

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = /** @type {CustomEvent} */ (event).detail;
  isInTree = tree.contains(document.activeElement);
  isAdding = elt instanceof Element && elt.classList.contains("builder-add");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-saved-state]"));
  if (/** @type {CustomEvent} */ (event).detail.xhr.status !== 422 || !place) return;
  place.dataset.savedState = "failed";
  place.textContent = place.dataset.refused ?? "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  // The parts that stand elsewhere are there by now; this comes once for each of them.
  if (/** @type {CustomEvent} */ (event).detail.target !== work) return;
  mark();
  // On a phone the settings are below the outline.
  if (isChoosing && matchMedia("(width < 768px)").matches) {
    document.getElementById("settings-heading")?.scrollIntoView({ block: "start" });
  }
  isChoosing = false;
  if (!isAdding) return;
  isAdding = false;
  work.querySelector("#builder-add")?.removeAttribute("open");
  /** @type {HTMLElement | null} */ (work.querySelector("textarea[name='s-text']"))?.focus();
});

mark();
