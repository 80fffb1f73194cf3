import type { User } from "../../models/user.ts";
import type { Precondition } from "../../services/user-service.ts";
import type { AppContext } from "../context.ts";
import { matchesWeakly, requireEntityTags } from "../preconditions.ts";

/** Bound to one user and one version, so that no two states anywhere share a tag (RFC 9110 section 8.8.3). */
export function entityTag({ id, version }: Pick<User, "id" | "version">): string {
  return `"${id}.${version}"`;
}

export function userPath(id: string): string {
  return `/api/v1/users/id/${id}`;
}

/** Users are for the caller alone, and are revalidated at each use. */
export function markPrivate(c: AppContext): void {
  c.header("Cache-Control", "private, no-cache");
  c.header("Vary", "Accept, Authorization, X-API-Key", { append: true });
}

/** Sets the headers of a user's state; true when the client already has this state and needs no body. */
export function describeState(c: AppContext, user: User): boolean {
  const tag = entityTag(user);
  markPrivate(c);
  c.header("ETag", tag);
  return matchesWeakly(c.req.header("If-None-Match"), tag);
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
  const tags = requireEntityTags("If-Match", c.req.header("If-Match"));
  if (tags === null) return isRequired ? "missing" : null;
  if (tags === "any") return { versions: null };
  return { versions: tags.flatMap(({ isWeak, opaque }) => (isWeak ? [] : versionOf(opaque, id))) };
}

function versionOf(opaque: string, id: string): number[] {
  const [, tagId, version] = /^"(.{36})\.([1-9]\d{0,8})"$/.exec(opaque) ?? [];
  return tagId === id && version !== undefined ? [Number(version)] : [];
}
