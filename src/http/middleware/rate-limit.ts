import { ANONYMOUS } from "../../models/principal.ts";
import { clientAddress, type AppContext, type Guard, type RateLimiter } from "../context.ts";
import { QUOTA_PERIOD_SECONDS } from "../problem-registry.ts";
import { problemResponse } from "../problem.ts";
import type { HeaderGroup } from "../response-headers.ts";

export interface RateLimitOptions {
  readonly limiter: RateLimiter;
  /** Requests per period, for the `RateLimit-Policy` header; null when that is unknown. */
  readonly limit: number | null;
}

const POLICY = "default";
const EXHAUSTED: HeaderGroup = { RateLimit: `"${POLICY}";r=0;t=${QUOTA_PERIOD_SECONDS}` };

/**
 * Limits each caller; those without credentials are told apart by address. Runs after authentication. The binding
 * says yes or no only, so what is left is told when it is nothing (draft-ietf-httpapi-ratelimit-headers-11).
 */
export function rateLimit({ limiter, limit }: RateLimitOptions): Guard {
  const policy = { "RateLimit-Policy": `"${POLICY}";q=${limit};w=${QUOTA_PERIOD_SECONDS}` };
  const refuse = (c: AppContext): Response =>
    problemResponse(c, "quota-exceeded", { violatedPolicies: [POLICY], headers: EXHAUSTED });

  return function rateLimit(c) {
    const { principal } = c.env;
    const isUnknown = principal === null || principal.id === ANONYMOUS.id;
    if (limit !== null) c.env.headerGroups.push(policy);
    const key = isUnknown ? `address:${clientAddress(c)}` : `caller:${principal.id}`;
    const allowed = limiter.allow(key, c.env.deadline);
    return allowed.then((isAllowed) => (isAllowed ? null : refuse(c)));
  };
}
