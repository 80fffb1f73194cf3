import type { Metrics } from "../observability/metrics.ts";
import type { DatabaseEvent, DatabaseMeasures } from "./database.ts";

/** Counts round trips by statement and their failures by code. */
export function createDatabaseMeasures({ buffer }: Metrics): DatabaseMeasures {
  return {
    onAttempt(statement, durationMs, failure) {
      buffer.addStatement(statement, durationMs);
      if (failure !== null) buffer.count("db_errors_total", [failure.code]);
    },
    onRefusal: () => buffer.count("load_shedding_refused_total", []),
  };
}

/** Counts what the policies decided; how much was shed is counted call by call. */
export function measureDatabaseEvent(metrics: Metrics, event: DatabaseEvent): void {
  if (event.kind === "circuit_breaker") metrics.noteBreaker(event.from, event.to);
  if (event.kind === "database_retry") metrics.buffer.count("db_retries_total", [event.statement]);
}
