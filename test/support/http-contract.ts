import type { ProblemCode } from "../../src/http/problem-registry.ts";

/*
 * What the API promises, written down a second time: tests hold the routes, the document and the problem registry to it.
 */

/** Ids that no fake knows unless a test puts them there. */
export const ABSENT_ID = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

export interface KnownPath {
  readonly template: string;
  /** An address that the template matches. */
  readonly path: string;
  readonly allow: string;
}

const READ_ONLY = "GET, HEAD, OPTIONS";
const page = (path: string): KnownPath => ({ template: path, path, allow: READ_ONLY });

/** Paths outside authentication, limits and negotiation. */
export const PUBLIC_PATHS: readonly KnownPath[] = [
  page("/"),
  page("/health"),
  page("/health/live"),
  page("/ready"),
  page("/health/ready"),
  page("/health/startup"),
  page("/health/flags"),
  page("/openapi.json"),
  page("/docs"),
  { template: "/docs/:file", path: "/docs/init.js", allow: READ_ONLY },
  { template: "/problems/:code", path: "/problems/user-not-found", allow: READ_ONLY },
];

const USER_PATHS: readonly KnownPath[] = [
  { template: "/api/v1/users", path: "/api/v1/users", allow: "GET, HEAD, OPTIONS, POST" },
  {
    template: "/api/v1/users/id/:id",
    path: `/api/v1/users/id/${ABSENT_ID}`,
    allow: "DELETE, GET, HEAD, OPTIONS, PATCH",
  },
  page("/api/v1/users/events"),
  { template: "/api/v1/users/username/:username", path: "/api/v1/users/username/nobody", allow: READ_ONLY },
];

const WEBHOOK_PATHS: readonly KnownPath[] = [
  { template: "/api/v1/webhooks", path: "/api/v1/webhooks", allow: "GET, HEAD, OPTIONS, POST" },
  {
    template: "/api/v1/webhooks/:id",
    path: `/api/v1/webhooks/${ABSENT_ID}`,
    allow: "DELETE, GET, HEAD, OPTIONS, PATCH",
  },
  {
    template: "/api/v1/webhooks/:id/rotate",
    path: `/api/v1/webhooks/${ABSENT_ID}/rotate`,
    allow: "OPTIONS, POST",
  },
  { template: "/api/v1/webhooks/:id/test", path: `/api/v1/webhooks/${ABSENT_ID}/test`, allow: "OPTIONS, POST" },
  { template: "/api/v1/webhooks/:id/deliveries", path: `/api/v1/webhooks/${ABSENT_ID}/deliveries`, allow: READ_ONLY },
];

/** Every path of the API; a test holds it against the app's own routes. */
export const KNOWN_PATHS: readonly KnownPath[] = [...PUBLIC_PATHS, ...USER_PATHS, ...WEBHOOK_PATHS];

/** Methods that a `Request` can carry. */
export const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] as const;

/** One request per operation on users, each valid by itself. */
export const USER_OPERATIONS = [
  { name: "list", method: "GET", path: "/api/v1/users", scope: "users:read" },
  { name: "create", method: "POST", path: "/api/v1/users", scope: "users:write" },
  { name: "get by id", method: "GET", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:read" },
  { name: "get by username", method: "GET", path: "/api/v1/users/username/nobody", scope: "users:read" },
  { name: "update", method: "PATCH", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:write" },
  { name: "delete", method: "DELETE", path: `/api/v1/users/id/${ABSENT_ID}`, scope: "users:write" },
] as const;

/** One request per operation on webhook endpoints, each valid by itself. */
export const WEBHOOK_OPERATIONS = [
  { name: "list", method: "GET", path: "/api/v1/webhooks" },
  { name: "create", method: "POST", path: "/api/v1/webhooks", body: { url: "https://hooks.example.com/" } },
  { name: "get", method: "GET", path: `/api/v1/webhooks/${ABSENT_ID}` },
  { name: "update", method: "PATCH", path: `/api/v1/webhooks/${ABSENT_ID}`, body: { status: "disabled" } },
  { name: "delete", method: "DELETE", path: `/api/v1/webhooks/${ABSENT_ID}` },
  { name: "rotate", method: "POST", path: `/api/v1/webhooks/${ABSENT_ID}/rotate` },
  { name: "test", method: "POST", path: `/api/v1/webhooks/${ABSENT_ID}/test` },
  { name: "list deliveries", method: "GET", path: `/api/v1/webhooks/${ABSENT_ID}/deliveries` },
] as const;

/** What the guards, the checks of input and the database can answer on every operation on users. */
const ALWAYS = [400, 401, 403, 406, 429, 500, 503, 504];
const WITH_BODY = [413, 415];

/** The statuses of each operation. */
export const OPERATION_STATUSES: Readonly<Record<string, readonly number[]>> = {
  getRoot: [200, 400, 500],
  getHealth: [200, 400, 500],
  getLiveness: [200, 400, 500],
  getReady: [200, 400, 500, 503],
  getReadiness: [200, 400, 500, 503],
  getStartup: [200, 400, 500, 503],
  getFlags: [200, 400, 500],
  getOpenapiDocument: [200, 304, 400, 500],
  getDocs: [200, 304, 400, 500],
  getDocsFile: [200, 304, 400, 404, 500],
  getProblemPage: [200, 400, 404, 500],
  listUsers: [200, ...ALWAYS],
  createUser: [201, 409, 422, ...ALWAYS, ...WITH_BODY],
  listUserEvents: [101, 200, 410, ...ALWAYS],
  getUserById: [200, 304, 404, ...ALWAYS],
  getUserByUsername: [200, 304, 404, ...ALWAYS],
  updateUser: [200, 404, 409, 412, 428, ...ALWAYS, ...WITH_BODY],
  deleteUser: [204, 412, 428, ...ALWAYS],
  listWebhooks: [200, ...ALWAYS],
  createWebhook: [201, 409, ...ALWAYS, ...WITH_BODY],
  getWebhook: [200, 304, 404, ...ALWAYS],
  updateWebhook: [200, 404, 412, 428, ...ALWAYS, ...WITH_BODY],
  deleteWebhook: [204, 412, 428, ...ALWAYS],
  rotateWebhookSecret: [200, 404, ...ALWAYS],
  testWebhook: [202, 404, 409, ...ALWAYS],
  listWebhookDeliveries: [200, 404, ...ALWAYS],
};

/** The status of each refusal, as the contract promises it. */
export const PROBLEM_STATUSES: Readonly<Record<ProblemCode, number>> = {
  "validation-failed": 400,
  "malformed-body": 400,
  "invalid-cursor": 400,
  "missing-credentials": 401,
  "invalid-token": 401,
  "invalid-api-key": 403,
  "insufficient-scope": 403,
  "route-not-found": 404,
  "user-not-found": 404,
  "method-not-allowed": 405,
  "not-acceptable": 406,
  "username-taken": 409,
  "email-taken": 409,
  "idempotency-key-in-use": 409,
  "webhook-url-refused": 400,
  "webhook-not-found": 404,
  "webhook-limit-reached": 409,
  "webhook-disabled": 409,
  "cursor-expired": 410,
  "precondition-failed": 412,
  "payload-too-large": 413,
  "unsupported-media-type": 415,
  "idempotency-key-reused": 422,
  "precondition-required": 428,
  "quota-exceeded": 429,
  "internal-error": 500,
  "credentials-unverifiable": 503,
  "database-unavailable": 503,
  overloaded: 503,
  "outcome-unknown": 503,
  "deadline-exceeded": 504,
};
