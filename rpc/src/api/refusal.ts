import type { ConnectError } from "@connectrpc/connect";

import type { components } from "../../../client/src/schema.ts";
import type { Call } from "../call.ts";
import { problemError, type FieldNames } from "../errors/problem-error.ts";
import { brokenAnswerError } from "../errors/transport-error.ts";

type Problem = components["schemas"]["Problem"];

/** What decides how a refusal or a failure of an operation is told. */
export interface Refusable {
  /** Whether it changes something, so that a failure may leave unknown whether it did. */
  readonly isChange: boolean;
  /** Fields of the message that have another name than at the API, beside those that always do. */
  readonly fields?: FieldNames;
}

/** The error for an answer of the API that is no success. */
export function refusalOf(body: unknown, response: Response, operation: Refusable, call: Call): ConnectError {
  if (!isProblem(body)) return brokenAnswerError(response.status, operation);
  const { error, code } = problemError(body, response.headers, operation.fields);
  call.problem = code;
  return error;
}

/** Not so for an answer that is not the API's own, such as a page of the platform. */
function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) return false;
  return (
    "type" in body &&
    typeof body.type === "string" &&
    body.type.startsWith("/problems/") &&
    "status" in body &&
    typeof body.status === "number" &&
    "detail" in body &&
    typeof body.detail === "string"
  );
}
