import type { LogSampling } from "../observability/log-sampling.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { DatabaseEvent, DatabaseMeasures } from "./database.ts";

/** Counts round trips by statement and their failures by code; names the trace of one of which the log tells. */
export function createDatabaseMeasures({ buffer }: Metrics, sampling: LogSampling): DatabaseMeasures {
  return {
    onAttempt({ statement, durationMs, endedAt, failure, context: { traceId } }) {
      const exemplar = traceId !== null && sampling.keeps(traceId) ? traceId : null;
      buffer.addStatement(statement, durationMs, exemplar, endedAt);
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
