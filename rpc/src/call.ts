import { createContextKey, type ContextValues } from "@connectrpc/connect";

import { readRequestId } from "../../src/http/middleware/request-id.ts";
import { continueTrace, type TraceContext } from "../../src/observability/trace-context.ts";

/** One request, and what its line in the log tells of it. */
export interface Call {
  /** The same in the answer, and in the API's log. */
  readonly requestId: string;
  readonly trace: TraceContext;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Milliseconds of waiting for the API. */
  apiMs: number;
  /** Kind of the problem that the API answered with. */
  problem: string | null;
  /** What went wrong that is nobody's refusal, for the log. */
  error: unknown;
}

export function openCall({ headers }: Request, startedAt: number): Call {
  return {
    requestId: readRequestId(headers),
    trace: continueTrace(headers),
    startedAt,
    apiMs: 0,
    problem: null,
    error: null,
  };
}

/** Where Connect keeps it for what serves the call. */
export const CALL = createContextKey<Call | null>(null, { description: "call" });

/** The call that is being served. */
export function callOf(values: ContextValues): Call {
  const call = values.get(CALL);
  if (call === null) throw new Error("The handler runs outside of the server.");
  return call;
}
