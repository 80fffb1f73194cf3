import type { Scope } from "../models/principal.ts";
import type { Admission } from "../resilience/gate.ts";
import type { Guard, RateLimiter } from "./context.ts";
import { admission } from "./middleware/admission.ts";
import { authentication, type AuthenticationOptions } from "./middleware/authentication.ts";
import { jsonBody } from "./middleware/json-body.ts";
import { mediaType } from "./middleware/media-type.ts";
import { JSON_ONLY, negotiation } from "./middleware/negotiation.ts";
import { rateLimit } from "./middleware/rate-limit.ts";
import type { ProblemCode } from "./problem-registry.ts";

/** Either credential suffices. */
export const SECURITY = [{ apiKey: [] }, { bearer: [] }];

export const JSON_BODY = ["application/json"] as const;
export const MERGE_PATCH_BODY = ["application/merge-patch+json", "application/json"] as const;

export interface GuardOptions extends AuthenticationOptions {
  /** Whether the database takes calls now. */
  readonly database: Admission;
  readonly callerLimiter: RateLimiter;
  /** Requests per minute that the limiter allows, to be told to callers; null when that is unknown. */
  readonly callerLimit: number | null;
}

/**
 * Makes the checks that stand before an operation, in the order in which they refuse. `body` are the media types that it reads,
 * if it does, and `made` those that it answers with: JSON, unless it says otherwise.
 */
export type Guards = (scope: Scope, body?: readonly string[], made?: readonly string[]) => readonly Guard[];

/** They belong to operations, not to a path prefix: an unknown path or wrong method is told before credentials are asked for. */
export function createGuards({ database, callerLimiter, callerLimit, ...authenticationOptions }: GuardOptions): Guards {
  return (scope, body, made = JSON_ONLY) => [
    admission(database),
    authentication(scope, authenticationOptions),
    rateLimit({ limiter: callerLimiter, limit: callerLimit }),
    negotiation(made),
    ...(body === undefined ? [] : [mediaType(body), jsonBody()]),
  ];
}

/** What the guards, validation and the database can answer on any operation. */
export const COMMON_PROBLEMS: readonly ProblemCode[] = [
  "validation-failed",
  "missing-credentials",
  "invalid-token",
  "invalid-api-key",
  "insufficient-scope",
  "not-acceptable",
  "quota-exceeded",
  "internal-error",
  "credentials-unverifiable",
  "database-unavailable",
  "overloaded",
  "deadline-exceeded",
];

/** A further answer of operations that change something. */
export const CHANGE_PROBLEMS: readonly ProblemCode[] = ["outcome-unknown"];

/** Further answers of operations that read a body. */
export const BODY_PROBLEMS: readonly ProblemCode[] = ["malformed-body", "payload-too-large", "unsupported-media-type"];
