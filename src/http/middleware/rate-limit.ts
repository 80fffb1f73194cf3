import type { MiddlewareHandler } from "hono";

import { ANONYMOUS } from "../../models/principal.ts";
import { clientAddress, type AppEnv, type RateLimiter } from "../context.ts";
import { QUOTA_PERIOD_SECONDS } from "../problem-registry.ts";
import { problemResponse } from "../problem.ts";

export interface RateLimitOptions {
  readonly limiter: RateLimiter;
  /** Requests per period, for the `RateLimit-Policy` header; null when that is unknown. */
  readonly limit: number | null;
}

const POLICY = "default";

/**
 * Limits each caller; those without credentials are told apart by address. Runs after authentication. The binding
 * says yes or no only, so what is left is told when it is nothing (draft-ietf-httpapi-ratelimit-headers-11).
 */
export function rateLimit({ limiter, limit }: RateLimitOptions): MiddlewareHandler<AppEnv> {
  return async function rateLimit(c, next) {
    const principal = c.get("principal") ?? ANONYMOUS;
    const key = principal.id === ANONYMOUS.id ? `address:${clientAddress(c)}` : `caller:${principal.id}`;
    if (limit !== null) c.header("RateLimit-Policy", `"${POLICY}";q=${limit};w=${QUOTA_PERIOD_SECONDS}`);
    if (await limiter.allow(key)) return await next();
    c.header("RateLimit", `"${POLICY}";r=0;t=${QUOTA_PERIOD_SECONDS}`);
    return problemResponse(c, "quota-exceeded", { violatedPolicies: [POLICY] });
  };
}
