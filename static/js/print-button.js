// @ts-check
/** Shows the buttons that print the page: without this script the browser's own menu does it. */
document.querySelectorAll("[data-print]").forEach((button) => {
  if (!(button instanceof HTMLButtonElement)) return;
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
