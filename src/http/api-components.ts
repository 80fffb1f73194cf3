import { API_VERSION } from "./api-version.ts";
import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";

/** A response header of the description. */
export interface HeaderDescription {
  readonly description: string;
  /** Whether it is on every response that names it. */
  readonly required: boolean;
  readonly schema: HeaderSchema;
  readonly example: string | number;
}

/** Every value has bounds, so that clients can set aside room for it. */
type HeaderSchema =
  | { readonly type: "string"; readonly enum: string[] }
  | { readonly type: "string"; readonly maxLength: number; readonly pattern: string }
  | { readonly type: "integer"; readonly format: "int32"; readonly minimum: number; readonly maximum: number };

/** A named example of a body. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

const USER_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const CURSOR = "q1Yu3kQ0mZ9xT2sLr8vJdDE3Njk4Njg4MDAwMDAuMDE5MzJmMmUtOWQ1YS03YzMxLWIzZjQtMmY2ZjNjOWQ4YTEw";
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const TIME = "2026-01-31T12:00:00.000Z";

const always = (description: string, schema: HeaderSchema, example: string): HeaderDescription => ({
  description,
  required: true,
  schema,
  example,
});

const sometimes = (description: string, schema: HeaderSchema, example: string | number): HeaderDescription => ({
  description,
  required: false,
  schema,
  example,
});

const text = (maxLength: number, pattern: string): HeaderSchema => ({ type: "string", maxLength, pattern });
const oneOf = (...values: string[]): HeaderSchema => ({ type: "string", enum: values });

/** Every response header that an operation refers to; the Worker's bundle has only their names. */
export const HEADERS = {
  "Accept-Patch": sometimes(
    "On PATCH: the formats that it reads.",
    text(200, "^[a-z+/, -]+$"),
    "application/merge-patch+json, application/json",
  ),
  "Access-Control-Allow-Origin": sometimes(
    "Whose pages may read the response, where the operator has named the request's origin.",
    text(255, String.raw`^(?:\*|[a-z][a-z0-9+.-]*://[^ ]+)$`),
    "https://app.example.com",
  ),
  "Bearer-Challenge": sometimes(
    "Which scope is missing, where bearer tokens are accepted.",
    text(500, "^Bearer "),
    'Bearer realm="users", error="insufficient_scope", scope="users:write", ApiKey realm="users", header="X-API-Key"',
  ),
  "Cache-Control": always(
    "Whether and how the response may be stored.",
    oneOf("no-store", "no-cache", "private, no-cache", "private, no-cache, no-transform"),
    "no-store",
  ),
  ETag: always(
    "Validator of the returned state; another state has another one.",
    text(200, '^(?:W/)?"[^"]*"$'),
    `"${USER_ID}.1"`,
  ),
  "Idempotent-Replayed": sometimes(
    "`true` when this is the answer of an earlier request with the same key.",
    oneOf("true"),
    "true",
  ),
  Link: sometimes(
    'The next page, as rel="next"; absent on the last page.',
    text(2_048, "^<[^<>]+>; rel="),
    `</api/v1/users?limit=20&cursor=${CURSOR}>; rel="next"`,
  ),
  Location: always(
    "Path of the new user.",
    text(100, "^/api/v1/users/id/[0-9a-f-]{36}$"),
    `/api/v1/users/id/${USER_ID}`,
  ),
  RateLimit: sometimes(
    "What is left of the quota, once it is used up.",
    text(100, '^"[a-z-]+";r=[0-9]+;t=[0-9]+$'),
    '"default";r=0;t=60',
  ),
  "RateLimit-Policy": sometimes(
    "The quota: requests per window of seconds.",
    text(100, '^"[a-z-]+";q=[0-9]+;w=[0-9]+$'),
    '"default";q=600;w=60',
  ),
  "Retry-After": sometimes(
    "Seconds to wait before trying again.",
    { type: "integer", format: "int32", minimum: 1, maximum: 3_600 },
    5,
  ),
  "Server-Timing": sometimes(
    "Milliseconds that the service waited for its database, and took in all; only where the operator shows them.",
    text(100, String.raw`^db;dur=[0-9]+(?:\.[0-9]+)?, total;dur=[0-9]+(?:\.[0-9]+)?$`),
    "db;dur=2, total;dur=3",
  ),
  "Timing-Allow-Origin": sometimes(
    "Whose pages may read the durations of the request, where they may read the response and there is `Server-Timing`.",
    text(255, String.raw`^(?:\*|[a-z][a-z0-9+.-]*://[^ ]+)$`),
    "https://app.example.com",
  ),
  "WWW-Authenticate": always(
    "How to authenticate.",
    text(500, "^(?:ApiKey|Bearer) "),
    'ApiKey realm="users", header="X-API-Key"',
  ),
  "X-Request-ID": always(
    "Id of this request: your own if you sent a valid one.",
    text(128, "^[A-Za-z0-9._-]+$"),
    "0192f0c1-7d4e-4f6a-9c1e-3b8a5d2e7f60",
  ),
  "X-Version-Id": always(
    "Version of the service that answered; `local` in development.",
    text(128, "^[A-Za-z0-9._-]+$"),
    "local",
  ),
  traceparent: always(
    "Place of this request in its trace (W3C Trace Context).",
    text(55, "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"),
    `00-${TRACE_ID}-00f067aa0ba902b7-01`,
  ),
  tracestate: sometimes(
    "Your own `tracestate`, with a `traceparent` that is continued: whole members, up to 512 characters.",
    text(512, "^[a-z0-9][ -~]*=[ -~]*$"),
    "vendor=opaque",
  ),
} as const satisfies Readonly<Record<string, HeaderDescription>>;

export type HeaderName = keyof typeof HEADERS;

const USER = {
  id: USER_ID,
  username: "jdoe",
  email: "jdoe@example.com",
  full_name: "John Doe",
  created_at: TIME,
  updated_at: TIME,
};

const CREATED = {
  id: "01932f2e-a1c4-7b02-9d55-6f0c1e8a7b33",
  type: "user.created",
  occurred_at: TIME,
  user_id: USER_ID,
  user_version: 1,
  user: USER,
};
const DELETED = {
  ...CREATED,
  id: "01932f2f-0b7e-7a4d-8c11-2b9f5d3e6c42",
  type: "user.deleted",
  user_id: "01932f2e-0c11-7f3a-a2b4-9c8d7e6f5a41",
  user_version: 3,
  user: null,
};

const LINKS = { documentation: "/docs", openapi: "/openapi.json", health: "/health", users: "/api/v1/users" };

/** Every example that an operation refers to, besides those of the problems. */
export const BODY_EXAMPLES = {
  "change-email": { summary: "Change one field", value: { email: "john.doe@example.com" } },
  "change-nothing": { summary: "Change nothing", value: {} },
  events: { summary: "Events", value: { data: [CREATED, DELETED], next_cursor: CURSOR } },
  flags: {
    summary: "A stream for a quarter of the callers",
    value: {
      timestamp: TIME,
      file: "loaded",
      age_ms: 12_000,
      flags: [{ name: "users-events-stream", state: "25%", is_default: false }],
    },
  },
  "last-page": { summary: "The last page", value: { data: [USER], next_cursor: null } },
  live: { summary: "Live", value: { status: "ok", timestamp: TIME } },
  "new-user": { summary: "A new user", value: { username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" } },
  "no-events": { summary: "Nothing has happened", value: { data: [], next_cursor: CURSOR } },
  "not-ready": {
    summary: "Not ready",
    value: { status: "not_ready", timestamp: TIME, checks: { database: "unhealthy" } },
  },
  "not-started": {
    summary: "Database too old",
    value: { status: "not_started", timestamp: TIME, checks: { configuration: "healthy", migrations: "unhealthy" } },
  },
  page: { summary: "A page that others follow", value: { data: [USER], next_cursor: CURSOR } },
  ready: { summary: "Ready", value: { status: "ready", timestamp: TIME, checks: { database: "healthy" } } },
  root: { summary: "This service", value: { name: "users-api", version: API_VERSION, links: LINKS } },
  started: {
    summary: "Started",
    value: { status: "started", timestamp: TIME, checks: { configuration: "healthy", migrations: "healthy" } },
  },
  user: { summary: "A user", value: USER },
} as const satisfies Readonly<Record<string, Example>>;

export type ExampleName = keyof typeof BODY_EXAMPLES;

/** What each problem looks like on the wire. */
export function problemExample(code: ProblemCode): Example {
  const { title, status, detail } = PROBLEM_TYPES[code];
  const instance = INSTANCES[code] ?? "/api/v1/users";
  const value = {
    type: `/problems/${code}`,
    title,
    status,
    detail,
    instance,
    request_id: "0192f0c1-7d4e-4f6a-9c1e-3b8a5d2e7f60",
    trace_id: TRACE_ID,
  };
  if (code !== "validation-failed") return { summary: title, value };
  const errors = [{ pointer: "/username", code: "too_short", detail: "Give at least 3 characters." }];
  return { summary: title, value: { ...value, errors } };
}

const INSTANCES: Partial<Record<ProblemCode, string>> = {
  "route-not-found": "/problems/no-such-problem",
  "user-not-found": `/api/v1/users/id/${USER_ID}`,
};
