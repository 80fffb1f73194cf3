import type { TokenRefusal } from "../auth/token-verifier.ts";
import type { FlagAsker } from "../flags/feature-flags.ts";
import type { CallContext } from "../models/call-context.ts";
import type { FlagName } from "../models/feature-flag.ts";
import type { Principal } from "../models/principal.ts";
import type { Background } from "../observability/metrics.ts";
import type { TraceContext } from "../observability/trace-context.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { ProblemCode } from "./problem-registry.ts";
import type { HeaderGroup, ResponseTarget, ResponseHeaders } from "./response-headers.ts";
import type { DatabaseUsage } from "./server-timing.ts";

/** What requests are made of that does not change between them. */
export interface RequestScopeParts {
  /** Starts the time that one request may take. */
  readonly startDeadline: () => Deadline;
  readonly responseHeaders: ResponseHeaders;
}

/** What came in. A `Request` is asked once: each look at it is a call into the runtime. */
export interface IncomingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
}

/** What lives as long as one request. Its time starts with the first thing that waits: a refusal needs no timer. */
export class RequestScope implements IncomingRequest, ResponseTarget, CallContext, FlagAsker {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly startedAt: number;
  readonly responseHeaders: ResponseHeaders;
  readonly databaseUsage: DatabaseUsage = { roundTrips: 0, durationMs: 0 };
  readonly headerGroups: HeaderGroup[] = [];
  /** Template of the path; null while none matched, so that scanners add no variety to the log. */
  route: string | null = null;
  /** Set by authentication. */
  principal: Principal | null = null;
  /** Why a bearer token was refused, for the log; the client learns only that it was. */
  tokenRefusal: TokenRefusal | null = null;
  /** Set by the writer of problems, for the log. */
  problemCode: ProblemCode | null = null;
  /** What was thrown, for the log. */
  error: unknown = null;
  /** The whole body, once its guard has read it. */
  body: string | null = null;
  /** What the platform keeps running after the answer; null where it does not say. */
  background: Background | null = null;
  /** Flags that were asked, and what they said, for the log; null while none was. */
  flags: Partial<Record<FlagName, "on" | "off">> | null = null;
  readonly #parts: RequestScopeParts;
  #deadline: Deadline | null = null;

  constructor(
    parts: RequestScopeParts,
    {
      method,
      url,
      headers,
      requestId,
      trace,
      startedAt,
    }: IncomingRequest & Pick<ResponseTarget, "requestId" | "trace" | "startedAt">,
  ) {
    this.#parts = parts;
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.requestId = requestId;
    this.trace = trace;
    this.startedAt = startedAt;
    this.responseHeaders = parts.responseHeaders;
  }

  /** The time that the request has left. */
  get deadline(): Deadline {
    return (this.#deadline ??= this.#parts.startDeadline());
  }

  get id(): string {
    return this.requestId;
  }

  get traceId(): string {
    return this.trace.traceId;
  }

  get signal(): AbortSignal {
    return this.deadline.signal;
  }

  get caller(): string | null {
    return this.principal?.id ?? null;
  }

  noteFlag(name: FlagName, isOn: boolean): void {
    this.flags = { ...this.flags, [name]: isOn ? "on" : "off" };
  }

  countQuery(durationMs: number): void {
    this.databaseUsage.roundTrips += 1;
    this.databaseUsage.durationMs += durationMs;
  }

  /** For a call that is made after the answer: it has the time of a request, and ends with the signal. */
  afterwards(signal: AbortSignal, usage: DatabaseUsage): CallContext {
    return {
      id: this.id,
      traceId: this.traceId,
      signal: AbortSignal.any([signal, this.#parts.startDeadline().signal]),
      countQuery: (durationMs) => {
        usage.roundTrips += 1;
        usage.durationMs += durationMs;
      },
    };
  }

  /** The same with less time. */
  within(milliseconds: number): CallContext {
    const { signal } = this.deadline.within(milliseconds);
    const { id, traceId } = this;
    return { id, traceId, signal, countQuery: (durationMs) => this.countQuery(durationMs) };
  }
}
