import type { Tracer } from "../observability/tracer.ts";
import { CircuitBreaker, type CircuitTransition } from "../resilience/circuit-breaker.ts";
import { ConcurrencyLimit, type LimitChange } from "../resilience/concurrency-limit.ts";
import { createGate, OPEN_GATE, type Admission } from "../resilience/gate.ts";
import { RetryPolicy } from "../resilience/retry.ts";
import type { SendStatement } from "./client.ts";
import { createQueryRunner, type AttemptListener, type QueryRunner, type RetryEvent } from "./query-runner.ts";

/** The database as the rest of the Worker sees it. */
export interface Database {
  readonly queries: QueryRunner;
  /** For health checks: each is sent once, whatever the policies think of the database. */
  readonly probes: QueryRunner;
  readonly admission: Admission;
}

/** What the policies decided, for the log and the metrics. */
export type DatabaseEvent =
  | ({ readonly kind: "circuit_breaker" } & CircuitTransition)
  | ({ readonly kind: "load_shedding" } & LimitChange)
  | ({ readonly kind: "database_retry" } & RetryEvent);

export interface DatabaseOptions {
  readonly send: SendStatement;
  /** Milliseconds that a request may take; statements should take a tenth of it. */
  readonly requestTimeoutMs: number;
  /** Statements at the same time while the database is quick. */
  readonly maxConcurrency: number;
  /** Milliseconds. */
  readonly clock: () => number;
  /** Gives 0 to 1. */
  readonly random: () => number;
  readonly onEvent: (event: DatabaseEvent) => void;
  /** Absent or null where nobody measures. */
  readonly measures?: DatabaseMeasures | null;
  /** Absent or null where nobody traces. */
  readonly tracer?: Tracer | null;
}

/** Told of what happens too often for the log. */
export interface DatabaseMeasures {
  readonly onAttempt: AttemptListener;
  /** A call that the concurrency limit refused. */
  readonly onRefusal: () => void;
}

/** So many failures in a row are no coincidence even where half of all calls fail; retries count too. */
const FAILURES_THAT_OPEN = 10;
/** A restart takes seconds; looking once a second costs nothing and finds its end at once. */
const OPEN_MS = 1_000;
const MAX_PROBES = 3;

const MIN_CALLS = 16;
/** Shares of the deadline: what statements should take, and what they may take where the database is that slow by itself. */
const TARGET_SHARE = 0.1;
const MAX_TARGET_SHARE = 0.5;

const RETRIES = { maxAttempts: 3, baseDelayMs: 50, maxDelayMs: 500, budget: 20, earnedPerAnswer: 0.1 } as const;

/** Puts the policies around the driver. Made once per isolate: what one isolate learns, the others do not know. */
export function createDatabase({
  send,
  requestTimeoutMs,
  maxConcurrency,
  clock,
  random,
  onEvent,
  measures = null,
  tracer = null,
}: DatabaseOptions): Database {
  const breaker = new CircuitBreaker({
    failureThreshold: FAILURES_THAT_OPEN,
    openMs: OPEN_MS,
    maxProbes: MAX_PROBES,
    clock,
    onTransition: (transition) => onEvent({ kind: "circuit_breaker", ...transition }),
  });
  const limit = new ConcurrencyLimit({
    max: maxConcurrency,
    min: Math.min(MIN_CALLS, maxConcurrency),
    targetMs: requestTimeoutMs * TARGET_SHARE,
    maxTargetMs: requestTimeoutMs * MAX_TARGET_SHARE,
    clock,
    onChange: (change) => onEvent({ kind: "load_shedding", ...change }),
    ...(measures === null ? {} : { onRefusal: measures.onRefusal }),
  });
  const gate = createGate({ breaker, limit });
  const retries = new RetryPolicy({ ...RETRIES, random });
  const onRetry = (event: RetryEvent): void => onEvent({ kind: "database_retry", ...event });
  const onAttempt = measures?.onAttempt ?? null;
  return {
    queries: createQueryRunner({ send, clock, gate, retries, onRetry, onAttempt, tracer }),
    probes: createQueryRunner({ send, clock, gate: OPEN_GATE, retries: null, onAttempt, tracer }),
    admission: gate,
  };
}
