import { ConnectError } from "@connectrpc/connect";

import type { components } from "../../../client/src/schema.ts";
import type { ProblemCode } from "../../../src/http/problem-registry.ts";
import { CONNECT_ERRORS, rowOfStatus, type ErrorRow } from "./connect-errors.ts";
import { badRequest, errorInfo, retryInfo, type FieldViolation } from "./details.ts";

type Problem = components["schemas"]["Problem"];
type InputError = components["schemas"]["InputError"];

/** Name of an input at the API to the field of the message that it came from. */
export type FieldNames = Readonly<Record<string, string>>;

const FIELD_NAMES: FieldNames = {
  limit: "page_size",
  cursor: "page_token",
  "If-Match": "etag",
  "Idempotency-Key": "idempotency_key",
};

/** The error that tells a problem of the API, and the problem's code. */
export function problemError(
  problem: Problem,
  headers: Headers,
  fields: FieldNames = {},
): { readonly error: ConnectError; readonly code: string } {
  const code = problem.type.slice("/problems/".length);
  const row = isKnown(code) ? CONNECT_ERRORS[code] : rowOfStatus(problem.status);
  const violations = (problem.errors ?? []).map((input) => toViolation(input, { ...FIELD_NAMES, ...fields }));
  const details = [
    errorInfo(toReason(code), { request_id: problem.request_id }),
    ...(violations.length > 0 ? [badRequest(violations)] : []),
    ...retryInfo(headers.get("Retry-After")),
  ];
  return { code, error: new ConnectError(messageOf(problem, row, violations), row.code, undefined, details) };
}

function isKnown(code: string): code is ProblemCode {
  return Object.hasOwn(CONNECT_ERRORS, code);
}

/** As ErrorInfo wants it: `user-not-found` is USER_NOT_FOUND. */
function toReason(code: string): string {
  return code.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase();
}

function toViolation({ pointer, parameter, code, detail }: InputError, fields: FieldNames): FieldViolation {
  const name = parameter ?? pointer?.slice(1) ?? "";
  return { field: fields[name] ?? name, description: detail, reason: toReason(code) };
}

/** Many clients show the message alone: it names the fields, too. */
function messageOf({ detail }: Problem, { message }: ErrorRow, violations: readonly FieldViolation[]): string {
  if (violations.length === 0) return message ?? detail;
  return violations
    .map(({ field, description }) => (field === "" ? description : `${field}: ${description}`))
    .join(" ");
}
