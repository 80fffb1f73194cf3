import type { ErrorCode } from "../models/errors.ts";
import type { ProblemType } from "./problem-type.ts";
import { WEBHOOK_PROBLEMS } from "./webhooks/problems.ts";

/** Refusals that only HTTP knows; the business never sees these requests. */
export type HttpErrorCode =
  | "malformed-body"
  | "missing-credentials"
  | "invalid-api-key"
  | "insufficient-scope"
  | "route-not-found"
  | "method-not-allowed"
  | "not-acceptable"
  | "payload-too-large"
  | "unsupported-media-type"
  | "quota-exceeded"
  | "invalid-token";

export type ProblemCode = ErrorCode | HttpErrorCode;

/** Database troubles pass in seconds (a restart, a wake-up); longer ones are no reason to hammer. */
const DATABASE_RETRY_SECONDS = 5;
/** The service admits more again as soon as the database is quicker, which it finds out several times a second. */
const OVERLOAD_RETRY_SECONDS = 1;
/** A single statement is over in less. */
const IN_USE_RETRY_SECONDS = 1;
/** The period of the rate limits in `wrangler.toml`. */
export const QUOTA_PERIOD_SECONDS = 60;

/** Every kind of problem this API answers with. A code without an entry does not compile. */
export const PROBLEM_TYPES: Readonly<Record<ProblemCode, ProblemType>> = {
  "validation-failed": {
    status: 400,
    title: "Validation failed",
    detail: "Some inputs break the rules of this operation; `errors` names each.",
    remedy:
      "Correct the inputs that `errors` names by pointer (body) or parameter (path, query and header), then send the request again.",
  },
  "malformed-body": {
    status: 400,
    title: "Malformed body",
    detail: "The request body is empty or is not JSON.",
    remedy: "Send one JSON object, encoded as UTF-8.",
  },
  "invalid-cursor": {
    status: 400,
    title: "Invalid cursor",
    detail: "The cursor is not one that this list has given out.",
    remedy:
      "Use `next_cursor` of the previous page unchanged, with the same sort and filters, or start again without a cursor.",
  },
  "cursor-expired": {
    status: 410,
    title: "Cursor expired",
    detail: "Events behind this cursor have been removed because of their age.",
    remedy:
      "What happened meanwhile is no longer told: read the list of users anew, and follow the feed from a new cursor (`from=now`, taken before the list).",
  },
  "missing-credentials": {
    status: 401,
    title: "Credentials required",
    detail: "The request carries no credentials.",
    remedy: "Send your API key in the X-API-Key header, or a bearer token in the Authorization header.",
  },
  "invalid-token": {
    status: 401,
    title: "Token refused",
    detail: "The bearer token is not accepted.",
    remedy: "Get a new token from your identity provider; this one may have expired or be meant for another service.",
  },
  "invalid-api-key": {
    status: 403,
    title: "API key refused",
    detail: "The API key is not accepted.",
    remedy: "Check the key for typing errors, or ask the operator for a new one; it may have been rotated.",
  },
  "insufficient-scope": {
    status: 403,
    title: "Scope missing",
    detail: "The credentials do not include the scope that this operation needs.",
    remedy: "Use credentials with the scope that the operation's documentation names.",
  },
  "route-not-found": {
    status: 404,
    title: "Path not found",
    detail: "There is nothing at this path.",
    remedy: "Compare the path with the documentation at /docs; paths have no trailing slash.",
  },
  "user-not-found": {
    status: 404,
    title: "User not found",
    detail: "There is no such user.",
    remedy: "Check the id or username; the user may have been deleted.",
  },
  "method-not-allowed": {
    status: 405,
    title: "Method not allowed",
    detail: "This path does not support the request's method.",
    remedy: "Use one of the methods in the Allow header.",
  },
  "not-acceptable": {
    status: 406,
    title: "Not acceptable",
    detail: "The Accept header excludes application/json, the only format of this API.",
    remedy: "Accept application/json, or leave the Accept header out.",
  },
  "username-taken": {
    status: 409,
    title: "Username taken",
    detail: "Another user has this username.",
    remedy: "Choose another username; upper and lower case do not differ.",
  },
  "email-taken": {
    status: 409,
    title: "Email taken",
    detail: "Another user has this email address.",
    remedy: "Use another address; upper and lower case do not differ.",
  },
  "idempotency-key-in-use": {
    status: 409,
    title: "Request in progress",
    detail: "A request with this idempotency key is still running.",
    remedy: "Repeat the request after the time in the Retry-After header to get its answer.",
    retryAfterSeconds: IN_USE_RETRY_SECONDS,
  },
  "precondition-failed": {
    status: 412,
    title: "Precondition failed",
    detail: "The resource is not in the state that the If-Match header names; nothing was changed.",
    remedy: "Read it again, decide again, and send the change with its new ETag.",
  },
  "payload-too-large": {
    status: 413,
    title: "Body too large",
    detail: "The request body is larger than 64 KiB.",
    remedy: "Send a smaller body.",
  },
  "unsupported-media-type": {
    status: 415,
    title: "Unsupported media type",
    detail: "The Content-Type header is missing or names a format that this operation does not read.",
    remedy: "Send JSON as UTF-8 with Content-Type: application/json; PATCH also reads application/merge-patch+json.",
  },
  "idempotency-key-reused": {
    status: 422,
    title: "Idempotency key reused",
    detail: "This idempotency key stands for another request.",
    remedy: "Use a new key for a new request, and the same key only to repeat the same one.",
  },
  "precondition-required": {
    status: 428,
    title: "Precondition required",
    detail: "This service makes changes only under an If-Match header.",
    remedy: "Read the resource, and send its ETag in the If-Match header.",
  },
  "quota-exceeded": {
    status: 429,
    title: "Too many requests",
    detail: "The rate limit of this caller is used up.",
    remedy: "Wait as long as the Retry-After header says, then continue more slowly.",
    retryAfterSeconds: QUOTA_PERIOD_SECONDS,
  },
  ...WEBHOOK_PROBLEMS,
  "internal-error": {
    status: 500,
    title: "Internal error",
    detail: "Something went wrong on our side.",
    remedy: "Report the request id to the operator.",
  },
  "credentials-unverifiable": {
    status: 503,
    title: "Credentials cannot be checked",
    detail: "The service cannot check bearer tokens at the moment.",
    remedy: "Repeat the request after the time in the Retry-After header, or use an API key.",
    retryAfterSeconds: DATABASE_RETRY_SECONDS,
  },
  "database-unavailable": {
    status: 503,
    title: "Service unavailable",
    detail: "The service cannot answer at the moment.",
    remedy: "Repeat the request after the time in the Retry-After header.",
    retryAfterSeconds: DATABASE_RETRY_SECONDS,
  },
  overloaded: {
    status: 503,
    title: "Too busy",
    detail: "The service has more requests than it can finish in time; this one was not begun.",
    remedy: "Repeat the request after the time in the Retry-After header, and send fewer at the same time.",
    retryAfterSeconds: OVERLOAD_RETRY_SECONDS,
  },
  "outcome-unknown": {
    status: 503,
    title: "Outcome unknown",
    detail: "It cannot be told whether the change was made.",
    remedy:
      "Read the resource, by its id or username, to see whether the change was made, and repeat the request only if it was not. Creations with an Idempotency-Key can simply be repeated.",
  },
  "deadline-exceeded": {
    status: 504,
    title: "Deadline exceeded",
    detail: "The request could not be finished in time.",
    remedy: "Read the resource to see whether a change was made, then repeat the request if it was not.",
  },
};

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEM_TYPES, text);
}
