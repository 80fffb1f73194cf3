import { createHash } from "node:crypto";

import type { Statement } from "../workers/floor/statement.ts";
import type { Exchange } from "./recorder.ts";

/** One request of which everything is known: what was asked, what was sent to the database, what was answered. */
export interface Sample {
  readonly exchange: Exchange;
  /** Values that the request or its answer holds, by the floor's names for them. */
  readonly values: Readonly<Record<string, string>>;
}

/**
 * What the floor has to send: the API's text, and for each parameter either the value with its name or a constant. Two
 * samples with different values tell both apart.
 * @throws Error naming the parameter that is neither
 */
export function toStatement(name: string, first: Sample, second: Sample): Statement {
  const { query, params, columns } = first.exchange;
  if (query !== second.exchange.query)
    throw new Error(`${name}: the API's statement is not the same for every request`);
  return {
    query,
    params: params.map((param, place) => {
      const other = second.exchange.params[place];
      const value = Object.keys(first.values).find(
        (key) => isSame(first.values[key], param) && isSame(second.values[key], other),
      );
      if (value !== undefined) return { value };
      if (isSame(param, other)) return { constant: param };
      throw new Error(`${name}: the floor does not know what parameter ${place + 1} of the API's statement is`);
    }),
    // Of columns with one name the last counts, as in a JSON object.
    columns: Object.fromEntries(columns.map((column, place) => [column, place])),
  };
}

/** Parameters are numbers or text, as the driver likes. */
function isSame(left: unknown, right: unknown): boolean {
  return String(left) === String(right);
}

export interface KnownRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** All that a request and its answer tell. */
export function valuesOf(request: KnownRequest, answer: string, caller: string): Record<string, string> {
  const asked: Record<string, string> = request.body === null ? {} : JSON.parse(request.body);
  const given: Record<string, string> = answer === "" ? {} : JSON.parse(answer);
  const now = given["updated_at"];
  const key = request.headers["Idempotency-Key"];
  const isKeyed = key !== undefined && now !== undefined;
  return {
    ...valuesOfPath(request.path),
    ...pick(asked, ["username", "email", "full_name"]),
    ...pick(given, ["id"]),
    ...(now === undefined ? {} : { now }),
    ...(isKeyed ? keyedValues(asked, { key, now, caller, answer }) : {}),
  };
}

function valuesOfPath(path: string): Record<string, string> {
  const [, id] = /\/id\/([^/?]+)/.exec(path) ?? [];
  const [, username] = /\/username\/([^/?]+)/.exec(path) ?? [];
  const [, limit] = /[?&]limit=(\d+)/.exec(path) ?? [];
  return {
    ...(id === undefined ? {} : { id }),
    ...(username === undefined ? {} : { username }),
    // One more than asked for tells whether there is a further page.
    ...(limit === undefined ? {} : { rows: String(Number(limit) + 1) }),
  };
}

function pick(from: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const])));
}

const DAY_MS = 86_400_000;

function keyedValues(
  asked: Readonly<Record<string, string>>,
  { key, now, caller, answer }: Readonly<Record<"key" | "now" | "caller" | "answer", string>>,
): Record<string, string> {
  const payload = JSON.stringify([asked["username"], asked["email"], asked["full_name"]]);
  return {
    caller,
    key,
    lock: JSON.stringify([caller, key]),
    request_hash: createHash("sha256").update(payload).digest("hex"),
    response: answer,
    expires_at: new Date(Date.parse(now) + DAY_MS).toISOString(),
  };
}
