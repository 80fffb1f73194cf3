import { describeError, type Logger } from "../../observability/logger.ts";
import type { StreamSummary } from "./stream-user-events.ts";

/** Writes what became of a stream. A reader that goes is no failure, and neither is one that is too slow. */
export function logStreamEnd(
  logger: Logger,
  { requestId, end, durationMs, sentEvents, usage, error }: StreamSummary,
): void {
  const isFailure = end === "database_failed" || end === "failed";
  logger.log(isFailure ? "error" : "info", "event_stream_ended", {
    request_id: requestId,
    reason: end,
    duration_ms: durationMs,
    sent_events: sentEvents,
    db_ms: usage.durationMs,
    db_round_trips: usage.roundTrips,
    ...(error === null ? {} : { error: describeError(error) }),
  });
}
