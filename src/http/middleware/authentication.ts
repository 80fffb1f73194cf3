import type { MiddlewareHandler } from "hono";

import type { ApiKeyVerifier } from "../../auth/api-keys.ts";
import { ANONYMOUS, type Scope } from "../../models/principal.ts";
import { clientAddress, type AppContext, type AppEnv, type RateLimiter } from "../context.ts";
import type { ProblemCode } from "../problem-registry.ts";
import { problemResponse } from "../problem.ts";

export interface AuthenticationOptions {
  /** Null leaves the API open, which configuration allows in development only. */
  readonly apiKeys: ApiKeyVerifier | null;
  /** Counts failed attempts per address, apart from the limit of callers. */
  readonly failureLimiter: RateLimiter;
}

const CHALLENGE = 'ApiKey realm="users", header="X-API-Key"';

/** Admits callers that present a known API key holding `scope`. */
export function authentication(
  scope: Scope,
  { apiKeys, failureLimiter }: AuthenticationOptions,
): MiddlewareHandler<AppEnv> {
  const refuse = async (c: AppContext, code: ProblemCode, headers: Record<string, string> = {}): Promise<Response> => {
    const isAllowed = await failureLimiter.allow(`address:${clientAddress(c)}`);
    return isAllowed ? problemResponse(c, code, { headers }) : problemResponse(c, "quota-exceeded");
  };

  return async function authentication(c, next) {
    if (apiKeys === null) {
      c.set("principal", ANONYMOUS);
      await next();
      return;
    }
    const presented = c.req.header("X-API-Key") ?? "";
    if (presented === "") return await refuse(c, "missing-credentials", { "WWW-Authenticate": CHALLENGE });
    const principal = await apiKeys.verify(presented);
    if (principal === null) return await refuse(c, "invalid-api-key");
    c.set("principal", principal);
    if (!principal.scopes.includes(scope)) {
      return problemResponse(c, "insufficient-scope", { detail: `This operation needs the scope ${scope}.` });
    }
    await next();
  };
}
