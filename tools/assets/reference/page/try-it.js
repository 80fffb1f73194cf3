import { showAnswer, showStatus } from "./answer.js";
import { readForm } from "./form.js";
import { prepareRequest } from "./request.js";
import { send } from "./send.js";

/**
 * Makes a form send its request; a new one takes the place of one that still runs.
 *
 * @param {HTMLFormElement} form
 */
export function prepareForm(form) {
  const operation = form.closest("article") ?? form;
  let running = new AbortController();

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    running.abort();
    running = new AbortController();
    void run(form, operation, running.signal);
  });

  form.querySelector("[data-part='example']")?.addEventListener("input", ({ target }) => {
    const body = form.querySelector("textarea");
    if (body !== null && target instanceof HTMLSelectElement) body.value = target.value;
  });
}

/**
 * Sends what stands in the form and shows what comes of it, unless another request has taken its place.
 *
 * @param {HTMLFormElement} form
 * @param {Element} operation
 * @param {AbortSignal} signal
 */
async function run(form, operation, signal) {
  showStatus(operation, "Sending");
  try {
    const answer = await send(prepareRequest(readForm(form)), signal);
    if (!signal.aborted) showAnswer(operation, answer);
  } catch (error) {
    if (!signal.aborted) showStatus(operation, `No answer: ${error instanceof Error ? error.message : String(error)}`);
  }
}
