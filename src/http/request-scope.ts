import type { TokenRefusal } from "../auth/token-verifier.ts";
import type { Principal } from "../models/principal.ts";
import type { TraceContext } from "../observability/trace-context.ts";
import type { Deadline } from "../resilience/deadline.ts";
import type { HealthService } from "../services/health-service.ts";
import type { UserService } from "../services/user-service.ts";
import type { ProblemCode } from "./problem-registry.ts";
import type { HeaderGroup, Recipient, ResponseHeaders } from "./response-headers.ts";

/** What one request may use: services bound to its deadline. */
export interface RequestServices {
  readonly users: UserService;
  readonly health: HealthService;
}

/** Database work done for one request. */
export interface DatabaseUsage {
  roundTrips: number;
  /** Milliseconds. */
  durationMs: number;
}

/** What requests are made of that does not change between them. */
export interface RequestScopeParts {
  /** Starts the time that one request may take. */
  readonly startDeadline: () => Deadline;
  readonly createServices: (scope: RequestScope) => RequestServices;
  readonly responseHeaders: ResponseHeaders;
}

/**
 * What lives as long as one request. Its time starts with the first thing that waits, and services are made when the
 * first is used: most of what a refusal needs is not there yet.
 */
export class RequestScope implements Recipient {
  readonly requestId: string;
  readonly trace: TraceContext;
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
  readonly #parts: RequestScopeParts;
  #deadline: Deadline | null = null;
  #services: RequestServices | null = null;

  constructor(parts: RequestScopeParts, { requestId, trace }: Pick<Recipient, "requestId" | "trace">) {
    this.#parts = parts;
    this.requestId = requestId;
    this.trace = trace;
    this.responseHeaders = parts.responseHeaders;
  }

  /** The time that the request has left. */
  get deadline(): Deadline {
    return (this.#deadline ??= this.#parts.startDeadline());
  }

  get services(): RequestServices {
    return (this.#services ??= this.#parts.createServices(this));
  }
}
