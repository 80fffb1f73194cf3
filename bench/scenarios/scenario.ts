import { BENCH_KEY } from "./keys.ts";
import type { RequestTemplate } from "./template.ts";

/** One kind of load. */
export interface Scenario {
  readonly name: string;
  /** What is measured, in a few words. */
  readonly title: string;
  /** Sent in turn, over and over. */
  readonly requests: readonly RequestTemplate[];
  /** Whether the table has to be restored before each measurement. */
  readonly isWriting: boolean;
  /** Whether it needs users that are there to be deleted. */
  readonly isDeleting: boolean;
  /** Whether a constant answer is a fair comparison: no database is asked. */
  readonly isConstant: boolean;
}

const COMMON_HEADERS = { "User-Agent": "bench", Accept: "application/json" } as const;

/** Headers of a caller who may do everything. */
export const CALLER_HEADERS = { ...COMMON_HEADERS, "X-API-Key": BENCH_KEY } as const;

/** Headers of somebody without credentials. */
export const STRANGER_HEADERS = COMMON_HEADERS;

export const USERS = "/api/v1/users";

/** A GET of a caller. */
export const read = (path: string, headers: Readonly<Record<string, string>> = {}): RequestTemplate => ({
  method: "GET",
  path,
  headers: { ...CALLER_HEADERS, ...headers },
  body: null,
  status: 200,
});

interface ScenarioParts extends Partial<Scenario> {
  readonly name: string;
  readonly title: string;
  readonly requests: readonly RequestTemplate[];
}

/** A scenario that reads, unless its parts say otherwise. */
export const scenario = (parts: ScenarioParts): Scenario => ({
  isWriting: false,
  isDeleting: false,
  isConstant: false,
  ...parts,
});
