import type { MiddlewareHandler } from "hono";

import type { Authentication, Authenticator } from "../../auth/authenticator.ts";
import type { Scope } from "../../models/principal.ts";
import { clientAddress, type AppContext, type AppEnv, type RateLimiter } from "../context.ts";
import { problemResponse } from "../problem.ts";

export interface AuthenticationOptions {
  readonly authenticator: Authenticator;
  /** Whether bearer tokens are configured, so that challenges offer them. */
  readonly acceptsTokens: boolean;
  /** Counts failed attempts per address, apart from the limit of callers. */
  readonly failureLimiter: RateLimiter;
}

type Refusal = Exclude<Authentication, { readonly kind: "authenticated" }>;

const API_KEY_CHALLENGE = 'ApiKey realm="users", header="X-API-Key"';
const BEARER_CHALLENGE = 'Bearer realm="users"';

/** Admits callers whose credentials are right and include `scope`. */
export function authentication(
  scope: Scope,
  { authenticator, acceptsTokens, failureLimiter }: AuthenticationOptions,
): MiddlewareHandler<AppEnv> {
  const challenge = (bearer: string) => (acceptsTokens ? `${bearer}, ${API_KEY_CHALLENGE}` : API_KEY_CHALLENGE);

  const refuse = async (c: AppContext, refusal: Refusal): Promise<Response> => {
    const isAllowed = await failureLimiter.allow(`address:${clientAddress(c)}`);
    if (!isAllowed) return problemResponse(c, "quota-exceeded", { violatedPolicies: ["failed-authentication"] });
    switch (refusal.kind) {
      case "missing":
        return problemResponse(c, "missing-credentials", {
          headers: { "WWW-Authenticate": challenge(BEARER_CHALLENGE) },
        });
      case "invalid-api-key":
        return problemResponse(c, "invalid-api-key");
      case "invalid-token": {
        c.set("tokenRefusal", refusal.reason);
        const header = challenge(`${BEARER_CHALLENGE}, error="invalid_token"`);
        return problemResponse(c, "invalid-token", { headers: { "WWW-Authenticate": header } });
      }
    }
  };

  return async function authentication(c, next) {
    const result = await authenticator.authenticate({
      apiKey: c.req.header("X-API-Key") ?? null,
      authorization: c.req.header("Authorization") ?? null,
      deadline: c.get("deadline"),
    });
    if (result.kind !== "authenticated") return await refuse(c, result);
    c.set("principal", result.principal);
    if (result.principal.scopes.includes(scope)) return await next();
    const header = challenge(`${BEARER_CHALLENGE}, error="insufficient_scope", scope="${scope}"`);
    return problemResponse(c, "insufficient-scope", {
      detail: `This operation needs the scope ${scope}.`,
      headers: acceptsTokens ? { "WWW-Authenticate": header } : {},
    });
  };
}
