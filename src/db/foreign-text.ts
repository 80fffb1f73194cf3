import { readErrorName } from "../observability/error-name.ts";

/*
 * What a failure of the database may be called. What the proxy, a load balancer or the runtime wrote about it is foreign text: it
 * may quote the connection URL, a parameter or a page, so nothing of it goes on but codes and names of a known form.
 */

/** What went wrong on the way: the name of what was thrown, such as `TypeError`. */
export function classifySource(source: unknown): string {
  return (source instanceof Error ? readErrorName(source) : null) ?? "unknown reason";
}

/** Five digits or upper-case letters (PostgreSQL manual, appendix A); null for everything else in their place. */
export function readSqlState(code: string | undefined): string | null {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** A name as this project gives them, at most as long as PostgreSQL's identifiers; null for everything else in its place. */
export function readConstraint(name: string | undefined): string | null {
  return name !== undefined && /^[a-z0-9_]{1,63}$/.test(name) ? name : null;
}
