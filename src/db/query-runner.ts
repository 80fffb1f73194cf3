import type { CallContext } from "../models/call-context.ts";
import { AppError } from "../models/errors.ts";
import type { Tracer } from "../observability/tracer.ts";
import type { CallOutcome } from "../resilience/circuit-breaker.ts";
import { pause } from "../resilience/deadline.ts";
import type { Gate } from "../resilience/gate.ts";
import type { RetryPolicy } from "../resilience/retry.ts";
import type { SendStatement, TextResult } from "./client.ts";
import { toAppError, type DatabaseFailure } from "./errors.ts";
import { classifyFailure } from "./failures.ts";
import { traceStatements } from "./statement-span.ts";
import type { Statement, StatementKind, Values } from "./statement.ts";

/** A statement that is to be sent, and what is wanted of its result. */
export interface Query<Given extends Values, Result> {
  readonly statement: Statement<Given>;
  readonly values: Given;
  readonly read: (result: TextResult) => Result;
}

/** The one seam to the database: every statement goes through here. */
export interface QueryRunner {
  /**
   * Sends one statement, and again where that may help and cannot harm. Fails with an `AppError` only, never with an error
   * of the driver, whose message could hold parameters.
   */
  run<Given extends Values, Result>(context: CallContext, query: Query<Given, Result>): Promise<Result>;
}

/** A statement that is sent again, for the log. */
export interface RetryEvent {
  readonly statement: string;
  /** How often it has been sent. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly failure: DatabaseFailure;
  readonly context: CallContext;
}

/** One round trip that is over. */
export interface AttemptEvent {
  readonly statement: string;
  readonly durationMs: number;
  /** By the runner's clock. */
  readonly endedAt: number;
  /** How it failed, if it did. */
  readonly failure: DatabaseFailure | null;
  readonly context: CallContext;
}

/** Told of each round trip. */
export type AttemptListener = (event: AttemptEvent) => void;

export interface QueryRunnerOptions {
  readonly send: SendStatement;
  /** Milliseconds, monotonic enough for durations. */
  readonly clock: () => number;
  /** Refuses statements while the database is down or has too much to do. */
  readonly gate: Gate;
  /** Null where a failure is the answer, as for probes. */
  readonly retries: RetryPolicy | null;
  readonly onRetry?: (event: RetryEvent) => void;
  /** Null where nobody measures. */
  readonly onAttempt?: AttemptListener | null;
  /** Absent or null where nobody traces. */
  readonly tracer?: Tracer | null;
}

type Failed = Pick<RetryEvent, "statement" | "attempts" | "failure"> & { readonly kind: StatementKind };

type Attempt = { readonly result: TextResult } | { readonly failure: DatabaseFailure };

export function createQueryRunner(options: QueryRunnerOptions): QueryRunner {
  const { clock, gate, retries, onRetry, onAttempt = null } = options;
  const send = traceStatements(options.send, options.tracer ?? null);

  /** One round trip, counted wherever such things are counted. */
  const attempt = async (context: CallContext, name: string, text: string, params: unknown[]): Promise<Attempt> => {
    const startedAt = clock();
    const permit = gate.enter(startedAt);
    let failure: DatabaseFailure | null = null;
    try {
      return { result: await send(name, text, params, context.signal) };
    } catch (error) {
      failure = classifyFailure(error);
      return { failure };
    } finally {
      const endedAt = clock();
      context.countQuery(endedAt - startedAt);
      gate.leave(permit, failure === null ? "answered" : outcomeOf(failure), startedAt, endedAt);
      if (onAttempt !== null) {
        onAttempt({ statement: name, durationMs: endedAt - startedAt, endedAt, failure, context });
      }
    }
  };

  /** Waits until a failed statement may be sent again; fails with what the request fails with when it may not. */
  const prepareRetry = async (context: CallContext, { statement, kind, attempts, failure }: Failed): Promise<void> => {
    // Whoever was the probe of a circuit that is open again does not wait for nothing.
    const mayRepeat = isRepeatable(failure, kind) && gate.refusal() === null;
    const delayMs = mayRepeat ? (retries?.nextDelayMs(attempts) ?? null) : null;
    if (delayMs === null) throw toAppError(failure, kind);
    onRetry?.({ statement, attempts, delayMs, failure, context });
    await pause(delayMs, context.signal);
    // What the last attempt left open stays open.
    if (context.signal.aborted) throw toAppError({ ...failure, code: "deadline-exceeded" }, kind);
    if (gate.refusal() !== null) throw toAppError(failure, kind);
  };

  return {
    async run(context, { statement: { name: statement, text, kind, bind }, values, read }) {
      const params = ours(() => bind(values));
      if (context.signal.aborted) throw new AppError("deadline-exceeded");
      for (let attempts = 1; ; attempts++) {
        const tried = await attempt(context, statement, text, params);
        if ("result" in tried) {
          retries?.earn();
          return ours(() => read(tried.result));
        }
        await prepareRetry(context, { statement, kind, attempts, failure: tried.failure });
      }
    },
  };
}

/** Before a statement is sent, and once its answer is there, whatever fails is either a refusal or a mistake of ours. */
function ours<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof AppError ? error : new AppError("internal-error", { cause: error });
  }
}

function outcomeOf({ isInfrastructure, code }: DatabaseFailure): CallOutcome {
  if (isInfrastructure) return "failed";
  return code === "deadline-exceeded" ? "undecided" : "answered";
}

/** Never again what may have been done, unless doing it twice is doing it once. */
function isRepeatable({ effect, isTransient }: DatabaseFailure, kind: StatementKind): boolean {
  return isTransient && (effect === "none" || kind !== "write");
}
