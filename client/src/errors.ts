import type { InputError, Problem } from "./models.ts";
import type { ProblemCode } from "./problem-codes.ts";

export interface ApiErrorDetails {
  readonly status: number;
  readonly code: ProblemCode | null;
  readonly problem: Problem | null;
  readonly requestId: string | null;
  readonly traceId: string | null;
  readonly retryAfterMs: number | null;
  readonly attempts: number;
}

/** The service, or something on the way to it, answered with an error. */
export class UsersApiError extends Error {
  override readonly name = "UsersApiError";
  /** The HTTP status code. */
  readonly status: number;
  /** The kind of problem; null when the answer is no problem of this API, or one that this client does not know. */
  readonly code: ProblemCode | null;
  /** The problem as the service told it; null when the answer came from elsewhere, such as a proxy's error page. */
  readonly problem: Problem | null;
  /** Names the request in the service's log; null when the answer does not say. */
  readonly requestId: string | null;
  /** Names the trace that the request is part of (W3C Trace Context); null when the answer does not say. */
  readonly traceId: string | null;
  /** The rejected inputs; empty when the problem is another one. */
  readonly errors: readonly InputError[];
  /** How long the service asked to wait, in milliseconds; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** Requests sent for this call. Beyond 1, an earlier one may have been carried out without its answer arriving. */
  readonly attempts: number;

  constructor(message: string, details: ApiErrorDetails) {
    super(message);
    this.status = details.status;
    this.code = details.code;
    this.problem = details.problem;
    this.requestId = details.requestId;
    this.traceId = details.traceId;
    this.errors = details.problem?.errors ?? [];
    this.retryAfterMs = details.retryAfterMs;
    this.attempts = details.attempts;
  }
}

/** No complete answer arrived: the connection failed or the time was up (`cause`). The request may have been carried out. */
export class UsersNetworkError extends Error {
  override readonly name = "UsersNetworkError";
  /** Requests sent for this call. */
  readonly attempts: number;

  constructor(message: string, options: { readonly cause: unknown; readonly attempts: number }) {
    super(message, { cause: options.cause });
    this.attempts = options.attempts;
  }
}

/** An error of the API that has one of these codes. */
export type ProblemError<Code extends ProblemCode = ProblemCode> = UsersApiError & {
  readonly code: Code;
  readonly problem: Problem;
};

/** Whether an error is one of these problems; any problem of the API when none is named. */
export function isProblem<Code extends ProblemCode = ProblemCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is ProblemError<Code> {
  if (!(error instanceof UsersApiError) || error.code === null) return false;
  const wanted: readonly ProblemCode[] = codes;
  return wanted.length === 0 || wanted.includes(error.code);
}

/** Why a delivery of a webhook is not taken for one. */
export type WebhookRefusal =
  | "missing-header"
  | "malformed-header"
  | "too-old"
  | "too-new"
  | "wrong-signature"
  | "malformed-payload";

/** A request that says it is a delivery of the service, and is not, or not now. Answer it with 400 and do nothing else. */
export class WebhookVerificationError extends Error {
  override readonly name = "WebhookVerificationError";
  readonly reason: WebhookRefusal;

  constructor(reason: WebhookRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}
