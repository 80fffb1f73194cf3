// The ceiling: what a Worker with this contract takes at least to refuse, or to say that it runs. The same headers, the same body and
// one line for the log, by the cheapest way known; nothing is looked at but which of three answers is wanted.
import type { Env } from "./floor/env.ts";

const COMMON = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
};
const PROBLEM = { ...COMMON, "Content-Type": "application/problem+json" };

/** As in `floor/answer.ts`, but made once: a response copies them. */
const HEADERS = {
  health: new Headers({ ...COMMON, "Content-Type": "application/json" }),
  unauthorized: new Headers({ ...PROBLEM, "WWW-Authenticate": 'ApiKey realm="users", header="X-API-Key"' }),
  limited: new Headers({
    ...PROBLEM,
    "RateLimit-Policy": '"default";q=1200;w=60',
    RateLimit: '"default";r=0;t=60',
    "Retry-After": "60",
  }),
} as const;

type Kind = keyof typeof HEADERS;

/** As long as the API's own. */
const LOG_LINE = `{"event":"request",${"-".repeat(440)}}`;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

export default {
  fetch({ url, headers }: Request, env: Env): Response {
    const kind = kindOf(url, headers);
    const requestId = crypto.randomUUID();
    const own = HEADERS[kind];
    own.set("X-Request-ID", requestId);
    own.set("traceparent", TRACEPARENT);
    own.set("X-Version-Id", env.VERSION_ID);
    const [status, body] = answerOf(kind, env, url, requestId);
    const response = new Response(body, { status, headers: own });
    console.warn(LOG_LINE);
    return response;
  },
};

function kindOf(url: string, headers: Headers): Kind {
  if (url.endsWith("/health")) return "health";
  return headers.has("X-API-Key") ? "limited" : "unauthorized";
}

function answerOf(kind: Kind, env: Env, url: string, requestId: string): [status: number, body: string] {
  if (kind === "health") return [200, JSON.stringify({ status: "ok", timestamp: new Date().toISOString() })];
  const problem = env.PROBLEMS[kind];
  const instance = url.slice(url.indexOf("/", url.indexOf("://") + 3));
  return [problem.status, JSON.stringify({ ...problem, instance, request_id: requestId })];
}
