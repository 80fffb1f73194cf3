import type { ProblemCode } from "../../src/http/problem-registry.ts";
import { AppError, type ErrorCode } from "../../src/models/errors.ts";
import { createFakeUserEvents } from "./fake-user-events.ts";
import { createFakeUserRepository } from "./fake-user-repository.ts";
import { createFakeWebhookRepository } from "./fake-webhook-repository.ts";
import { ABSENT_ID } from "./http-contract.ts";
import { acceptTokens, failingUsers, limitTo, PLAIN_KEY_CALLER_ID, SERVED_ASSETS } from "./http-fakes.ts";
import { send, USERS } from "./http-messages.ts";
import type { TestAppOptions } from "./test-app.ts";
import { buildUser } from "./users.ts";
import { buildWebhook, WEBHOOKS } from "./webhook-endpoints.ts";

/** One request and what must be true of its answer, whatever else a test looks at. */
export interface Scenario {
  readonly name: string;
  readonly status: number;
  /** Template of the path; null for an unknown one. */
  readonly route: string | null;
  readonly code: ProblemCode | null;
  readonly cacheControl: string;
  readonly caller: string | null;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  readonly headers: Record<string, string>;
  /** A new app for each use, so that no test sees what another has stored. */
  readonly options: () => TestAppOptions;
}

/** Personal data and secrets; every one of them holds this word, so that a search for it finds any leak. */
export const PRIVATE_WORD = "pii";
const KEY = "pii-api-key";
const EVENTS = `${USERS}/events`;
const USER = buildUser({
  id: "01932f2e-0000-7000-8000-000000000001",
  username: "piiusername",
  email: "piiperson@example.com",
  fullName: "Piia Pii",
});
const WEBHOOK = buildWebhook({
  id: "01932f30-0000-7000-8000-000000000001",
  url: "https://pii.example.com/?pii",
  description: "pii",
  secret: "whsec_pii",
});
const NEW_USER = { username: "piinewcomer", email: "piinew@example.com", full_name: "Pii New" };

/** Of answers with a tag, which no proxy may compress, and of lists, which any may. */
const TAGGED = "private, no-cache, no-transform";
const LISTED = "private, no-cache";

type Details = Partial<Omit<Scenario, "name" | "status" | "route" | "path" | "options">> & {
  readonly options?: TestAppOptions;
};

/** The API is protected and holds one user; `details` change that and the request. */
function scenario(status: number, route: string | null, path: string, details: Details = {}): Scenario {
  const { options, ...rest } = details;
  const isProtected = route?.startsWith("/api/") === true;
  const isData = isProtected && rest.code === undefined;
  const made = {
    status,
    route,
    path,
    method: "GET",
    code: null,
    cacheControl: isData ? TAGGED : "no-store",
    caller: isProtected ? PLAIN_KEY_CALLER_ID : null,
    headers: { "X-API-Key": KEY },
    options: () => ({
      users: createFakeUserRepository([USER]),
      webhooks: createFakeWebhookRepository([WEBHOOK]),
      apiKey: KEY,
      assets: SERVED_ASSETS,
      ...options,
    }),
    ...rest,
  };
  return { ...made, name: `${[status, made.code, made.method].filter(Boolean).join(" ")} ${route ?? "elsewhere"}` };
}

const BY_ID = `${USERS}/id/:id`;
const WEBHOOK_BY_ID = `${WEBHOOKS}/:id`;
const webhookPath = `${WEBHOOKS}/${WEBHOOK.id}`;
const BY_USERNAME = `${USERS}/username/:username`;
const userPath = `${USERS}/id/${USER.id}`;
const post = { method: "POST", body: NEW_USER };
const keyedPost = { ...post, headers: { "X-API-Key": KEY, "Idempotency-Key": '"pii-idempotency-key"' } };
/** A feed whose cursors lead to what has been removed. */
const EXPIRED_EVENTS = {
  ...createFakeUserEvents(),
  read: () => Promise.reject(new AppError("cursor-expired")),
};

/** Whoever sends a key is refused with this. */
const refusingKeys = (code: ErrorCode): TestAppOptions => ({
  users: { ...createFakeUserRepository(), insertOnce: () => Promise.reject(new AppError(code)) },
});
/** Endpoints of which there are enough. */
const fullOfWebhooks: TestAppOptions = {
  webhooks: {
    ...createFakeWebhookRepository(),
    insert: () => Promise.reject(new AppError("webhook-limit-reached")),
  },
};
const disabledWebhook = (): TestAppOptions => ({
  webhooks: createFakeWebhookRepository([{ ...WEBHOOK, status: "disabled", disabledReason: "manual" }]),
});
const tagged = { cacheControl: TAGGED };
const unhealthy = { ping: () => Promise.reject(new Error(KEY)), hasMigration: async () => false };

const SUCCESSES: readonly Scenario[] = [
  scenario(200, "/", "/"),
  scenario(200, "/health", "/health"),
  scenario(200, "/health/live", "/health/live"),
  scenario(200, "/ready", "/ready"),
  scenario(200, "/health/ready", "/health/ready"),
  scenario(200, "/health/startup", "/health/startup"),
  scenario(200, "/health/flags", "/health/flags"),
  scenario(503, "/ready", "/ready", { options: { probe: unhealthy } }),
  scenario(503, "/health/ready", "/health/ready", { options: { probe: unhealthy } }),
  scenario(503, "/health/startup", "/health/startup", { options: { probe: unhealthy } }),
  scenario(200, "/openapi.json", "/openapi.json", tagged),
  scenario(200, "/docs", "/docs", tagged),
  scenario(200, "/docs/:file", "/docs/init.js", tagged),
  scenario(200, "/problems/:code", "/problems/user-not-found", { cacheControl: "no-cache" }),
  scenario(200, USERS, `${USERS}?limit=10`, { cacheControl: LISTED }),
  scenario(200, EVENTS, `${EVENTS}?limit=10`, { cacheControl: LISTED }),
  scenario(201, USERS, USERS, post),
  scenario(200, BY_ID, userPath),
  scenario(200, BY_ID, userPath, { method: "HEAD" }),
  scenario(200, BY_USERNAME, `${USERS}/username/piiusername`),
  scenario(304, BY_ID, userPath, { headers: { "X-API-Key": KEY, "If-None-Match": `"pii", "${USER.id}.1"` } }),
  scenario(304, BY_USERNAME, `${USERS}/username/piiusername`, { headers: { "X-API-Key": KEY, "If-None-Match": "*" } }),
  scenario(200, BY_ID, userPath, { method: "PATCH", body: { full_name: "Pii" } }),
  scenario(204, BY_ID, userPath, { method: "DELETE", cacheControl: "no-store" }),
  scenario(204, USERS, USERS, { method: "OPTIONS", headers: {}, caller: null, cacheControl: "no-store" }),
  scenario(200, WEBHOOKS, WEBHOOKS, { cacheControl: LISTED }),
  scenario(201, WEBHOOKS, WEBHOOKS, {
    method: "POST",
    body: { url: "https://pii.example.com/", description: "pii" },
    cacheControl: "no-store",
  }),
  scenario(200, WEBHOOK_BY_ID, webhookPath),
  scenario(304, WEBHOOK_BY_ID, webhookPath, { headers: { "X-API-Key": KEY, "If-None-Match": "*" } }),
  scenario(200, WEBHOOK_BY_ID, webhookPath, { method: "PATCH", body: { description: "pii and more" } }),
  scenario(204, WEBHOOK_BY_ID, webhookPath, { method: "DELETE", cacheControl: "no-store" }),
  scenario(200, `${WEBHOOK_BY_ID}/rotate`, `${webhookPath}/rotate`, { method: "POST", cacheControl: "no-store" }),
  scenario(202, `${WEBHOOK_BY_ID}/test`, `${webhookPath}/test`, { method: "POST", cacheControl: "no-store" }),
  scenario(200, `${WEBHOOK_BY_ID}/deliveries`, `${webhookPath}/deliveries?limit=10`, { cacheControl: LISTED }),
];

const REFUSALS: readonly Scenario[] = [
  scenario(400, USERS, USERS, { ...post, body: "{pii", code: "malformed-body" }),
  scenario(400, USERS, USERS, { ...post, body: { email: "pii", pii: 1 }, code: "validation-failed" }),
  scenario(400, USERS, `${USERS}?pii=pii`, { code: "validation-failed" }),
  scenario(400, BY_ID, `${USERS}/id/pii`, { code: "validation-failed" }),
  scenario(400, USERS, `${USERS}?cursor=pii`, { code: "invalid-cursor" }),
  scenario(400, WEBHOOKS, WEBHOOKS, {
    method: "POST",
    body: { url: "http://pii.local/" },
    code: "webhook-url-refused",
  }),
  scenario(401, USERS, USERS, { headers: {}, caller: null, code: "missing-credentials" }),
  scenario(401, USERS, USERS, {
    headers: { Authorization: "Bearer pii-token" },
    options: { tokens: acceptTokens({}) },
    caller: null,
    code: "invalid-token",
  }),
  scenario(403, USERS, USERS, { headers: { "X-API-Key": "pii-wrong-key" }, caller: null, code: "invalid-api-key" }),
  scenario(410, EVENTS, EVENTS, { code: "cursor-expired", options: { userEvents: EXPIRED_EVENTS } }),
  scenario(404, null, "/pii/piiusername?pii=1", { code: "route-not-found" }),
  scenario(404, "/problems/:code", "/problems/pii", { code: "route-not-found" }),
  scenario(404, BY_ID, `${USERS}/id/${ABSENT_ID}`, { code: "user-not-found" }),
  scenario(404, BY_USERNAME, `${USERS}/username/piinobody`, { code: "user-not-found" }),
  scenario(404, WEBHOOK_BY_ID, `${WEBHOOKS}/${ABSENT_ID}`, { code: "webhook-not-found" }),
  scenario(405, BY_ID, userPath, { method: "PUT", caller: null, code: "method-not-allowed" }),
  scenario(406, USERS, USERS, { headers: { "X-API-Key": KEY, Accept: "text/pii" }, code: "not-acceptable" }),
  scenario(409, USERS, USERS, { ...post, body: { ...NEW_USER, username: "piiusername" }, code: "username-taken" }),
  scenario(409, USERS, USERS, { ...post, body: { ...NEW_USER, email: "piiperson@example.com" }, code: "email-taken" }),
  scenario(409, USERS, USERS, {
    ...keyedPost,
    options: refusingKeys("idempotency-key-in-use"),
    code: "idempotency-key-in-use",
  }),
  scenario(409, WEBHOOKS, WEBHOOKS, {
    method: "POST",
    body: { url: "https://pii.example.com/" },
    options: fullOfWebhooks,
    code: "webhook-limit-reached",
  }),
  scenario(409, `${WEBHOOK_BY_ID}/test`, `${webhookPath}/test`, {
    method: "POST",
    options: disabledWebhook(),
    code: "webhook-disabled",
  }),
  scenario(412, BY_ID, userPath, {
    method: "PATCH",
    body: { full_name: "Pii" },
    headers: { "X-API-Key": KEY, "If-Match": '"pii"' },
    code: "precondition-failed",
  }),
  scenario(413, USERS, USERS, { ...post, body: "pii".repeat(64 * 1024), code: "payload-too-large" }),
  scenario(415, USERS, USERS, {
    ...post,
    headers: { "X-API-Key": KEY, "Content-Type": "text/pii" },
    code: "unsupported-media-type",
  }),
  scenario(422, USERS, USERS, {
    ...keyedPost,
    options: refusingKeys("idempotency-key-reused"),
    code: "idempotency-key-reused",
  }),
  scenario(428, BY_ID, userPath, {
    method: "DELETE",
    options: { requireIfMatch: true },
    code: "precondition-required",
  }),
  scenario(429, USERS, USERS, { options: { callerLimiter: limitTo(0) }, code: "quota-exceeded" }),
  scenario(429, USERS, USERS, {
    options: { failureLimiter: limitTo(0) },
    headers: {},
    caller: null,
    code: "quota-exceeded",
  }),
];

const FAILURES: readonly Scenario[] = [
  scenario(500, USERS, USERS, { options: { users: failingUsers(new Error("a bug")) }, code: "internal-error" }),
  scenario(503, BY_ID, userPath, {
    options: { users: failingUsers(new AppError("database-unavailable", { cause: new Error("refused") })) },
    code: "database-unavailable",
  }),
  scenario(503, USERS, USERS, {
    options: { database: { refusal: () => "overloaded" } },
    caller: null,
    code: "overloaded",
  }),
  scenario(503, USERS, USERS, {
    ...post,
    options: { users: failingUsers(new AppError("outcome-unknown", { isOutcomeUnknown: true })) },
    code: "outcome-unknown",
  }),
  scenario(503, USERS, USERS, {
    headers: { Authorization: "Bearer pii-token" },
    options: { tokens: { verify: () => Promise.reject(new AppError("credentials-unverifiable")) } },
    caller: null,
    code: "credentials-unverifiable",
  }),
  scenario(504, USERS, USERS, {
    ...post,
    options: { users: failingUsers(new AppError("deadline-exceeded")) },
    code: "deadline-exceeded",
  }),
];

/** At least one request for every route, every status and every kind of problem. */
export const SCENARIOS: readonly Scenario[] = [...SUCCESSES, ...REFUSALS, ...FAILURES];

/** The request of a scenario, with further headers. */
export function requestOf({ method, body, headers }: Scenario, more: Record<string, string> = {}): RequestInit {
  const all = { ...headers, ...more };
  return body === undefined ? { method, headers: all } : send(method, body, all);
}
