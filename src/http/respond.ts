import type { AppContext } from "./context.ts";
import type { Answer, HeaderGroup, OwnHeaders } from "./response-headers.ts";

/** JSON that is nobody's own and is not kept. */
const PLAIN_JSON: HeaderGroup = { "Content-Type": "application/json" };

/** An answer without content. */
export const NO_CONTENT: HeaderGroup = {};

const NONE: OwnHeaders = [];

/** The only maker of responses: every one carries the headers of every response, of its kind and its own. */
export function respond(
  { env }: AppContext,
  status: number,
  body: Answer["body"],
  kind: HeaderGroup,
  own: OwnHeaders = NONE,
): Response {
  return env.responseHeaders.respond(env, { status, body, kind, own });
}

/** A JSON answer that nobody may keep. */
export function respondJson(c: AppContext, status: number, value: unknown, own: OwnHeaders = NONE): Response {
  return respond(c, status, JSON.stringify(value), PLAIN_JSON, own);
}

/** Hands on a socket that somebody else serves; the answer to its upgrade has the headers of every response. */
export function respondWithSocket(c: AppContext, webSocket: WebSocket): Response {
  const { headers } = respond(c, 204, null, NO_CONTENT);
  const init = { status: 101, headers, webSocket };
  return new Response(null, init);
}
