import type { Authentication, Authenticator, PresentedCredentials } from "../../auth/authenticator.ts";
import type { Scope } from "../../models/principal.ts";
import type { Deadline } from "../../resilience/deadline.ts";
import { clientAddress, type AppContext, type Guard, type RateLimiter } from "../context.ts";
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
): Guard {
  const challenge = (bearer: string) => (acceptsTokens ? `${bearer}, ${API_KEY_CHALLENGE}` : API_KEY_CHALLENGE);

  const refuse = (c: AppContext, refusal: Refusal, isAllowed: boolean): Response => {
    if (!isAllowed) return problemResponse(c, "quota-exceeded", { violatedPolicies: ["failed-authentication"] });
    switch (refusal.kind) {
      case "missing":
        return problemResponse(c, "missing-credentials", {
          headers: { "WWW-Authenticate": challenge(BEARER_CHALLENGE) },
        });
      case "invalid-api-key":
        return problemResponse(c, "invalid-api-key");
      case "invalid-token": {
        c.env.tokenRefusal = refusal.reason;
        const header = challenge(`${BEARER_CHALLENGE}, error="invalid_token"`);
        return problemResponse(c, "invalid-token", { headers: { "WWW-Authenticate": header } });
      }
    }
  };

  const admit = (c: AppContext, result: Authentication): Response | null | Promise<Response> => {
    if (result.kind !== "authenticated") {
      const allowed = failureLimiter.allow(`address:${clientAddress(c)}`);
      return allowed.then((isAllowed) => refuse(c, result, isAllowed));
    }
    c.env.principal = result.principal;
    if (result.principal.scopes.includes(scope)) return null;
    const header = challenge(`${BEARER_CHALLENGE}, error="insufficient_scope", scope="${scope}"`);
    return problemResponse(c, "insufficient-scope", {
      detail: `This operation needs the scope ${scope}.`,
      headers: acceptsTokens ? { "WWW-Authenticate": header } : {},
    });
  };

  return function authentication(c) {
    const result = authenticator.authenticate(new RequestCredentials(c));
    return result instanceof Promise ? result.then((settled) => admit(c, settled)) : admit(c, result);
  };
}

/** Reads from the request only what the authenticator asks for. */
class RequestCredentials implements PresentedCredentials {
  readonly #context: AppContext;

  constructor(context: AppContext) {
    this.#context = context;
  }

  get apiKey(): string | null {
    return this.#context.req.raw.headers.get("X-API-Key");
  }

  get authorization(): string | null {
    return this.#context.req.raw.headers.get("Authorization");
  }

  get deadline(): Deadline {
    return this.#context.env.deadline;
  }
}
