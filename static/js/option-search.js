// @ts-check
/**
 * Long lists as comboboxes (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the server finds the options while
 * somebody types, arrow keys go through them, Enter chooses, Escape closes. Without this file the button “Søg” shows them.
 */

/** How long after the last key the server is asked, in milliseconds. */
const PAUSE = 250;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** The number of the latest question to the server: an older one's answer comes too late. */
let asked = 0;

/** @param {EventTarget | null} target @returns {HTMLInputElement | null} */
function fieldOf(target) {
  return target instanceof HTMLInputElement && target.dataset.searchUrl ? target : null;
}

/** @param {Element} field */
function partsOf(field) {
  const group = /** @type {HTMLElement} */ (field.closest("[data-search]"));
  return {
    list: /** @type {HTMLElement} */ (group.querySelector("[role=listbox]")),
    status: /** @type {HTMLElement} */ (group.querySelector("[data-search-status]")),
    searched: /** @type {HTMLInputElement} */ (group.querySelector("[data-searched]")),
    chosen: /** @type {HTMLElement} */ (group.querySelector("[data-search-chosen]")),
  };
}

/** What a morph takes away is put back: the server does not know that this is a combobox. */
function equip() {
  document.querySelectorAll("[data-search-url]").forEach((field) => {
    const { list } = partsOf(field);
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", String(!list.hidden));
  });
}

/** @param {HTMLInputElement} field */
function close(field) {
  const { list } = partsOf(field);
  list.hidden = true;
  list.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

/** @param {HTMLInputElement} field */
async function find(field) {
  const { list, status } = partsOf(field);
  const number = ++asked;
  if (field.value.trim() === "") {
    close(field);
    return;
  }
  const url = `${field.dataset.searchUrl}&${new URLSearchParams({ [field.name]: field.value })}`;
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
    if (!answer.ok || answer.headers.has("HX-Redirect") || number !== asked || document.activeElement !== field) return;
    // The server's own page, escaped by its templates; the security policy lets nothing in it run.
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...found.body.children);
  } catch {
    return; // no connection: the saved state says so
  }
  list.hidden = false;
  field.setAttribute("aria-expanded", "true");
  field.removeAttribute("aria-activedescendant");
  status.textContent = list.querySelector("[data-found]")?.textContent ?? "";
}

/** @param {HTMLInputElement} field @param {Element} option */
function choose(field, option) {
  const { chosen, searched } = partsOf(field);
  const value = option.getAttribute("data-value") ?? "";
  const label = option.textContent?.trim() ?? "";
  const several = chosen.dataset.kind === "checkbox";
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (chosen.querySelectorAll("input"));
  let input = [...inputs].find((each) => each.value === value);
  if (!input) {
    // Drawn by the server when it has saved it; until then it only has to be sent.
    input = document.createElement("input");
    input.type = several ? "checkbox" : "radio";
    input.name = chosen.dataset.name ?? "";
    input.value = value;
    input.hidden = true;
    chosen.append(input);
  }
  input.checked = true;
  field.value = several ? "" : label;
  searched.value = field.value;
  close(field);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** @param {HTMLInputElement} field @param {number} step */
function move(field, step) {
  const options = [...partsOf(field).list.querySelectorAll("[data-value]")];
  if (options.length === 0) return;
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = now < 0 ? (step > 0 ? 0 : options.length - 1) : (now + step + options.length) % options.length;
  options.forEach((option, index) => option.setAttribute("aria-selected", String(index === next)));
  field.setAttribute("aria-activedescendant", options[next].id);
  options[next].scrollIntoView({ block: "nearest" });
}

// Captured: what is typed to search is no answer, and is not saved while somebody is looking.
document.addEventListener(
  "input",
  (event) => {
    const field = fieldOf(event.target);
    if (!field) return;
    // What the list still shows was found for other words: Enter must not choose from it.
    field.removeAttribute("aria-activedescendant");
    partsOf(field).list.querySelectorAll("[aria-selected=true]").forEach((each) => each.setAttribute("aria-selected", "false"));
    clearTimeout(pause);
    pause = setTimeout(() => find(field), PAUSE);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  const { list } = partsOf(field);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) find(field);
    else move(field, event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close(field);
  } else if (event.key === "Enter" && !list.hidden) {
    event.preventDefault();
    const option = list.querySelector("[data-value][aria-selected=true]");
    if (option) choose(field, option);
  }
});

// Pressing an option must not take the focus from the field, which would close the list first.
document.addEventListener("mousedown", (event) => {
  if (event.target instanceof Element && event.target.closest(".question-search-list")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target instanceof Element ? event.target.closest(".question-search-list [data-value]") : null;
  const field = option?.closest("[data-search]")?.querySelector("[data-search-url]");
  if (option && field instanceof HTMLInputElement) choose(field, option);
});
document.addEventListener("focusout", (event) => {
  const field = fieldOf(event.target);
  if (field) close(field);
});

document.addEventListener("htmx:load", equip);
document.addEventListener("htmx:afterSettle", equip);
equip();
