import { neon, neonConfig } from "@neondatabase/serverless";

import { DatabaseError } from "./errors.ts";

/** One row as PostgreSQL writes it: each value in its text form, in the order of the statement's columns. */
export type TextRow = readonly (string | null)[];

export interface TextResult {
  readonly rows: readonly TextRow[];
  /** Rows that were returned, or changed by a statement that returns none. */
  readonly rowCount: number;
}

/** Sends one statement over Neon's HTTP driver; it ends when the signal aborts. There are no transactions. */
export type SendStatement = (text: string, params: unknown[], signal: AbortSignal) => PromiseLike<TextResult>;

export interface DatabaseClientOptions {
  /** PostgreSQL connection URL, with its credentials. */
  readonly databaseUrl: string;
  /** SQL-over-HTTP endpoint; null for the one that Neon's driver derives from the URL. */
  readonly fetchEndpoint: string | null;
}

/** Who knows the columns reads their text; the driver would look up a parser for each of them, for each result. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Each request carries the connection URL, and a redirect would carry it elsewhere; one that is not followed is a refusal. */
const NO_REDIRECT = { redirect: "manual" } as const;

/** Called once per isolate: the driver keeps its endpoint in module state. */
export function createDatabaseClient({ databaseUrl, fetchEndpoint }: DatabaseClientOptions): SendStatement {
  if (fetchEndpoint !== null) neonConfig.fetchEndpoint = fetchEndpoint;
  const sql = connect(databaseUrl);
  return async (text, params, signal) => {
    const result = await sql.query(text, params, { types: AS_TEXT, fetchOptions: { signal, ...NO_REDIRECT } });
    if (typeof result.command !== "string") throw new SyntaxError("The answer is JSON, but no result of a statement.");
    return result;
  };
}

/** @throws DatabaseError for a URL that the driver refuses, for the driver's own error quotes it, with its password */
function connect(databaseUrl: string) {
  try {
    return neon(databaseUrl, { arrayMode: true, fullResults: true, disableWarningInBrowsers: true });
  } catch {
    throw new DatabaseError("The driver refuses the connection URL.");
  }
}
