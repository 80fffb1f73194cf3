import { CURSOR, TRACE_ID, USER_ID, WEBHOOK_ID } from "./api-components.ts";
import { API_VERSION } from "./api-version.ts";
import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";

/** A named example of a body. */
export interface Example {
  readonly summary: string;
  readonly value: unknown;
}

const TIME = "2026-01-31T12:00:00.000Z";

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

const WEBHOOK = {
  id: WEBHOOK_ID,
  url: "https://hooks.example.com/users",
  description: "Mailing list",
  event_types: ["user.created", "user.deleted"],
  status: "enabled",
  disabled_reason: null,
  previous_secret_expires_at: null,
  created_at: TIME,
  updated_at: TIME,
};

const DELIVERED = {
  event_id: CREATED.id,
  event_type: "user.created",
  user_id: USER_ID,
  state: "delivered",
  attempts: 2,
  next_attempt_at: null,
  last_attempt_at: TIME,
  last_status: 204,
  last_error: null,
  delivered_at: TIME,
  created_at: TIME,
};
const TEST_DELIVERY = {
  ...DELIVERED,
  event_id: "01932f31-7c2d-7e66-9b3a-4d5e6f708192",
  event_type: "webhook.test",
  user_id: null,
  state: "pending",
  attempts: 0,
  next_attempt_at: TIME,
  last_attempt_at: null,
  last_status: null,
  delivered_at: null,
};

const LINKS = { documentation: "/docs", openapi: "/openapi.json", health: "/health", users: "/api/v1/users" };

/** Every example that an operation refers to, besides those of the problems. */
export const BODY_EXAMPLES = {
  "change-email": { summary: "Change one field", value: { email: "john.doe@example.com" } },
  "change-nothing": { summary: "Change nothing", value: {} },
  deliveries: { summary: "Deliveries", value: { data: [TEST_DELIVERY, DELIVERED], next_cursor: null } },
  "disable-webhook": { summary: "Send nothing for now", value: { status: "disabled" } },
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
  "new-webhook": {
    summary: "A new endpoint",
    value: {
      url: "https://hooks.example.com/users",
      description: "Mailing list",
      event_types: ["user.created", "user.deleted"],
    },
  },
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
  "test-delivery": { summary: "A test that will be sent", value: TEST_DELIVERY },
  user: { summary: "A user", value: USER },
  webhook: { summary: "An endpoint", value: WEBHOOK },
  "webhook-with-secret": {
    summary: "An endpoint with its secret",
    value: { ...WEBHOOK, secret: "whsec_YW4gZXhhbXBsZSBhbmQgbm9ib2R5J3Mgc2VjcmV0ISE=" },
  },
  webhooks: { summary: "The endpoints", value: { data: [WEBHOOK] } },
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
  const errors = INPUT_ERRORS[code];
  return { summary: title, value: errors === undefined ? value : { ...value, errors } };
}

const INPUT_ERRORS: Partial<Record<ProblemCode, readonly object[]>> = {
  "validation-failed": [{ pointer: "/username", code: "too_short", detail: "Give at least 3 characters." }],
  "webhook-url-refused": [
    { pointer: "/url", code: "invalid_format", detail: "Give an address on the public internet." },
  ],
};

const INSTANCES: Partial<Record<ProblemCode, string>> = {
  "route-not-found": "/problems/no-such-problem",
  "user-not-found": `/api/v1/users/id/${USER_ID}`,
  "webhook-disabled": `/api/v1/webhooks/${WEBHOOK_ID}/test`,
  "webhook-limit-reached": "/api/v1/webhooks",
  "webhook-not-found": `/api/v1/webhooks/${WEBHOOK_ID}`,
  "webhook-url-refused": "/api/v1/webhooks",
};
