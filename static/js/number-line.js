// @ts-check
/**
 * A line to point at over a number field. The field holds the answer; the line mirrors it.
 * A line nobody has touched is no answer: it shows no thumb and leaves the field empty.
 *
 * Listens on the document, so that lines which htmx puts in or morphs need no listeners of their own.
 */

/** @param {Element} group */
function partsOf(group) {
  return {
    line: /** @type {HTMLInputElement} */ (group.querySelector("input[type=range]")),
    number: /** @type {HTMLInputElement} */ (group.querySelector("input[type=number]")),
    state: /** @type {HTMLElement} */ (group.querySelector("[data-number-line-state]")),
    unanswered: group.getAttribute("data-unanswered") ?? "",
  };
}

/** Draws the line as the field says. @param {Element} group */
function show(group) {
  const { line, number, state, unanswered } = partsOf(group);
  const answered = number.value !== "";
  if (answered) line.value = number.value;
  group.classList.toggle("number-line-answered", answered);
  line.setAttribute("aria-valuetext", answered ? number.value : unanswered);
  const sentence = answered ? "" : unanswered;
  if (state.textContent?.trim() !== sentence) state.textContent = sentence;
}

/**
 * Puts a value into the field as if it had been typed, so that whoever listens to the field hears of it.
 * @param {Element} group
 * @param {string} value
 * @param {"input" | "change"} type
 */
function answer(group, value, type) {
  const { number } = partsOf(group);
  number.value = value;
  show(group);
  number.dispatchEvent(new Event(type, { bubbles: true }));
}

/** The group and line that an event comes from, if it comes from a line. @param {Event} event */
function lineOf(event) {
  const line = event.target;
  const group = line instanceof HTMLInputElement && line.type === "range" ? line.closest("[data-number-line]") : null;
  return group ? { group, line: /** @type {HTMLInputElement} */ (line) } : null;
}

for (const type of /** @type {const} */ (["input", "change"])) {
  // In the capture phase: the form should hear of the field's change, not of the line's.
  document.addEventListener(
    type,
    (event) => {
      const found = lineOf(event);
      if (found) {
        event.stopPropagation();
        answer(found.group, found.line.value, type);
      } else if (event.target instanceof Element) {
        const group = event.target.closest("[data-number-line]");
        if (group) show(group);
      }
    },
    true,
  );
}

document.addEventListener("click", (event) => {
  const found = lineOf(event);
  // Pointing exactly at where the hidden thumb stands changes nothing, so the browser sends no event of its own.
  if (found && partsOf(found.group).number.value === "") answer(found.group, found.line.value, "change");
  const button = event.target instanceof Element ? event.target.closest("[data-number-line-clear]") : null;
  const group = button?.closest("[data-number-line]");
  if (group) {
    answer(group, "", "change");
    partsOf(group).number.focus();
  }
});

document.addEventListener("keydown", (event) => {
  const found = lineOf(event);
  if (found && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    if (partsOf(found.group).number.value === "") answer(found.group, found.line.value, "change");
  }
});

function showAll() {
  document.querySelectorAll("[data-number-line]").forEach(show);
}

// A class on the root shows the lines: what a morph may write over, such as `hidden`, would take away the focus.
document.documentElement.classList.add("has-number-lines");
document.addEventListener("htmx:load", showAll);
showAll();
