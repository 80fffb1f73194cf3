import type { Env, Problem } from "./env.ts";

const HEADERS = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
};

const QUOTA = { "RateLimit-Policy": '"default";q=1200;w=60' };

const ENTITY = {
  "Cache-Control": "private, no-cache, no-transform",
  Vary: "Accept, Authorization, X-API-Key",
  ...QUOTA,
};

const LIST = {
  "Cache-Control": "private, no-cache",
  Vary: "Accept, Accept-Encoding, Authorization, X-API-Key",
  ...QUOTA,
};

type Extra = Readonly<Record<string, string>>;

function hex(length: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Headers that every answer carries. */
function identify(env: Env, requestId: string = crypto.randomUUID()) {
  return {
    "X-Request-ID": requestId,
    "X-Version-Id": env.VERSION_ID,
    traceparent: `00-${hex(16)}-${hex(8)}-00`,
  };
}

/** A user, with the tag among the extra headers. */
export function userJson(env: Env, status: number, body: string, extra: Extra): Response {
  const headers = { ...HEADERS, ...ENTITY, ...identify(env), "Content-Type": "application/json", ...extra };
  return new Response(body, { status, headers });
}

/** A page of users. */
export function listJson(env: Env, body: string, extra: Extra = {}): Response {
  const headers = { ...HEADERS, ...LIST, ...identify(env), "Content-Type": "application/json", ...extra };
  return new Response(body, { headers });
}

/** 304: the client has it already. */
export function notModified(env: Env, tag: string): Response {
  return new Response(null, { status: 304, headers: { ...HEADERS, ...ENTITY, ...identify(env), ETag: tag } });
}

/** 204: it is done. */
export function done(env: Env): Response {
  const headers = { ...HEADERS, ...QUOTA, ...identify(env), "Cache-Control": "no-store" };
  return new Response(null, { status: 204, headers });
}

/** A probe's answer. */
export function health(env: Env): Response {
  const headers = { ...HEADERS, ...identify(env), "Cache-Control": "no-store", "Content-Type": "application/json" };
  return new Response(JSON.stringify({ status: "ok", timestamp: new Date().toISOString() }), { headers });
}

/** A refusal. */
export function problem(env: Env, pathname: string, recorded: Problem, extra: Extra): Response {
  const requestId = crypto.randomUUID();
  const identity = identify(env, requestId);
  const trace = { trace_id: identity.traceparent.slice(3, 35) };
  const body = { ...recorded, instance: pathname, request_id: requestId, ...trace };
  const headers = {
    ...HEADERS,
    ...identity,
    "Cache-Control": "no-store",
    "Content-Type": "application/problem+json",
    ...extra,
  };
  return new Response(JSON.stringify(body), { status: recorded.status, headers });
}

export const UNAUTHORIZED_HEADERS = { "WWW-Authenticate": 'ApiKey realm="users", header="X-API-Key"' };
export const LIMITED_HEADERS = { ...QUOTA, RateLimit: '"default";r=0;t=60', "Retry-After": "60" };
export const INVALID_HEADERS = QUOTA;
