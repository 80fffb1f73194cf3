/**
 * @typedef {{
 *   readonly status: string,
 *   readonly headers: string,
 *   readonly body: string,
 * }} Answer
 */

/**
 * Sends a request to the page's own origin. Rejects when there is no answer, or when the browser refuses to send it.
 *
 * @param {import("./request.js").PreparedRequest} request
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function send({ method, path, headers, credentials, body }, signal) {
  const start = performance.now();
  const secrets = credentials.map(({ header, prefix, value }) => /** @type {const} */ ([header, prefix + value]));
  const response = await fetch(path, {
    method,
    headers: [...headers, ...secrets].map(([name, value]) => [name, value]),
    body,
    signal,
    // The answer is to be that of the service, and nothing that the browser knows of the reader belongs to the request.
    cache: "no-store",
    credentials: "omit",
    redirect: "manual",
  });
  const text = await response.text();
  const ms = Math.round(performance.now() - start);
  return {
    status: `${response.status} ${response.statusText}`.trim() + ` in ${ms} ms`,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"),
    body: isJson(response) ? indent(text) : text,
  };
}

/** @param {Response} response */
function isJson({ headers }) {
  return /^application\/(?:[\w.-]+\+)?json\b/.test(headers.get("Content-Type") ?? "");
}

/** @param {string} text */
function indent(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
