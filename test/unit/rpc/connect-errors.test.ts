import { readFileSync } from "node:fs";

import { Code } from "@connectrpc/connect";
import { describe, test } from "vitest";

import { CONNECT_ERRORS, rowOfStatus } from "../../../rpc/src/errors/connect-errors.ts";
import { isProblemCode, PROBLEM_TYPES } from "../../../src/http/problem-registry.ts";

const codes = Object.keys(PROBLEM_TYPES).filter(isProblemCode);
const nameOf = (code: Code): string => (Code[code] ?? "").replaceAll(/(?!^)[A-Z]/g, "_$&").toLowerCase();

/** What clients may repeat by themselves (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md). */
const REPEATED_BY_CLIENTS = new Set<Code>([Code.Unavailable]);

describe("the table of errors", () => {
  test("has a row for every problem of the API, and no other", ({ expect }) => {
    expect(codes.length).toBeGreaterThan(20);
    expect(Object.keys(CONNECT_ERRORS).toSorted()).toEqual(codes.toSorted());
  });

  test("is the one of docs/rpc.md", ({ expect }) => {
    const page = readFileSync("docs/rpc.md", "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| \d{3} \| `([a-z_]+)` \|/gm)].map(([, problem, code]) => [
      problem,
      code,
    ]);
    const table = Object.entries(CONNECT_ERRORS).map(([problem, { code }]) => [problem, nameOf(code)]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(table));
    const statuses = [...page.matchAll(/^\| `([a-z-]+)` \| (\d{3}) \| `/gm)].map(([, problem, status]) => [
      problem,
      Number(status),
    ]);
    expect(Object.fromEntries(statuses)).toEqual(
      Object.fromEntries(codes.map((code) => [code, PROBLEM_TYPES[code].status])),
    );
  });

  test.for(codes)("lets nobody repeat by itself what may have been done: %s", (problem, { expect }) => {
    const mayBeDone = problem === "outcome-unknown" || problem === "deadline-exceeded" || problem === "internal-error";
    expect(mayBeDone && REPEATED_BY_CLIENTS.has(CONNECT_ERRORS[problem].code)).toBe(false);
  });

  test.for(codes)("speaks of no HTTP in %s", (problem, { expect }) => {
    const isCallersFault = ![Code.Internal, Code.Unimplemented].includes(CONNECT_ERRORS[problem].code);
    const message = CONNECT_ERRORS[problem].message ?? PROBLEM_TYPES[problem].detail;
    // A failed validation is told by its fields, and a header is where credentials are over RPC, too.
    if (isCallersFault && problem !== "validation-failed") expect(message).not.toMatch(/If-Match|cursor=|JSON body|`/);
  });

  test("says of what it does not know what its status says", ({ expect }) => {
    const told = [400, 401, 403, 404, 409, 412, 422, 429, 500, 503, 504].map((status) =>
      nameOf(rowOfStatus(status).code),
    );
    expect(told).toEqual([
      "invalid_argument",
      "unauthenticated",
      "permission_denied",
      "not_found",
      "aborted",
      "aborted",
      "failed_precondition",
      "resource_exhausted",
      "unknown",
      "unknown",
      "deadline_exceeded",
    ]);
  });
});
