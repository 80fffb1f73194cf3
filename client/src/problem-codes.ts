// Generated from docs/openapi.json by `npm run client:generate`; edits are lost.

/** The kinds of problems that the operations answer with: the last part of a problem's `type`. */
export const PROBLEM_CODES = [
  "validation-failed",
  "malformed-body",
  "invalid-cursor",
  "cursor-expired",
  "missing-credentials",
  "invalid-token",
  "invalid-api-key",
  "insufficient-scope",
  "route-not-found",
  "user-not-found",
  "not-acceptable",
  "username-taken",
  "email-taken",
  "idempotency-key-in-use",
  "precondition-failed",
  "payload-too-large",
  "unsupported-media-type",
  "idempotency-key-reused",
  "precondition-required",
  "quota-exceeded",
  "webhook-url-refused",
  "webhook-not-found",
  "webhook-limit-reached",
  "webhook-disabled",
  "internal-error",
  "credentials-unverifiable",
  "database-unavailable",
  "overloaded",
  "outcome-unknown",
  "deadline-exceeded",
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];
