// @ts-check
/**
 * Copies a field's text and says so. Where the browser does not let it, the text is marked to be copied by hand.
 *
 * @param {HTMLTextAreaElement} field
 * @param {HTMLElement} said  where it is said, in the words of its `data-text` and `data-failed`
 */
export default async function copy(field, said) {
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = said.dataset.text ?? "";
  } catch {
    field.focus();
    field.select();
    said.textContent = said.dataset.failed ?? "";
  }
}
