import { toCurl } from "./curl.js";
import { readForm } from "./form.js";
import { prepareRequest } from "./request.js";

/** Writes below each form the command for what stands in it. */
export function showCommands() {
  for (const form of document.querySelectorAll("form")) {
    const command = document.getElementById(`${form.closest("article")?.id}-curl`);
    const inputs = readForm(form);
    const request = prepareRequest({ ...inputs, credentials: namedCredentials(form, inputs) });
    if (command !== null) command.textContent = toCurl(request, location.origin);
  }
}

/**
 * A command names a credential that its operation needs, also when none has been entered.
 *
 * @param {HTMLFormElement} form
 * @param {import("./request.js").Inputs} inputs
 */
function namedCredentials({ dataset: { schemes = "" } }, { credentials }) {
  if (credentials.length > 0) return credentials;
  const [scheme] = schemes.split(" ");
  return [...document.querySelectorAll("input")]
    .filter(({ dataset }) => dataset["scheme"] !== undefined && dataset["scheme"] === scheme)
    .map(({ dataset: { scheme = "", header = "", prefix = "" } }) => ({ scheme, header, prefix, value: "" }));
}
