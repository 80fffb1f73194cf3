import { describeError, type Logger } from "../../../src/observability/logger.ts";
import type { FeedObserver } from "./feed-socket.ts";

/** Writes what becomes of sockets. A client that goes is no failure, and neither is one that is too slow. */
export function createFeedObserver(logger: Logger): FeedObserver {
  return {
    onOpened: ({ requestId }) => logger.log("info", "event_socket_opened", { request_id: requestId }),
    onEnded: ({ requestId, openedAt, sent }, reason, now) =>
      logger.log(reason === "database_failed" ? "error" : "info", "event_socket_ended", {
        request_id: requestId,
        reason,
        duration_ms: now - openedAt,
        sent_events: sent,
      }),
    onInterrupted: (error) => logger.log("warn", "event_sockets_interrupted", { error: describeError(error) }),
  };
}
