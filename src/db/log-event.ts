import { describeError, type Logger } from "../observability/logger.ts";
import type { DatabaseEvent } from "./database.ts";

/** Writes what the policies decided as one event each. */
export function logDatabaseEvent(logger: Logger, event: DatabaseEvent): void {
  switch (event.kind) {
    case "circuit_breaker":
      return logger.log(event.to === "closed" ? "info" : "warn", event.kind, { from: event.from, to: event.to });
    case "load_shedding": {
      const { isShedding, limit, refused } = event;
      return logger.log(isShedding ? "warn" : "info", event.kind, { is_shedding: isShedding, limit, refused });
    }
    case "database_retry": {
      const { statement, attempts, delayMs, failure, context } = event;
      const fields = {
        request_id: context.id,
        trace_id: context.traceId,
        statement,
        attempts,
        delay_ms: Math.round(delayMs),
      };
      return logger.log("warn", event.kind, { ...fields, error: describeError(failure.cause) });
    }
  }
}
