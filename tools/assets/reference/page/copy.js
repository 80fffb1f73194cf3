const CONFIRMATION_MS = 2000;

/**
 * Makes a button copy the text of the element that it names. Where the browser lends no clipboard (on plain http, but for
 * the own machine), the button stays hidden.
 *
 * @param {HTMLElement} button
 */
export function prepareCopyButton(button) {
  // Typed as always there, which it is in secure contexts only.
  if (!isSecureContext) return;
  const label = button.textContent ?? "";
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copies ?? "");
    button.textContent = await copy(source?.textContent ?? "");
    setTimeout(() => (button.textContent = label), CONFIRMATION_MS);
  });
}

/** @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Not allowed";
  }
}
