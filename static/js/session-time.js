// @ts-check
/**
 * Warns two minutes before the session ends, and lets it go on. The server's clock decides: before anything is
 * shown or ended it is asked how much time is left, since another tab may have used the session meanwhile.
 */

// @ts-expect-error: of the design system, laid there where the static files are gathered
import Modal from "../dkfds/js/modal.js";

const WARN_SECONDS = 120;
const LONGEST_WAIT = 60_000; // a computer that slept finds out soon after it wakes

const dialog = document.querySelector("#session-time");
if (dialog instanceof HTMLElement) watch(dialog);

/** @param {HTMLElement} dialog */
function watch(dialog) {
  const url = dialog.dataset.sessionUrl ?? "";
  const clock = dialog.querySelector("[data-session-clock]");
  const stay = dialog.querySelector("[data-session-stay]");
  const close = dialog.querySelector("[data-session-close]");
  const idle = dialog.querySelector("[data-session-idle]");
  const final = dialog.querySelector("[data-session-final]");
  const token = dialog.querySelector("[name=csrfmiddlewaretoken]");
  const modal = new Modal(dialog);
  let endsAt = Date.now() + Number(dialog.dataset.sessionSeconds) * 1000;
  let isShown = false;
  let isRead = false; // they saw that it cannot go on, and are finishing their work

  const secondsLeft = () => Math.max(0, Math.round((endsAt - Date.now()) / 1000));

  /** @param {"GET" | "POST"} method */
  async function ask(method) {
    const headers = { "X-CSRFToken": token instanceof HTMLInputElement ? token.value : "" };
    const answer = await fetch(url, { method, headers, credentials: "same-origin", cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const left = await answer.json();
    endsAt = Date.now() + left.seconds * 1000;
    for (const [element, hidden] of [
      [stay, !left.extendable],
      [idle, !left.extendable],
      [close, left.extendable],
      [final, left.extendable],
    ]) {
      if (element instanceof HTMLElement) element.hidden = Boolean(hidden);
    }
  }

  function leave() {
    location.assign(dialog.dataset.endedUrl ?? "/");
  }

  function hide() {
    if (isShown) modal.hide();
    isShown = false;
  }

  async function look() {
    let wait = 1000;
    if (secondsLeft() <= WARN_SECONDS) {
      try {
        if (!isShown || secondsLeft() === 0) await ask("GET");
        if (secondsLeft() === 0) return leave();
        if (secondsLeft() > WARN_SECONDS) hide();
        else if (!isShown && !isRead) {
          isShown = true;
          modal.show();
        }
      } catch {
        wait = 5000; // no connection: nothing is known, so nothing is ended
      }
    }
    const left = secondsLeft();
    if (clock) clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left > WARN_SECONDS) wait = Math.min((left - WARN_SECONDS) * 1000, LONGEST_WAIT);
    setTimeout(look, wait);
  }

  stay?.addEventListener("click", async () => {
    try {
      await ask("POST");
    } catch {
      return;
    }
    if (secondsLeft() === 0) leave();
    else hide();
  });
  close?.addEventListener("click", () => {
    isRead = true;
    hide();
  });
  look();
}
