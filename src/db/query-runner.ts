import { AppError } from "../models/errors.ts";
import type { Database, DatabaseFactory } from "./client.ts";
import { translateDatabaseError } from "./errors.ts";

/** The one seam to the database: every statement of a request goes through here, under its deadline. */
export interface QueryRunner {
  /**
   * Sends one query. `name` is what the log calls it. Fails with an `AppError` only, never with an error of
   * the driver, whose message could hold parameters.
   */
  run<Result>(name: string, query: (database: Database) => Promise<Result>): Promise<Result>;
}

export interface QueryRecord {
  readonly name: string;
  /** Milliseconds from sending to answer. */
  readonly durationMs: number;
}

export interface QueryRunnerOptions {
  readonly openDatabase: DatabaseFactory;
  /** Aborts running queries; when it has fired, new ones are refused. */
  readonly signal: AbortSignal;
  /** Milliseconds, monotonic enough for durations. */
  readonly clock: () => number;
  readonly onQuery: (record: QueryRecord) => void;
}

export function createQueryRunner({ openDatabase, signal, clock, onQuery }: QueryRunnerOptions): QueryRunner {
  return {
    async run(name, query) {
      if (signal.aborted) throw new AppError("deadline-exceeded");
      const startedAt = clock();
      try {
        return await query(openDatabase(signal));
      } catch (error) {
        throw translateDatabaseError(error);
      } finally {
        onQuery({ name, durationMs: clock() - startedAt });
      }
    },
  };
}
