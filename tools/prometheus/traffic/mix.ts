import type { PlainRequest } from "../../net/plain-request.ts";
import type { Keys } from "../stack/start-stack.ts";

/** A kind of request, and what becomes of it. */
export interface Kind extends PlainRequest {
  /** The template by which it is counted. */
  readonly route: string;
  readonly status: number;
  /** Of a hundred. */
  readonly share: number;
}

/** A user that is there. */
export interface KnownUser {
  readonly id: string;
  readonly etag: string;
}

export const USERS = "/api/v1/users";
const BY_ID = `${USERS}/id/:id`;
const BY_NAME = `${USERS}/username/:username`;
const ABSENT = "01932f2e-9d5a-7c31-b3f4-2f6f3c9d8a10";

export const USER = { username: "gracehopper", email: "grace@example.com", full_name: "Grace Hopper" };

/** A hundred requests of many kinds: each status that a client can bring about while everything works. */
export function createMix({ caller, limited }: Keys, { id, etag }: KnownUser): readonly Kind[] {
  const headers = { "X-API-Key": caller };
  const json = { ...headers, "Content-Type": "application/json" };
  const get = (path: string, route: string, status: number, share: number, more: object = {}): Kind => ({
    method: "GET",
    path,
    route,
    status,
    share,
    headers,
    ...more,
  });
  return [
    get("/health", "/health", 200, 10),
    get("/health", "/health", 200, 2, { method: "HEAD" }),
    get("/health/live", "/health/live", 200, 2),
    get("/ready", "/ready", 200, 4),
    get(`${USERS}?limit=5`, USERS, 200, 6),
    get(`${USERS}/id/${id}`, BY_ID, 200, 14),
    get(`${USERS}/id/${id}`, BY_ID, 304, 6, { headers: { ...headers, "If-None-Match": etag } }),
    get(`${USERS}/username/${USER.username}`, BY_NAME, 200, 14),
    get(`${USERS}/id/${ABSENT}`, BY_ID, 404, 10),
    get(`${USERS}/id/nonsense`, BY_ID, 400, 6),
    get("/no/such/path", "other", 404, 6),
    get(USERS, USERS, 401, 4, { headers: {} }),
    get(USERS, USERS, 403, 2, { headers: { "X-API-Key": "a-wrong-key" } }),
    get(USERS, USERS, 429, 4, { headers: { "X-API-Key": limited } }),
    get(USERS, USERS, 405, 4, { method: "PUT" }),
    get(USERS, USERS, 204, 2, { method: "OPTIONS" }),
    get(USERS, USERS, 400, 2, { method: "POST", headers: json, body: "{}" }),
    get(USERS, USERS, 409, 1, { method: "POST", headers: json, body: JSON.stringify(USER) }),
    get(`${USERS}/id/${ABSENT}`, BY_ID, 204, 1, { method: "DELETE" }),
  ];
}
