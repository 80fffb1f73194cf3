import type { StoredResponse } from "../../models/idempotency.ts";
import type { User } from "../../models/user.ts";
import type { CreationResponse, Precondition } from "../../services/user-service.ts";
import type { AppContext } from "../context.ts";
import { matchesWeakly, requireEntityTags } from "../preconditions.ts";
import { respond } from "../respond.ts";
import type { HeaderGroup, OwnHeaders } from "../response-headers.ts";
import { toUserJson } from "./schemas.ts";

/** Bound to one user and one version, so that no two states anywhere share a tag (RFC 9110 section 8.8.3). */
export function entityTag({ id, version }: Pick<User, "id" | "version">): string {
  return `"${id}.${version}"`;
}

export const USERS_PATH = "/api/v1/users";

function userPath(id: string): string {
  return `${USERS_PATH}/id/${id}`;
}

/** Users are for the caller alone, and are revalidated at each use. */
const PRIVATE = { "Cache-Control": "private, no-cache", Vary: "Accept, Authorization, X-API-Key" };
/** What a user or a list of users is sent as. */
export const USER_JSON: HeaderGroup = { ...PRIVATE, "Content-Type": "application/json" };
const NOT_MODIFIED: HeaderGroup = PRIVATE;

/** A user's state; without a body when the client already has it. */
export function respondWithUser(c: AppContext, user: User): Response {
  const tag = entityTag(user);
  const own = [["ETag", tag]] as const;
  const isNotModified = matchesWeakly(c.env.headers.get("If-None-Match"), tag);
  return isNotModified ? respond(c, 304, null, NOT_MODIFIED, own) : respond(c, 200, toUserJson(user), USER_JSON, own);
}

/** What a creation is answered with, and what is stored of it under its idempotency key. */
export const CREATION_RESPONSE: CreationResponse = { status: 201, serialize: toUserJson };

export function respondWithCreated(c: AppContext, user: User): Response {
  const { status, serialize } = CREATION_RESPONSE;
  return respond(c, status, serialize(user), USER_JSON, createdHeaders(user.id));
}

/** The stored response as it is, with the headers that it had. */
export function respondWithStored(c: AppContext, { status, body, isReplay }: StoredResponse): Response {
  const own = createdHeaders(storedUserId(body));
  return respond(c, status, body, USER_JSON, isReplay ? [...own, ["Idempotent-Replayed", "true"]] : own);
}

function createdHeaders(id: string): OwnHeaders {
  return [
    ["ETag", entityTag({ id, version: 1 })],
    ["Location", userPath(id)],
  ];
}

/** Finds the id without parsing the text: within JSON's strings, quotes are escaped. */
function storedUserId(json: string): string {
  const id = /"id":"([0-9a-f-]{36})"/.exec(json)?.[1];
  if (id === undefined) throw new Error("The stored response names no user.");
  return id;
}

export interface ChangeOptions {
  /** Refuses changes that do not say which state they start from. */
  readonly requireIfMatch: boolean;
}

/** What `If-Match` asks of the user before a change: strong comparison, so weak tags match nothing. */
export function readPrecondition(
  c: AppContext,
  id: string,
  { isRequired }: { readonly isRequired: boolean },
): Precondition {
  const tags = requireEntityTags("If-Match", c.env.headers.get("If-Match"));
  if (tags === null) return isRequired ? "missing" : null;
  if (tags === "any") return { versions: null };
  return { versions: tags.flatMap(({ isWeak, opaque }) => (isWeak ? [] : parseVersion(opaque, id))) };
}

function parseVersion(opaque: string, id: string): number[] {
  const [, tagId, version] = /^"(.{36})\.([1-9]\d{0,8})"$/.exec(opaque) ?? [];
  return tagId === id && version !== undefined ? [Number(version)] : [];
}
