/**
 * @typedef {{ readonly in: "path" | "query" | "header", readonly name: string, readonly value: string }} Field
 * @typedef {{ readonly scheme: string, readonly header: string, readonly prefix: string, readonly value: string }} Credential
 * @typedef {{
 *   readonly method: string,
 *   readonly path: string,
 *   readonly fields: readonly Field[],
 *   readonly mediaType: string | null,
 *   readonly body: string | null,
 *   readonly credentials: readonly Credential[],
 * }} Inputs
 * @typedef {{
 *   readonly method: string,
 *   readonly path: string,
 *   readonly headers: readonly (readonly [name: string, value: string])[],
 *   readonly credentials: readonly Credential[],
 *   readonly body: string | null,
 * }} PreparedRequest
 */

/**
 * What the inputs of a form ask for. Fields that are left empty are not sent; in the path, their name stays.
 *
 * @param {Inputs} inputs
 * @returns {PreparedRequest}
 */
export function prepareRequest({ method, path, fields, mediaType, body, credentials }) {
  const filled = fields.filter(({ value }) => value !== "");
  const query = new URLSearchParams(ofKind(filled, "query"));
  /** @type {(readonly [string, string])[]} */
  const type = mediaType === null ? [] : [["Content-Type", mediaType]];
  return {
    method,
    path: fillPath(path, new Map(ofKind(filled, "path"))) + (query.size === 0 ? "" : `?${query}`),
    headers: [...type, ...ofKind(filled, "header")],
    credentials,
    body,
  };
}

/**
 * @param {readonly Field[]} fields
 * @param {Field["in"]} kind
 * @returns {[string, string][]}
 */
function ofKind(fields, kind) {
  return fields.filter((field) => field.in === kind).map(({ name, value }) => [name, value]);
}

/**
 * @param {string} path
 * @param {ReadonlyMap<string, string>} values
 */
function fillPath(path, values) {
  return path.replaceAll(/\{([^}]+)\}/g, (template, name) => {
    const value = values.get(name);
    return value === undefined ? template : encodeURIComponent(value);
  });
}
