const CONFIRMATION_MS = 2000;

/**
 * Makes a button copy the text of the element that it names. Where the browser lends no clipboard (on plain http, but for
 * the own machine), the button stays hidden.
 *
 * @param {HTMLElement} button
 */
export function prepareCopyButton(button) {
  if (!isSecureContext) return;
  const label = button.textContent ?? "";
  button.hidden = false;
  button.addEventListener("click", () => {
    const source = document.getElementById(button.dataset["copies"] ?? "");
    void copy(source?.textContent ?? "").then((outcome) => {
      button.textContent = outcome;
      setTimeout(() => (button.textContent = label), CONFIRMATION_MS);
    });
  });
}

/**
 * Gives what the button says of it.
 *
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    return "Not allowed";
  }
}
