/**
 * Every way in which the business can refuse or fail. The HTTP status, title and page of each code
 * live in `http/problem-registry.ts`; a code without an entry there does not compile.
 */
export type ErrorCode =
  | "validation-failed"
  | "invalid-cursor"
  | "cursor-expired"
  | "user-not-found"
  | "username-taken"
  | "email-taken"
  | "precondition-failed"
  | "precondition-required"
  | "idempotency-key-reused"
  | "idempotency-key-in-use"
  | "webhook-not-found"
  | "webhook-url-refused"
  | "webhook-limit-reached"
  | "webhook-disabled"
  | "credentials-unverifiable"
  | "database-unavailable"
  | "overloaded"
  | "deadline-exceeded"
  | "outcome-unknown"
  | "internal-error";

/** What is wrong with one input; stable, so that clients can switch on it. */
export type IssueCode =
  | "required"
  | "invalid_type"
  | "too_short"
  | "too_long"
  | "invalid_format"
  | "out_of_range"
  | "unknown"
  | "repeated";

/** One broken rule of one field. `field` is the business name of the input, in snake_case. */
export interface FieldIssue {
  readonly field: string;
  readonly code: IssueCode;
  /** A sentence for people; never repeats the rejected value. */
  readonly detail: string;
}

export interface AppErrorOptions {
  readonly issues?: readonly FieldIssue[];
  /** True when a change may have been made in spite of the error. */
  readonly isOutcomeUnknown?: boolean;
  readonly cause?: unknown;
}

/** A refusal or failure with a code from the closed union; thrown once, shaped once at the edge. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly issues: readonly FieldIssue[];
  readonly isOutcomeUnknown: boolean;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(code, { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.isOutcomeUnknown = options.isOutcomeUnknown ?? false;
  }
}
