import type { User } from "../../models/user.ts";
import type { AppContext } from "../context.ts";

/** Bound to one user and one version, so that no two states anywhere share a tag (RFC 9110 section 8.8.3). */
export function entityTag({ id, version }: User): string {
  return `"${id}.${version}"`;
}

export function userPath(id: string): string {
  return `/api/v1/users/id/${id}`;
}

/** Users are for the caller alone, and are revalidated at each use. */
export function markPrivate(c: AppContext): void {
  c.header("Cache-Control", "private, no-cache");
  c.header("Vary", "Accept, X-API-Key");
}
