// @ts-check
/**
 * Small courtesies of questions: taking back an answer of radio buttons, and one answer where there may be only one.
 * Without this file a box to tick takes an answer back, and the server says when there are two.
 */

/** @param {Element} question @returns {HTMLInputElement[]} */
function radiosOf(question) {
  return [...question.querySelectorAll("input[type=radio]")].map((radio) => /** @type {HTMLInputElement} */ (radio));
}

/** @param {ParentNode} root */
function showClearButtons(root) {
  root.querySelectorAll("[data-clear-answer][hidden]").forEach((button) => button.removeAttribute("hidden"));
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-clear-answer]") : null;
  const question = button?.closest("[data-question]");
  if (!button || !question) return;
  const radios = radiosOf(question);
  const own = question.querySelector("[data-own-words]");
  for (const radio of radios) radio.checked = false;
  if (own instanceof HTMLInputElement) own.value = "";
  // The button goes away with the answer: focus stays in the question.
  radios[0].focus();
  radios[0].dispatchEvent(new Event("change", { bubbles: true }));
});

/** Own words and a chosen option take each other's place. Captured: it happens before anything is saved. */
document.addEventListener(
  "input",
  (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement)) return;
    const question = field.closest("[data-question]");
    if (!question) return;
    if (field.hasAttribute("data-own-words") && field.value.trim() !== "") {
      for (const radio of radiosOf(question)) radio.checked = false;
    } else if (field.type === "radio") {
      const own = question.querySelector("[data-own-words]");
      if (own instanceof HTMLInputElement) own.value = "";
    }
  },
  true,
);

document.addEventListener("htmx:load", () => showClearButtons(document));
showClearButtons(document);
