import type { Authentication, Authenticator, PresentedCredentials } from "../../auth/authenticator.ts";
import type { Scope } from "../../models/principal.ts";
import type { Deadline } from "../../resilience/deadline.ts";
import { clientAddress, type AppContext, type Guard, type RateLimiter } from "../context.ts";
import { problemResponse } from "../problem.ts";
import type { HeaderGroup } from "../response-headers.ts";

export interface AuthenticationOptions {
  readonly authenticator: Authenticator;
  /** Whether bearer tokens are configured, so that challenges offer them. */
  readonly acceptsTokens: boolean;
  /** Counts failed attempts per address, apart from the limit of callers. */
  readonly failureLimiter: RateLimiter;
}

type Refusal = Exclude<Authentication, { readonly kind: "authenticated" }>;

const API_KEY_CHALLENGE = 'ApiKey realm="users", header="X-API-Key"';

/** What is asked of a caller; a bearer token is asked for only where it would be taken. */
function challenges(acceptsTokens: boolean, scope: Scope): Record<"missing" | "invalid" | "scope", HeaderGroup> {
  const challenge = (parameters: string): HeaderGroup => {
    const bearer = acceptsTokens ? `Bearer realm="users"${parameters}, ` : "";
    return { "WWW-Authenticate": `${bearer}${API_KEY_CHALLENGE}` };
  };
  return {
    missing: challenge(""),
    invalid: challenge(', error="invalid_token"'),
    scope: acceptsTokens ? challenge(`, error="insufficient_scope", scope="${scope}"`) : {},
  };
}

/** Admits callers whose credentials are right and include `scope`. */
export function authentication(
  scope: Scope,
  { authenticator, acceptsTokens, failureLimiter }: AuthenticationOptions,
): Guard {
  const challenge = challenges(acceptsTokens, scope);

  const refuse = (c: AppContext, refusal: Refusal, isAllowed: boolean): Response => {
    if (!isAllowed) return problemResponse(c, "quota-exceeded", { violatedPolicies: ["failed-authentication"] });
    switch (refusal.kind) {
      case "missing":
        return problemResponse(c, "missing-credentials", { headers: challenge.missing });
      case "invalid-api-key":
        return problemResponse(c, "invalid-api-key");
      case "invalid-token":
        c.env.tokenRefusal = refusal.reason;
        return problemResponse(c, "invalid-token", { headers: challenge.invalid });
    }
  };

  const admit = (c: AppContext, result: Authentication): Response | null | Promise<Response> => {
    if (result.kind !== "authenticated") {
      const allowed = failureLimiter.allow(`address:${clientAddress(c)}`, c.env.deadline);
      return allowed.then((isAllowed) => refuse(c, result, isAllowed));
    }
    c.env.principal = result.principal;
    if (result.principal.scopes.includes(scope)) return null;
    const detail = `This operation needs the scope ${scope}.`;
    return problemResponse(c, "insufficient-scope", { detail, headers: challenge.scope });
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
    return this.#context.env.headers.get("X-API-Key");
  }

  get authorization(): string | null {
    return this.#context.env.headers.get("Authorization");
  }

  get deadline(): Deadline {
    return this.#context.env.deadline;
  }
}
