// @ts-check
/**
 * A picture or file is sent by itself as soon as it is chosen: answers that are given meanwhile are saved as ever, and
 * where the file is refused nothing else is. Without this file it goes along with the form's own buttons.
 */

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-upload]"));
/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;

/** Questions whose file was refused: they go on saying why, whatever else is saved. @type {Set<string>} */
const refused = new Set();

/** @type {any} */
const callbacks = /** @type {any} */ (window).Idiomorph.defaults.callbacks;
const mayMorph = callbacks.beforeNodeMorphed;
callbacks.beforeNodeMorphed = (/** @type {Node} */ old, /** @type {Node} */ fresh) => {
  if (old instanceof HTMLElement && (refused.has(old.id) || old.hasAttribute("data-file-status"))) return false;
  return mayMorph(old, fresh);
};

/** @param {Element} box @param {string} words */
function say(box, words) {
  const status = box.querySelector("[data-file-status]");
  if (status) status.textContent = words;
}

/** @param {HTMLFormElement} answers @param {HTMLInputElement} field @param {HTMLElement} box */
async function send(answers, field, box) {
  const token = answers.querySelector("[name=csrfmiddlewaretoken]");
  const values = new FormData();
  values.append("question", box.dataset.address ?? "");
  for (const file of field.files ?? []) values.append(field.name, file);
  field.value = ""; // the form's own saves do not send it again
  field.disabled = true;
  say(box, box.dataset.sending ?? "");
  let answer;
  try {
    answer = await fetch(answers.dataset.upload ?? "", {
      method: "POST",
      body: values,
      headers: { "X-CSRFToken": token instanceof HTMLInputElement ? token.value : "", "HX-Request": "true" },
      credentials: "same-origin",
    });
  } catch {
    answer = null; // no connection
  }
  // What stands there may have been morphed meanwhile.
  const now = document.getElementById(field.id);
  const place = /** @type {HTMLElement | null} */ (now?.closest("[data-file]") ?? null);
  if (now instanceof HTMLInputElement) now.disabled = false;
  if (!place) return;
  const elsewhere = answer?.headers.get("HX-Redirect");
  if (elsewhere) {
    location.assign(elsewhere);
    return;
  }
  if (!answer || !(answer.ok || answer.status === 422)) {
    say(place, (answer?.status === 413 ? place.dataset.tooLarge : place.dataset.failed) ?? "");
    now?.focus();
    return;
  }
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const question = place.closest("[data-question]");
  if (question) refused[answer.ok ? "delete" : "add"](question.id);
  const fresh = template.content.firstElementChild;
  if (!question || !fresh) return;
  question.replaceWith(fresh);
  htmx.process(fresh);
  const box2 = fresh.querySelector("[data-file]");
  const again = document.getElementById(field.id);
  if (answer.ok && box2) say(box2, place.dataset.sent ?? "");
  again?.focus({ preventScroll: true });
  // Other questions may be asked because of it.
  if (answer.ok) answers.dispatchEvent(new Event("typed"));
}

if (form) {
  const answers = form;
  answers.addEventListener(
    "change",
    (event) => {
      const field = event.target;
      if (!(field instanceof HTMLInputElement) || field.type !== "file") return;
      event.stopImmediatePropagation(); // it is not saved with the others
      const box = field.closest("[data-file]");
      if (box instanceof HTMLElement && field.files?.length) send(answers, field, box);
    },
    true,
  );
}
