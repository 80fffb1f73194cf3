import { describe, test } from "vitest";

import { isProblemCode, PROBLEM_TYPES } from "../../src/http/problem-registry.ts";
import { PROBLEM_STATUSES } from "../support/http-contract.ts";

const codes = Object.keys(PROBLEM_TYPES).filter(isProblemCode);

describe("the problem registry", () => {
  test("gives every code the status of the contract, and has no other codes", ({ expect }) => {
    expect(codes.length).toBeGreaterThan(15);
    expect(Object.fromEntries(codes.map((code) => [code, PROBLEM_TYPES[code].status]))).toEqual(PROBLEM_STATUSES);
  });

  test("has titles that differ, so that each names one kind of problem", ({ expect }) => {
    expect(new Set(codes.map((code) => PROBLEM_TYPES[code].title)).size).toBe(codes.length);
  });

  test.for(codes)("explains %s: a short title, what happened, and what to do", (code, { expect }) => {
    const { title, detail, remedy } = PROBLEM_TYPES[code];
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).toMatch(/^[A-Z][A-Za-z ]{4,40}$/);
    expect(detail).toMatch(/^[A-Z][^\n<>]{15,200}\.$/);
    expect(remedy).toMatch(/^[A-Z][^\n<>]{15,200}\.$/);
    expect(remedy).not.toBe(detail);
  });

  test("says when to come back for 429, 503 and a running request, in whole seconds within minutes, and for nothing else", ({
    expect,
  }) => {
    for (const code of codes) {
      const { status, retryAfterSeconds } = PROBLEM_TYPES[code];
      expect(retryAfterSeconds !== undefined, code).toBe(
        status === 429 || (status === 503 && code !== "outcome-unknown") || code === "idempotency-key-in-use",
      );
      expect(retryAfterSeconds ?? 1, code).toSatisfy(
        (seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= 300,
      );
    }
  });

  test("says nothing about the inside of the service in a failure of ours", ({ expect }) => {
    const failures = codes.filter((code) => PROBLEM_TYPES[code].status >= 500);
    expect(failures.length).toBeGreaterThan(2);
    for (const code of failures) {
      const { title, detail } = PROBLEM_TYPES[code];
      expect(`${title} ${detail}`).not.toMatch(/database|postgres|neon|sql|drizzle|worker|stack|timeout of/i);
    }
  });

  test.for(codes)("knows the code %s", (code, { expect }) => {
    expect(isProblemCode(code)).toBe(true);
  });

  test.for([
    "",
    "unknown",
    "User-Not-Found",
    "user-not-found ",
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
  ])("does not know the code %j", (text, { expect }) => {
    expect(isProblemCode(text)).toBe(false);
  });
});
