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
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running.abort();
    const { signal } = (running = new AbortController());
    showStatus(operation, "Sending");
    try {
      const answer = await send(prepareRequest(readForm(form)), signal);
      if (!signal.aborted) showAnswer(operation, answer);
    } catch (error) {
      if (!signal.aborted)
        showStatus(operation, `No answer: ${error instanceof Error ? error.message : String(error)}`);
    }
  });

  form.querySelector("[data-part='example']")?.addEventListener("input", ({ target }) => {
    const body = form.querySelector("textarea");
    if (body !== null && target instanceof HTMLSelectElement) body.value = target.value;
  });
}
