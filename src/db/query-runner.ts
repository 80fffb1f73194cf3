import type { CallContext } from "../models/call-context.ts";
import { AppError } from "../models/errors.ts";
import type { SendStatement, TextResult } from "./client.ts";
import { translateDatabaseError } from "./errors.ts";
import type { Statement, Values } from "./statement.ts";

/** A statement that is to be sent, and what is wanted of its result. */
export interface Query<Given extends Values, Result> {
  readonly statement: Statement<Given>;
  readonly values: Given;
  readonly read: (result: TextResult) => Result;
}

/** The one seam to the database: every statement goes through here. */
export interface QueryRunner {
  /**
   * Sends one statement. Fails with an `AppError` only, never with an error of the driver, whose message could hold
   * parameters.
   */
  run<Given extends Values, Result>(context: CallContext, query: Query<Given, Result>): Promise<Result>;
}

export interface QueryRunnerOptions {
  readonly send: SendStatement;
  /** Milliseconds, monotonic enough for durations. */
  readonly clock: () => number;
}

export function createQueryRunner({ send, clock }: QueryRunnerOptions): QueryRunner {
  return {
    async run(context, { statement, values, read }) {
      const { signal } = context;
      if (signal.aborted) throw new AppError("deadline-exceeded");
      const startedAt = clock();
      try {
        return read(await send(statement.text, statement.bind(values), signal));
      } catch (error) {
        throw translateDatabaseError(error);
      } finally {
        context.countQuery(clock() - startedAt);
      }
    },
  };
}
