/**
 * Shows an answer below its form. Texts only: nothing that was answered becomes part of the page.
 *
 * @param {Element} operation
 * @param {import("./send.js").Answer} answer
 */
export function showAnswer(operation, { status, headers, body }) {
  write(operation, "status", status);
  write(operation, "headers", headers);
  write(operation, "answer-body", body === "" ? "(no body)" : body);
  setHidden(operation, false);
}

/**
 * Shows what came instead of an answer, or before it.
 *
 * @param {Element} operation
 * @param {string} text
 */
export function showStatus(operation, text) {
  write(operation, "status", text);
  setHidden(operation, true);
}

/**
 * @param {Element} operation
 * @param {string} part
 * @param {string} text
 */
function write(operation, part, text) {
  const target = operation.querySelector(`[data-part="${part}"]`);
  if (target !== null) target.textContent = text;
}

/**
 * @param {Element} operation
 * @param {boolean} isHidden
 */
function setHidden(operation, isHidden) {
  operation.querySelector("[data-part='answer']")?.toggleAttribute("hidden", isHidden);
}
