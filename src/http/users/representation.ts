import type { User } from "../../models/user.ts";
import type { Precondition } from "../../services/user-service.ts";
import type { AppContext } from "../context.ts";
import { matchesWeakly, requireEntityTags } from "../preconditions.ts";
import { respond } from "../respond.ts";
import type { HeaderGroup } from "../response-headers.ts";
import { toUserJson } from "./schemas.ts";

/** Bound to one user and one version, so that no two states anywhere share a tag (RFC 9110 section 8.8.3). */
export function entityTag({ id, version }: Pick<User, "id" | "version">): string {
  return `"${id}.${version}"`;
}

export const USERS_PATH = "/api/v1/users";

export function userPath(id: string): string {
  return `${USERS_PATH}/id/${id}`;
}

/** Users are for the caller alone, and are revalidated at each use. */
const PRIVATE = { "Cache-Control": "private, no-cache", Vary: "Accept, Authorization, X-API-Key" };
/** What a user or a list of users is sent as. */
export const USER_JSON: HeaderGroup = { ...PRIVATE, "Content-Type": "application/json" };
const UNCHANGED: HeaderGroup = PRIVATE;

/** A user's state; without a body when the client already has it. */
export function respondWithUser(c: AppContext, user: User): Response {
  const tag = entityTag(user);
  const own = [["ETag", tag]] as const;
  const isKnown = matchesWeakly(c.env.headers.get("If-None-Match"), tag);
  return isKnown ? respond(c, 304, null, UNCHANGED, own) : respond(c, 200, toUserJson(user), USER_JSON, own);
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
  return { versions: tags.flatMap(({ isWeak, opaque }) => (isWeak ? [] : versionOf(opaque, id))) };
}

function versionOf(opaque: string, id: string): number[] {
  const [, tagId, version] = /^"(.{36})\.([1-9]\d{0,8})"$/.exec(opaque) ?? [];
  return tagId === id && version !== undefined ? [Number(version)] : [];
}
