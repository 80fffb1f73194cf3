import { cors } from "@connectrpc/connect";

import type { HeaderGroup, OwnHeaders } from "../../../src/http/response-headers.ts";

/** Origins whose pages may call; `"*"` for all, null for none. */
export type Origins = readonly string[] | "*" | null;

/** Beside those of the protocols: who calls, and in which trace. */
const REQUEST_HEADERS = [
  ...cors.allowedHeaders,
  "Authorization",
  "X-API-Key",
  "X-Request-ID",
  "traceparent",
  "tracestate",
].join(", ");

const RESPONSE_HEADERS = [
  ...cors.exposedHeaders,
  "Deprecation",
  "RateLimit",
  "RateLimit-Policy",
  "Retry-After",
  "Sunset",
  "WWW-Authenticate",
  "X-Request-ID",
  "X-Version-Id",
].join(", ");

/** As at the API: browsers ask again after this time at the latest. */
const PREFLIGHT_MAX_AGE_SECONDS = 7_200;

/** What every answer to this request says to browsers; null for nothing. */
export type Cors = (request: Request) => HeaderGroup | null;

/** Cross-origin access by the API's rules: closed unless configured, and never with credentials of the browser. */
export function createCors(origins: Origins): Cors {
  if (origins === null) return () => null;
  const groups = new Map((origins === "*" ? ["*"] : origins).map((origin) => [origin, groupsOf(origin)]));
  return (request) => {
    const origin = request.headers.get("Origin");
    const group = origin === null ? undefined : groups.get(origins === "*" ? "*" : origin);
    if (group === undefined) return null;
    return isPreflight(request) ? group.preflight : group.ordinary;
  };
}

function groupsOf(origin: string): Record<"preflight" | "ordinary", HeaderGroup> {
  const preflight = { "Access-Control-Allow-Origin": origin };
  return { preflight, ordinary: { ...preflight, "Access-Control-Expose-Headers": RESPONSE_HEADERS } };
}

/** What the answer to a preflight of an allowed origin adds. */
export function allowPreflight(request: Request, methods: string): OwnHeaders {
  if (!isPreflight(request)) return [];
  return [
    ["Access-Control-Allow-Methods", methods],
    ["Access-Control-Allow-Headers", REQUEST_HEADERS],
    ["Access-Control-Max-Age", String(PREFLIGHT_MAX_AGE_SECONDS)],
  ];
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("Access-Control-Request-Method");
}
