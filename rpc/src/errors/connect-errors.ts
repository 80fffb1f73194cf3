import { Code } from "@connectrpc/connect";

import type { ProblemCode } from "../../../src/http/problem-registry.ts";

/** How a kind of problem is told over RPC. */
export interface ErrorRow {
  readonly code: Code;
  /** In place of the problem's own sentence, where that speaks of HTTP. */
  readonly message?: string;
}

/**
 * Problem of the API to Connect code: the one table, in `docs/rpc.md` too. A code that clients repeat by themselves (`unavailable`)
 * stands only for what was certainly not done. A problem without a row does not compile.
 */
export const CONNECT_ERRORS: Readonly<Record<ProblemCode, ErrorRow>> = {
  "validation-failed": { code: Code.InvalidArgument },
  "malformed-body": { code: Code.Internal },
  "invalid-cursor": {
    code: Code.InvalidArgument,
    message: "The page token is not one that this list has given out.",
  },
  "cursor-expired": { code: Code.OutOfRange },
  "missing-credentials": { code: Code.Unauthenticated },
  "invalid-token": { code: Code.Unauthenticated },
  "invalid-api-key": { code: Code.Unauthenticated },
  "insufficient-scope": { code: Code.PermissionDenied },
  "route-not-found": { code: Code.Unimplemented },
  "user-not-found": { code: Code.NotFound },
  "method-not-allowed": { code: Code.Unimplemented },
  "not-acceptable": { code: Code.Internal },
  "username-taken": { code: Code.AlreadyExists },
  "email-taken": { code: Code.AlreadyExists },
  "idempotency-key-in-use": { code: Code.Aborted },
  "precondition-failed": {
    code: Code.Aborted,
    message: "The user is not in the state that the etag names; nothing was changed.",
  },
  "payload-too-large": { code: Code.ResourceExhausted },
  "unsupported-media-type": { code: Code.Internal },
  "idempotency-key-reused": { code: Code.FailedPrecondition },
  "precondition-required": {
    code: Code.InvalidArgument,
    message: "This service changes users only under an etag: read the user, and give its etag.",
  },
  "quota-exceeded": { code: Code.ResourceExhausted },
  "internal-error": { code: Code.Internal },
  "credentials-unverifiable": { code: Code.Unavailable },
  "database-unavailable": { code: Code.Unavailable },
  overloaded: { code: Code.Unavailable },
  "outcome-unknown": { code: Code.Unknown },
  "deadline-exceeded": { code: Code.DeadlineExceeded },
  "webhook-not-found": { code: Code.NotFound },
  "webhook-url-refused": { code: Code.InvalidArgument, message: "Nothing is sent to this address." },
  "webhook-limit-reached": { code: Code.ResourceExhausted },
  "webhook-disabled": { code: Code.FailedPrecondition },
};

/** For a kind of problem that a newer API has and this table has not: by its HTTP status. */
export function rowOfStatus(status: number): ErrorRow {
  return { code: CODE_OF_STATUS.get(status) ?? (status >= 500 ? Code.Unknown : Code.FailedPrecondition) };
}

const CODE_OF_STATUS: ReadonlyMap<number, Code> = new Map([
  [400, Code.InvalidArgument],
  [401, Code.Unauthenticated],
  [403, Code.PermissionDenied],
  [404, Code.NotFound],
  [409, Code.Aborted],
  [412, Code.Aborted],
  [429, Code.ResourceExhausted],
  [504, Code.DeadlineExceeded],
]);
