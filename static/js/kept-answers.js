// @ts-check
/**
 * Keeps what a citizen answers on this device until the server has it: without a connection, after a session that ran out
 * and after a browser that was closed, nothing has to be answered again.
 *
 * What is kept begins with `kpro-answers:`, the citizen and the draft, and goes as soon as the server has taken it, when
 * somebody else logs in, on logging out, and after a week. The server decides what counts: each question says from which
 * answer it began, so an old device overwrites nothing (citizens/views.py).
 */

const PREFIX = "kpro-answers:";
const WEEK = 7 * 24 * 3600 * 1000;
/** How long until the server is tried again, in milliseconds. */
const AGAIN = 5000;

/**
 * @typedef {object} Kept
 * @property {number} at when it was answered, in milliseconds since 1970
 * @property {string} url where it is saved
 * @property {[string, string][]} fields the form's fields, without its token
 */

const owner = /** @type {HTMLElement | null} */ (document.querySelector("[data-kept-owner]"))?.dataset.keptOwner ?? "";
const form = /** @type {HTMLFormElement | null} */ (document.querySelector("form[data-answers]"));
/** @type {any} */
const htmx = /** @type {any} */ (window).htmx;
const key = form ? `${PREFIX}${owner}:${form.dataset.answers}` : "";

/** @returns {string[]} */
function keys() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  } catch {
    return []; // no storage in this browser
  }
}

/** @param {string} name @returns {Kept | null} */
function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

/** @param {string} name */
function forget(name) {
  try {
    localStorage.removeItem(name);
  } catch {
    // nothing was kept
  }
}

/** @returns {boolean} whether this browser keeps it */
function keep() {
  // The employee's own device is no place for a citizen's answers.
  if (!form || document.querySelector("[data-keep-nothing]")) return false;
  const fields = [...new FormData(form)]
    .filter(([name]) => name !== "csrfmiddlewaretoken")
    .map(([name, value]) => [name, String(value)]);
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), url: form.getAttribute("hx-post"), fields }));
    return true;
  } catch {
    return false;
  }
}

/** @param {Kept} kept */
function asForm(kept) {
  const values = new FormData();
  for (const [name, value] of kept.fields) values.append(name, value);
  return values;
}

for (const name of keys()) {
  const kept = read(name);
  if (!kept || !name.startsWith(`${PREFIX}${owner}:`) || Date.now() - kept.at > WEEK) forget(name);
}

/** What was kept on other pages of questions: saved without a word, and left for its page where the server has one. */
async function bringOthers() {
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  for (const name of keys().filter((each) => each !== key)) {
    const kept = read(name);
    if (!kept || !(token instanceof HTMLInputElement)) continue;
    try {
      const answer = await fetch(kept.url, {
        method: "POST",
        body: asForm(kept),
        headers: { "X-CSRFToken": token.value, "HX-Request": "true" },
        credentials: "same-origin",
      });
      const isPage = answer.ok && !answer.headers.has("HX-Redirect");
      const isLeft = isPage && /question-elsewhere|form-error/.test(await answer.text());
      // A draft that was sent or called off meanwhile takes nothing any more, and says so where it is opened.
      if (answer.status < 500 && !isLeft && !isLogin(answer.headers.get("HX-Redirect"))) forget(name);
    } catch {
      return; // no connection
    }
  }
}

/** @param {string | null} address */
function isLogin(address) {
  return address !== null && address.includes("/login");
}

/** @param {HTMLFormElement} answers */
function watch(answers) {
  let changedAt = 0;
  let sentAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;

  const isOffline = () => document.querySelector("[data-saved-state='offline']") !== null;
  const save = () => answers.dispatchEvent(new Event("typed"));

  answers.addEventListener("input", () => {
    changedAt = performance.now();
    keep();
  });
  answers.addEventListener("htmx:configRequest", () => {
    sentAt = performance.now();
  });
  answers.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = /** @type {CustomEvent} */ (event).detail;
    clearTimeout(again);
    if (xhr.status === 0 || xhr.status >= 500) {
      again = setTimeout(save, AGAIN);
    } else if (xhr.status < 300 && !xhr.getResponseHeader("HX-Redirect") && changedAt <= sentAt) {
      forget(key);
    }
  });
  addEventListener("online", save);
  // Without a connection “Næste” would leave for a page of the browser's own, and what stands here with it.
  answers.addEventListener("submit", (event) => {
    const button = /** @type {SubmitEvent} */ (event).submitter;
    if (isOffline()) {
      event.preventDefault();
      save();
      document.querySelector("[data-saved-state]")?.scrollIntoView({ block: "center" });
    } else if (button instanceof HTMLButtonElement && ["keep", "take"].includes(button.name)) {
      forget(key); // the citizen has chosen
    }
  });
  const kept = read(key);
  if (kept) {
    forget(key);
    htmx.ajax("POST", kept.url, { target: "#questions", swap: "morph:innerHTML", values: asForm(kept) }).then(
      () => undefined,
      () => localStorage.setItem(key, JSON.stringify(kept)),
    );
  }
}

document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && event.target.matches("[data-log-off]")) keys().forEach(forget);
});
if (form) watch(form);
if (owner) bringOthers();
