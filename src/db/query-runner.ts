import { AppError } from "../models/errors.ts";
import type { SendStatement, TextResult } from "./client.ts";
import { translateDatabaseError } from "./errors.ts";
import type { Statement, Values } from "./statement.ts";

/** The one seam to the database: every statement of a request goes through here, under its deadline. */
export interface QueryRunner {
  /**
   * Sends one statement. Fails with an `AppError` only, never with an error of the driver, whose message could hold
   * parameters.
   */
  run<Given extends Values>(statement: Statement<Given>, values: Given): Promise<TextResult>;
}

export interface QueryRecord {
  readonly name: string;
  /** Milliseconds from sending to answer. */
  readonly durationMs: number;
}

export interface QueryRunnerOptions {
  readonly send: SendStatement;
  /** Gives what aborts running statements; when it has fired, new ones are refused. */
  readonly signal: () => AbortSignal;
  /** Milliseconds, monotonic enough for durations. */
  readonly clock: () => number;
  readonly onQuery: (record: QueryRecord) => void;
}

export function createQueryRunner({ send, signal: getSignal, clock, onQuery }: QueryRunnerOptions): QueryRunner {
  return {
    async run(statement, values) {
      const signal = getSignal();
      if (signal.aborted) throw new AppError("deadline-exceeded");
      const startedAt = clock();
      try {
        return await send(statement.text, statement.bind(values), signal);
      } catch (error) {
        throw translateDatabaseError(error);
      } finally {
        onQuery({ name: statement.name, durationMs: clock() - startedAt });
      }
    },
  };
}
