/**
 * What stands in a form, as the inputs of a request.
 *
 * @param {HTMLFormElement} form
 * @returns {import("./request.js").Inputs}
 */
export function readForm(form) {
  const { method = "GET", path = "/", schemes = "" } = form.dataset;
  return {
    method,
    path,
    fields: controlsOf(form, "[data-in]").map(({ name, value, dataset }) => ({ in: placeOf(dataset.in), name, value })),
    mediaType: valueOf(form, "[data-part='media-type']"),
    body: valueOf(form, "[data-part='body']"),
    credentials: readCredentials(schemes.split(" ")),
  };
}

/**
 * What the reader has entered for these schemes; it lives in its fields alone, as long as the page.
 *
 * @param {readonly string[]} schemes
 */
function readCredentials(schemes) {
  return controlsOf(document, "[data-scheme]")
    .map(({ value, dataset: { scheme = "", header = "", prefix = "" } }) => ({ scheme, header, prefix, value }))
    .filter(({ scheme, value }) => value !== "" && schemes.includes(scheme));
}

/**
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control
 *
 * @param {ParentNode} parent
 * @param {string} selector
 * @returns {Control[]}
 */
function controlsOf(parent, selector) {
  /** @type {NodeListOf<Control>} */
  const controls = parent.querySelectorAll(`:is(input, select, textarea)${selector}`);
  return [...controls];
}

/**
 * @param {HTMLFormElement} form
 * @param {string} selector
 */
function valueOf(form, selector) {
  return controlsOf(form, selector)[0]?.value ?? null;
}

/**
 * @param {string | undefined} text
 * @returns {import("./request.js").Field["in"]}
 */
function placeOf(text) {
  return text === "path" || text === "header" ? text : "query";
}
