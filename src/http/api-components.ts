import { API_VERSION, type ExampleName, type HeaderName } from "./openapi.ts";
import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";

/** A response header of the description. */
export interface HeaderDescription {
  readonly description: string;
  /** Whether it is on every response that names it. */
  readonly required: boolean;
  readonly schema: { readonly type: "string" | "integer" };
  readonly example: string | number;
}

/** A named example of a body. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

const USER_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";
const CURSOR = "q1Yu3kQ0mZ9xT2sLr8vJdDE3Njk4Njg4MDAwMDAuMDE5MzJmMmUtOWQ1YS03YzMxLWIzZjQtMmY2ZjNjOWQ4YTEw";
const TIME = "2026-01-31T12:00:00.000Z";

const always = (description: string, example: string): HeaderDescription => ({
  description,
  required: true,
  schema: { type: "string" },
  example,
});

const sometimes = (description: string, example: string | number): HeaderDescription => ({
  description,
  required: false,
  schema: { type: typeof example === "number" ? "integer" : "string" },
  example,
});

/** Every response header that an operation refers to. */
export const HEADERS: Readonly<Record<HeaderName, HeaderDescription>> = {
  "Accept-Patch": sometimes("On PATCH: the formats that it reads.", "application/merge-patch+json, application/json"),
  "Cache-Control": always("Whether and how the response may be stored.", "no-store"),
  ETag: always("Validator of the returned state; another state has another one.", `"${USER_ID}.1"`),
  Link: sometimes(
    'The next page, as rel="next"; absent on the last page.',
    `</api/v1/users?limit=20&cursor=${CURSOR}>; rel="next"`,
  ),
  Location: always("Path of the new user.", `/api/v1/users/id/${USER_ID}`),
  "Retry-After": sometimes("Seconds to wait before trying again.", 5),
  "WWW-Authenticate": always("How to authenticate.", 'ApiKey realm="users", header="X-API-Key"'),
  "X-Request-ID": always(
    "Id of this request: your own if you sent a valid one.",
    "0192f0c1-7d4e-4f6a-9c1e-3b8a5d2e7f60",
  ),
  "X-Version-Id": always("Version of the service that answered; `local` in development.", "local"),
  traceparent: always(
    "Place of this request in its trace (W3C Trace Context).",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
  ),
};

const USER = {
  id: USER_ID,
  username: "jdoe",
  email: "jdoe@example.com",
  full_name: "John Doe",
  created_at: TIME,
  updated_at: TIME,
};

const LINKS = { documentation: "/docs", openapi: "/openapi.json", health: "/health", users: "/api/v1/users" };

/** Every example that an operation refers to, besides those of the problems. */
export const BODY_EXAMPLES: Readonly<Record<ExampleName, Example>> = {
  "change-email": { summary: "Change one field", value: { email: "john.doe@example.com" } },
  "change-nothing": { summary: "Change nothing", value: {} },
  "last-page": { summary: "The last page", value: { data: [USER], next_cursor: null } },
  live: { summary: "Live", value: { status: "ok", timestamp: TIME } },
  "new-user": { summary: "A new user", value: { username: "jdoe", email: "jdoe@example.com", full_name: "John Doe" } },
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
};

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
  };
  if (code !== "validation-failed") return { summary: title, value };
  const errors = [{ pointer: "/username", code: "too_short", detail: "Give at least 3 characters." }];
  return { summary: title, value: { ...value, errors } };
}

const INSTANCES: Partial<Record<ProblemCode, string>> = {
  "route-not-found": "/problems/no-such-problem",
  "user-not-found": `/api/v1/users/id/${USER_ID}`,
};
