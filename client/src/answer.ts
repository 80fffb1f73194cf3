import { UsersApiError } from "./errors.ts";
import type { Problem } from "./models.ts";
import { PROBLEM_CODES, type ProblemCode } from "./problem-codes.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** A response whose body has arrived completely. */
export interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  readonly text: string;
}

export interface AnswerContext {
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number;
  readonly attempts: number;
}

/** What is wrong with an answer; null for a success in JSON or without a body. */
export function findFault(answer: Answer, context: AnswerContext): UsersApiError | null {
  if (!answer.ok) return toApiError(answer, context);
  if (answer.text === "" || parseJson(answer.text) !== undefined) return null;
  return new UsersApiError(`The answer with status ${answer.status} is not JSON`, describe(answer, null, context));
}

function toApiError(answer: Answer, context: AnswerContext): UsersApiError {
  const body = parseJson(answer.text);
  const problem = isProblemDetails(body) ? body : null;
  const message =
    problem === null
      ? `The answer has status ${answer.status} and no problem details`
      : `${answer.status} ${problem.title}: ${problem.detail}`;
  return new UsersApiError(message, describe(answer, problem, context));
}

function describe({ status, headers }: Answer, problem: Problem | null, { nowMs, attempts }: AnswerContext) {
  const requestId = problem?.request_id ?? headers.get("X-Request-ID");
  const traceId = problem?.trace_id ?? /^00-([0-9a-f]{32})-/.exec(headers.get("traceparent") ?? "")?.[1] ?? null;
  const told = { code: codeOf(problem), problem, requestId, traceId };
  return { status, ...told, retryAfterMs: parseRetryAfter(headers, nowMs), attempts };
}

/** The type is a path, or the same path at the service's own origin. */
function codeOf(problem: Problem | null): ProblemCode | null {
  const name = /\/problems\/([^/?#]+)$/.exec(problem?.type ?? "")?.[1];
  return PROBLEM_CODES.find((code) => code === name) ?? null;
}

function isProblemDetails(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) return false;
  const members = new Map<string, unknown>(Object.entries(body));
  const texts = ["type", "title", "detail", "instance", "request_id"];
  const errors = members.get("errors");
  return (
    texts.every((name) => typeof members.get(name) === "string") &&
    typeof members.get("status") === "number" &&
    (errors === undefined || Array.isArray(errors))
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
