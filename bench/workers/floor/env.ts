import type { Statements } from "./statement.ts";

/** What the refusals say, recorded from the API; the path and the request's id change each time. */
export interface Problem {
  readonly status: number;
}

export interface Env {
  /** Where the gateway takes statements. */
  readonly ENDPOINT: string;
  readonly CONNECTION_STRING: string;
  readonly VERSION_ID: string;
  readonly CURSOR_SECRET: string;
  readonly STATEMENTS: Statements;
  readonly PROBLEMS: Readonly<Record<"unauthorized" | "limited" | "invalid", Problem>>;
}
