import type { Precondition } from "../models/precondition.ts";
import type { AppContext } from "./context.ts";
import { matchesWeakly, requireEntityTags } from "./preconditions.ts";
import { respond } from "./respond.ts";
import { type HeaderGroup, type OwnHeaders, TAGGED_CACHE_CONTROL } from "./response-headers.ts";

/** What has an entity tag: it grows by one with each change. */
export interface Versioned {
  readonly id: string;
  readonly version: number;
}

/** Bound to one entity and one version, so that no two states anywhere share a tag (RFC 9110 section 8.8.3). */
export function entityTag({ id, version }: Versioned): string {
  return `"${id}.${version}"`;
}

const JSON_TYPE = { "Content-Type": "application/json" };
/** What goes with an entity's tag: data is for the caller alone, and is revalidated at each use. */
const NOT_MODIFIED: HeaderGroup = { "Cache-Control": TAGGED_CACHE_CONTROL, Vary: "Accept, Authorization, X-API-Key" };
/** What an entity is sent as, always with its tag. */
export const ENTITY_JSON: HeaderGroup = { ...NOT_MODIFIED, ...JSON_TYPE };
/** What a list of entities is sent as: it has no tag, so proxies may compress it. */
export const LIST_JSON: HeaderGroup = {
  "Cache-Control": "private, no-cache",
  Vary: "Accept, Accept-Encoding, Authorization, X-API-Key",
  ...JSON_TYPE,
};

/** An entity's state; without a body when the client already has it. */
export function respondWithEntity<Entity extends Versioned>(
  c: AppContext,
  entity: Entity,
  serialize: (entity: Entity) => string,
): Response {
  const tag = entityTag(entity);
  const own = [["ETag", tag]] as const;
  const isNotModified = matchesWeakly(c.env.headers.get("If-None-Match"), tag);
  return isNotModified
    ? respond(c, 304, null, NOT_MODIFIED, own)
    : respond(c, 200, serialize(entity), ENTITY_JSON, own);
}

/** The same list, from the cursor on (RFC 8288); without the word `from`, where it began. */
export function nextLink({ env }: AppContext, cursor: string): OwnHeaders {
  const { pathname, searchParams } = new URL(env.url);
  searchParams.delete("from");
  searchParams.set("cursor", cursor);
  return [["Link", `<${pathname}?${searchParams.toString()}>; rel="next"`]];
}

export interface ChangeOptions {
  /** Refuses changes that do not say which state they start from. */
  readonly requireIfMatch: boolean;
}

/** What `If-Match` asks of an entity before a change: strong comparison, so weak tags match nothing. */
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
