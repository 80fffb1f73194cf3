import type { Scenario } from "../scenarios/scenario.ts";
import type { Nonce } from "../scenarios/template.ts";

/** One stretch of load: as many requests as the service answers, over a fixed number of connections. */
export interface Load {
  /** Without a slash at its end. */
  readonly origin: string;
  readonly scenario: Scenario;
  readonly connections: number;
  readonly seconds: number;
  readonly nonce: Nonce;
  /** Users in the table. */
  readonly rows: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  /** Answered requests per second. */
  readonly rps: number;
  /** Milliseconds. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers with status 400 and above. */
  readonly refusals: number;
  /** Connections that could not be made or broke, and requests that were not answered in time. */
  readonly socketErrors: number;
}

/** A program that makes load, in a process of its own. */
export interface LoadTool {
  readonly name: "wrk" | "autocannon";
  readonly version: string;
  run(load: Load, signal: AbortSignal): Promise<LoadResult>;
}

/** How long an answer may take before it counts as lost. */
export const ANSWER_TIMEOUT_SECONDS = 10;

/** Throws when a single answer was not what the scenario expects: such a measurement means nothing. */
export function assertAnswers(name: string, { scenario }: Pick<Load, "scenario">, result: LoadResult): void {
  const { requests, refusals, socketErrors } = result;
  const refused = scenario.requests.filter(({ status }) => status >= 400).length;
  if (requests === 0) throw new Error(`${name}, ${scenario.name}: no request was answered`);
  if (socketErrors > 0) throw new Error(`${name}, ${scenario.name}: ${socketErrors} requests were not answered`);
  const isRight = refused === 0 ? refusals === 0 : refusals === requests;
  if (isRight) return;
  const wanted = refused === 0 ? "none" : "all";
  throw new Error(
    `${name}, ${scenario.name}: ${refusals} of ${requests} requests were refused, ${wanted} should have been`,
  );
}
