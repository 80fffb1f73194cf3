import type { EventPage, EventQuery } from "../../models/user-event.ts";
import type { UserEventService } from "../../services/user-event-service.ts";
import type { RequestScope } from "../request-scope.ts";
import type { DatabaseUsage } from "../server-timing.ts";
import { type StreamEnd, streamText } from "../text-stream.ts";
import type { EventCursorCodec } from "./cursor.ts";
import { writeEventStream } from "./event-stream.ts";

export interface EventStreamLimits {
  /** Milliseconds after which a stream ends by itself; the client comes again. */
  readonly streamMs: number;
  /** Milliseconds between two reads at the end of the feed. */
  readonly pollMs: number;
  /** Milliseconds in which the reader has to take what was sent. */
  readonly patienceMs: number;
}

/** What became of a stream, for the log: its request's line was written when it began. */
export interface StreamSummary {
  readonly requestId: string;
  readonly end: StreamEnd | "database_failed";
  readonly durationMs: number;
  readonly sentEvents: number;
  readonly usage: DatabaseUsage;
  /** Why the feed could not be read on; null otherwise. */
  readonly error: unknown;
}

export interface EventStreamOptions {
  readonly userEvents: UserEventService;
  readonly eventCursors: EventCursorCodec;
  readonly eventStreams: EventStreamLimits;
  readonly onStreamEnd: (summary: StreamSummary) => void;
  /** Milliseconds. */
  readonly clock: () => number;
}

/** Opens a stream behind its first page. It goes on after the answer, in calls of their own, until its time or its reader is gone. */
export function openEventStream(
  scope: RequestScope,
  query: EventQuery,
  first: EventPage,
  { userEvents, eventCursors, eventStreams, onStreamEnd, clock }: EventStreamOptions,
): ReadableStream {
  const { streamMs, pollMs, patienceMs } = eventStreams;
  const [startedAt, left] = [clock(), new AbortController()];
  const ended = AbortSignal.any([left.signal, AbortSignal.timeout(streamMs)]);
  const usage: DatabaseUsage = { roundTrips: 0, durationMs: 0 };
  let [sentEvents, failure]: [number, { readonly error: unknown } | null] = [0, null];

  const chunks = writeEventStream({
    first,
    following: userEvents.follow({ last: first, query, ended }, () => scope.afterwards(ended, usage)),
    pollMs,
    encode: (position) => eventCursors.encode(position, query.filter),
    onFailure: (error) => (failure = { error }),
    onSent: (count) => (sentEvents += count),
  });
  return streamText(chunks, {
    patienceMs,
    onEnd: (end) => {
      left.abort();
      onStreamEnd({
        requestId: scope.requestId,
        end: failure === null ? end : "database_failed",
        durationMs: clock() - startedAt,
        sentEvents,
        usage,
        error: failure?.error ?? null,
      });
    },
  });
}
