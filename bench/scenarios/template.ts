import { deletableIdOf, idOf, placeOf, ROW_COUNT, usernameOf } from "./rows.ts";

/** What a request's text may leave open; each has the same length in every request, so lengths are known beforehand. */
export const HOLES = ["id", "username", "deletable", "unique"] as const;

export type Hole = (typeof HOLES)[number];

/** Text and holes in turn. */
export type Part = string | { readonly hole: Hole };

/** One request as a text with holes, `{{id}}` and the like, in path, headers and body. */
export interface RequestTemplate {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** The status that is the right answer. */
  readonly status: number;
}

/** A request without holes. */
export interface ConcreteRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Tells one run's requests from those of another: the names it makes are used by no other. Six lower-case letters or digits. */
export type Nonce = string;

export interface HoleOptions {
  /** Number of the request in its run, from 0. */
  readonly index: number;
  readonly nonce: Nonce;
  /** Users in the table, `ROW_COUNT` when absent. */
  readonly rows?: number;
}

const INDEX_DIGITS = 9;

/** What fills the holes of one request. The scripts for the load tools do the same, see `load/`. */
export function fillingsOf({ index, nonce, rows = ROW_COUNT }: HoleOptions): Readonly<Record<Hole, string>> {
  const place = placeOf(index, rows);
  return {
    id: idOf(place),
    username: usernameOf(place),
    deletable: deletableIdOf(index + 1),
    unique: `${nonce}${String(index).padStart(INDEX_DIGITS, "0")}`,
  };
}

/** Splits a text at its holes. */
export function split(text: string): readonly Part[] {
  return text.split(/(\{\{[a-z]+\}\})/).flatMap((part): Part[] => {
    const name = /^\{\{([a-z]+)\}\}$/.exec(part)?.[1];
    const hole = HOLES.find((known) => known === name);
    if (name !== undefined && hole === undefined) throw new Error(`a template has the unknown hole ${part}`);
    return hole === undefined ? (part === "" ? [] : [part]) : [{ hole }];
  });
}

/** Fills the holes of a text. */
export function fill(text: string, fillings: Readonly<Record<Hole, string>>): string {
  return split(text)
    .map((part) => (typeof part === "string" ? part : fillings[part.hole]))
    .join("");
}

/** One request of a run. */
export function toRequest(template: RequestTemplate, options: HoleOptions): ConcreteRequest {
  const fillings = fillingsOf(options);
  const headers = Object.entries(template.headers).map(([name, value]) => [name, fill(value, fillings)]);
  return {
    method: template.method,
    path: fill(template.path, fillings),
    headers: Object.fromEntries(headers),
    body: template.body === null ? null : fill(template.body, fillings),
  };
}
