const SAFE_REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The request's id: the client's own when it is harmless, else a new one. Echoed in `X-Request-ID`. */
export function readRequestId(headers: Headers): string {
  const given = headers.get("X-Request-ID");
  return given !== null && SAFE_REQUEST_ID.test(given) ? given : crypto.randomUUID();
}
