/**
 * The same request as a command for a POSIX shell. Credentials are variables of the shell: a command is soon pasted
 * somewhere else.
 *
 * @param {import("./request.js").PreparedRequest} request
 * @param {string} origin
 */
export function toCurl({ method, path, headers, credentials, body }, origin) {
  const parts = [`curl -i ${quote(origin + path)}`];
  if (method !== "GET") parts.push(`-X ${method}`);
  for (const [name, value] of headers) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  for (const { scheme, header, prefix } of credentials) {
    parts.push(`-H "${header}: ${prefix}$${variableOf(scheme)}"`);
  }
  if (body !== null) parts.push(`--data-raw ${quote(body)}`);
  return parts.join(" \\\n  ");
}

/** @param {string} text */
function quote(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * `API_KEY` for `apiKey`.
 *
 * @param {string} scheme
 */
function variableOf(scheme) {
  return scheme
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_")
    .replaceAll(/\W/g, "_")
    .toUpperCase();
}
