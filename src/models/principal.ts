export const SCOPES = ["users:read", "users:write", "webhooks:write"] as const;

/** What a caller may do. */
export type Scope = (typeof SCOPES)[number];

/** Who is calling. `id` names the credential in logs and rate limits; it is never secret. */
export interface Principal {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** The caller of an API that has no credentials configured, which only development allows. */
export const ANONYMOUS: Principal = { id: "anonymous", scopes: SCOPES };

/** The caller that uses the single key of `API_KEY`; no other credential may have its id. */
export const PLAIN_KEY_CALLER: Principal = { id: "api-key", scopes: SCOPES };
