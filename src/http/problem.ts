import { AppError, type IssueCode } from "../models/errors.ts";
import type { AppContext } from "./context.ts";
import { PROBLEM_TYPES, type ProblemCode } from "./problem-registry.ts";
import { sentPath } from "./request-path.ts";
import { respond } from "./respond.ts";
import type { HeaderGroup } from "./response-headers.ts";

/** One rejected input: `pointer` (RFC 6901) into the body, or the name of a path, query or header parameter. */
export type InputError = { readonly code: IssueCode; readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly parameter: string }
);

export interface ProblemOptions {
  /** A sentence about this occurrence, instead of the type's own. Never holds internals. */
  readonly detail?: string;
  readonly errors?: readonly InputError[];
  /** Names of the exhausted quotas (draft-ietf-httpapi-ratelimit-headers-11 section 5.1). */
  readonly violatedPolicies?: readonly string[];
  readonly headers?: HeaderGroup;
}

/** A refusal that only HTTP knows, thrown where a response cannot be returned; shaped here. */
class ProblemError extends Error {
  override readonly name: string = "ProblemError";
  readonly code: ProblemCode;
  readonly options: ProblemOptions;

  constructor(code: ProblemCode, options: ProblemOptions = {}) {
    super(code);
    this.code = code;
    this.options = options;
  }
}

/** The contract of an operation was broken by the request's shape. */
export class InvalidRequestError extends ProblemError {
  override readonly name = "InvalidRequestError";
  readonly errors: readonly InputError[];

  constructor(errors: readonly InputError[]) {
    super("validation-failed", { errors });
    this.errors = errors;
  }
}

/** The body is empty or is not JSON. */
export class MalformedBodyError extends ProblemError {
  override readonly name = "MalformedBodyError";

  constructor() {
    super("malformed-body");
  }
}

const PROBLEM: HeaderGroup = { "Content-Type": "application/problem+json" };

const RETRY_AFTER: ReadonlyMap<string, HeaderGroup> = new Map(
  Object.entries(PROBLEM_TYPES).flatMap(([code, { retryAfterSeconds }]) =>
    retryAfterSeconds === undefined ? [] : [[code, { "Retry-After": String(retryAfterSeconds) }]],
  ),
);

/** The only writer of error responses: RFC 9457 problem details. */
export function problemResponse(c: AppContext, code: ProblemCode, options: ProblemOptions = {}): Response {
  c.env.problemCode = code;
  if (options.headers !== undefined) c.env.headerGroups.push(options.headers);
  const retryAfter = RETRY_AFTER.get(code);
  if (retryAfter !== undefined) c.env.headerGroups.push(retryAfter);
  return respond(c, PROBLEM_TYPES[code].status, toProblemJson(c, code, options), PROBLEM);
}

function toProblemJson(c: AppContext, code: ProblemCode, { detail, errors, violatedPolicies }: ProblemOptions): string {
  const head = detail === undefined ? typeMembers(code) : describe(code, detail);
  const occurrence = { instance: pathReference(c.env.url), request_id: c.env.requestId, trace_id: c.env.traceId };
  const members =
    errors === undefined && violatedPolicies === undefined
      ? occurrence
      : { ...occurrence, errors, "violated-policies": violatedPolicies };
  return `${head},${JSON.stringify(members).slice(1)}`;
}

/** What a problem type says each time, as the first members of a JSON object; written once per isolate. */
function typeMembers(code: ProblemCode): string {
  const known = TYPE_MEMBERS.get(code) ?? describe(code, PROBLEM_TYPES[code].detail);
  TYPE_MEMBERS.set(code, known);
  return known;
}

const TYPE_MEMBERS = new Map<ProblemCode, string>();

function describe(code: ProblemCode, detail: string): string {
  const { title, status } = PROBLEM_TYPES[code];
  return JSON.stringify({ type: `/problems/${code}`, title, status, detail }).slice(0, -1);
}

/** Shapes whatever a handler threw. An error that nobody classified says nothing beyond the request id. */
export function handleError(error: Error, c: AppContext): Response {
  c.env.error = error;
  if (error instanceof ProblemError) return problemResponse(c, error.code, error.options);
  if (error instanceof AppError) {
    const errors = error.issues.map(({ field, code, detail }) => ({ pointer: `/${field}`, code, detail }));
    return problemResponse(c, error.code, errors.length > 0 ? { errors } : describeOutcome(error));
  }
  return problemResponse(c, "internal-error");
}

/** Nothing is told as failed that may have been done. */
function describeOutcome({ code, isOutcomeUnknown }: AppError): ProblemOptions {
  if (!isOutcomeUnknown || code === "outcome-unknown") return {};
  return { detail: `${PROBLEM_TYPES[code].detail} The change may have been made, or not.` };
}

/** The request's path as a URI reference: two leading slashes would name a host (RFC 3986 section 4.2). */
function pathReference(url: string): string {
  const path = sentPath(url);
  return path.startsWith("//") ? `/.${path}` : path;
}
