import { isDeepStrictEqual } from "node:util";

import type { ProblemCode } from "../../src/http/problem-registry.ts";
import type { Answer } from "./answer.ts";

/** The deployment did not do what was expected; one sentence per difference. */
export class CheckFailure extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("; "));
    this.problems = problems;
  }
}

/** The deployment holds nothing that the check could examine. */
export class CheckSkipped extends Error {}

export interface ExpectedAnswer {
  readonly status: number;
  /** A string must be equal, a pattern must match, null means absent. */
  readonly headers?: Readonly<Record<string, string | RegExp | null>>;
}

/** @throws CheckFailure naming every difference */
export function expectAnswer(answer: Answer, { status, headers = {} }: ExpectedAnswer): void {
  const problems = answer.status === status ? [] : [`expected status ${status}, saw ${describeAnswer(answer)}`];
  for (const [name, expected] of Object.entries(headers)) {
    const seen = answer.headers.get(name);
    if (!isMatch(seen, expected))
      problems.push(`expected ${name} ${describeExpected(expected)}, saw ${seen ?? "none"}`);
  }
  throwIfAny(answer, problems);
}

function isMatch(seen: string | null, expected: string | RegExp | null): boolean {
  return expected instanceof RegExp ? seen !== null && expected.test(seen) : seen === expected;
}

const describeExpected = (expected: string | RegExp | null): string =>
  expected === null ? "to be absent" : String(expected);

/** What is wrong with one input, in the words of the contract: where (pointer or parameter) and which rule. */
export type ExpectedInputError = { readonly code: string } & (
  | { readonly pointer: string }
  | { readonly parameter: string }
);

/** Expects a refusal of this kind; `inputError` must be one of those that it lists. */
export function expectProblem(
  answer: Answer,
  status: number,
  code: ProblemCode,
  inputError?: ExpectedInputError,
): void {
  expectAnswer(answer, { status, headers: { "Content-Type": "application/problem+json" } });
  const problems: string[] = [];
  const type = memberOf(answer.json, "type");
  if (type !== `/problems/${code}`) problems.push(`expected type /problems/${code}, saw ${JSON.stringify(type)}`);
  if (inputError !== undefined && !listsInputError(answer.json, inputError)) {
    problems.push(
      `expected errors to name ${JSON.stringify(inputError)}, saw ${JSON.stringify(memberOf(answer.json, "errors"))}`,
    );
  }
  throwIfAny(answer, problems);
}

function listsInputError(problem: unknown, wanted: ExpectedInputError): boolean {
  const errors = memberOf(problem, "errors");
  if (!Array.isArray(errors)) return false;
  return errors.some((error: unknown) =>
    Object.entries(wanted).every(([name, value]) => memberOf(error, name) === value),
  );
}

/** Compares values that hold nothing personal: both are shown when they differ. */
export function expectEqual(what: string, seen: unknown, expected: unknown): void {
  if (isDeepStrictEqual(seen, expected)) return;
  throw new CheckFailure([`${what}: expected ${JSON.stringify(expected)}, saw ${JSON.stringify(seen)}`]);
}

export function expectTrue(what: string, isTrue: boolean): void {
  if (!isTrue) throw new CheckFailure([`expected ${what}`]);
}

/** A member of a parsed body whose shape is not known. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** Names the problem type, but never shows a body: those of a live deployment hold personal data. */
export function describeAnswer({ status, json, headers }: Answer): string {
  const type = memberOf(json, "type");
  const requestId = headers.get("X-Request-ID");
  const details = [typeof type === "string" ? type : null, requestId === null ? null : `request ${requestId}`];
  const known = details.filter((detail) => detail !== null);
  return known.length === 0 ? String(status) : `${status} (${known.join(", ")})`;
}

function throwIfAny({ method, path }: Answer, problems: readonly string[]): void {
  if (problems.length > 0) throw new CheckFailure(problems.map((problem) => `${method} ${path}: ${problem}`));
}
