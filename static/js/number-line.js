// @ts-check
/**
 * A line to point at over a number field. The field holds the answer; the line mirrors it.
 * A line nobody has touched is no answer: it shows no thumb and leaves the field empty.
 */

/** @param {HTMLElement} group */
function start(group) {
  const scale = /** @type {HTMLElement} */ (group.querySelector("[data-number-line-scale]"));
  const line = /** @type {HTMLInputElement} */ (group.querySelector("input[type=range]"));
  const number = /** @type {HTMLInputElement} */ (group.querySelector("input[type=number]"));
  const state = /** @type {HTMLElement} */ (group.querySelector("[data-number-line-state]"));
  const clear = /** @type {HTMLElement} */ (group.querySelector("[data-number-line-clear]"));
  const unanswered = group.dataset.unanswered ?? "";

  function show() {
    const answered = number.value !== "";
    if (answered) line.value = number.value;
    group.classList.toggle("number-line-answered", answered);
    line.setAttribute("aria-valuetext", answered ? number.value : unanswered);
    const sentence = answered ? "" : unanswered;
    if (state.textContent !== sentence) state.textContent = sentence;
    clear.hidden = !answered;
  }

  /** Answers with where the line stands, as if it had been typed. @param {"input" | "change"} type */
  function take(type) {
    number.value = line.value;
    show();
    number.dispatchEvent(new Event(type, { bubbles: true }));
  }

  line.addEventListener("input", (event) => {
    event.stopPropagation();
    take("input");
  });
  line.addEventListener("change", (event) => {
    event.stopPropagation();
    take("change");
  });
  // Pointing exactly at where the hidden thumb stands changes nothing, so the browser sends no event: take it here.
  line.addEventListener("click", () => {
    if (number.value === "") take("change");
  });
  line.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && number.value === "") {
      event.preventDefault();
      take("change");
    }
  });
  number.addEventListener("input", show);
  clear.addEventListener("click", () => {
    number.value = "";
    show();
    number.dispatchEvent(new Event("change", { bubbles: true }));
    number.focus();
  });
  scale.hidden = false;
  group.dataset.numberLine = "started";
  show();
}

/** @param {ParentNode} root */
function startWithin(root) {
  root.querySelectorAll("[data-number-line='']").forEach((group) => start(/** @type {HTMLElement} */ (group)));
}

document.addEventListener("htmx:load", () => startWithin(document));
startWithin(document);
