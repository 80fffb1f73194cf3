import type { MiddlewareHandler } from "hono";

import { ANONYMOUS } from "../../models/principal.ts";
import { clientAddress, type AppEnv, type RateLimiter } from "../context.ts";
import { problemResponse } from "../problem.ts";

/** Limits each caller; those without credentials are told apart by address. Runs after authentication. */
export function rateLimit({ limiter }: { readonly limiter: RateLimiter }): MiddlewareHandler<AppEnv> {
  return async function rateLimit(c, next) {
    const principal = c.get("principal") ?? ANONYMOUS;
    const key = principal.id === ANONYMOUS.id ? `address:${clientAddress(c)}` : `caller:${principal.id}`;
    if (!(await limiter.allow(key))) return problemResponse(c, "quota-exceeded");
    await next();
  };
}
