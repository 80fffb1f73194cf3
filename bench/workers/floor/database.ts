import type { Env } from "./env.ts";
import type { Operation } from "./statement.ts";

/** Values as PostgreSQL writes them. */
export type Row = readonly (string | null)[];

/** Sends the one statement of an operation; gives the rows of its result. */
export async function query(env: Env, operation: Operation, values: Readonly<Record<string, unknown>>): Promise<Row[]> {
  const statement = env.STATEMENTS[operation];
  const params = statement.params.map((param) => ("value" in param ? values[param.value] : param.constant));
  const response = await fetch(env.ENDPOINT, {
    method: "POST",
    headers: {
      "Neon-Connection-String": env.CONNECTION_STRING,
      "Neon-Raw-Text-Output": "true",
      "Neon-Array-Mode": "true",
    },
    body: JSON.stringify({ query: statement.query, params }),
  });
  if (!response.ok) throw new Error(`the database answered ${response.status}`);
  const { rows } = await response.json<{ rows: Row[] }>();
  return rows;
}

/** What clients see of a user. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** Reads a user from a row of an operation's result. */
export function toUser(env: Env, operation: Operation, row: Row): { readonly user: User; readonly version: string } {
  const { columns } = env.STATEMENTS[operation];
  const text = (name: string): string => row[columns[name] ?? -1] ?? "";
  return {
    user: {
      id: text("id"),
      username: text("username"),
      email: text("email"),
      full_name: text("full_name"),
      created_at: new Date(text("created_at")).toISOString(),
      updated_at: new Date(text("updated_at")).toISOString(),
    },
    version: text("version"),
  };
}
