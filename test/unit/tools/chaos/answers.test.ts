import { describe, test } from "vitest";

import { endOf, toAnswer, userOf, usersOf } from "../../../../tools/chaos/clients/answer.ts";
import { createBook } from "../../../../tools/chaos/clients/book.ts";
import { judgeAnswer } from "../../../../tools/chaos/clients/judge-answer.ts";
import { LEAK_MARK } from "../../../../tools/chaos/faults/kinds.ts";

const USER = { id: "id-1", username: "ada", email: "ada@example.com", full_name: "Ada" };

const success = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  toAnswer({ kind: "answer", status, headers: { "x-request-id": "r", ...headers }, body: JSON.stringify(body) });

const problem = (status: number, code: string, more: object = {}, headers: Record<string, string> = {}) =>
  success(
    status,
    { type: `/problems/${code}`, title: "Title", status, detail: "Detail.", request_id: "r", ...more },
    { "content-type": "application/problem+json", ...(status === 503 ? { "retry-after": "5" } : {}), ...headers },
  );

describe("an answer as a client reads it", () => {
  test("a user has the version of its entity tag, in a list none", ({ expect }) => {
    const state = { id: "id-1", email: "ada@example.com", fullName: "Ada" };
    expect(userOf(success(200, USER, { etag: '"id-1.12"' }))).toEqual({ ...state, version: 12 });
    expect(usersOf(success(200, { data: [USER], next_cursor: null }))).toEqual(
      new Map([["ada", { ...state, version: null }]]),
    );
    expect(userOf(success(200, "text"))).toBeNull();
  });

  test("how a write ended: what is not certain is unknown", ({ expect }) => {
    const kinds = (tellsOutcome: boolean) =>
      [
        success(201, USER),
        problem(409, "username-taken"),
        problem(503, "database-unavailable"),
        problem(503, "outcome-unknown"),
        problem(504, "deadline-exceeded"),
        problem(500, "internal-error"),
        success(200, "not a user"),
        null,
      ].map((answer) => endOf(answer, tellsOutcome).kind);
    const unknown = ["unknown", "unknown", "unknown", "unknown", "unknown"];
    expect(kinds(false)).toEqual(["acknowledged", "refused", "unknown", ...unknown]);
    expect(kinds(true)).toEqual(["acknowledged", "refused", "refused", ...unknown]);
  });
});

describe("what is wrong with an answer", () => {
  test.for([
    ["a user", success(201, USER)],
    ["a conflict", problem(409, "idempotency-key-in-use")],
    ["an unavailable database", problem(503, "database-unavailable")],
    ["an unknown outcome, which is not to be repeated", problem(503, "outcome-unknown", {}, { "retry-after": "" })],
  ] as const)("nothing: %s", ([, answer], { expect }) => {
    expect(judgeAnswer("create", answer)).toBeNull();
  });

  test.for([
    ["400 to a create", problem(400, "validation-failed")],
    ["a 503 without Retry-After", problem(503, "database-unavailable", {}, { "retry-after": "soon" })],
    ["a 503 of text/html", problem(503, "database-unavailable", {}, { "content-type": "text/html" })],
    ["a 503 whose problem lacks request_id", problem(503, "database-unavailable", { request_id: undefined })],
    ["a 503 whose problem says 500", problem(503, "database-unavailable", { status: 500 })],
    ["a 500 quotes the database or the runtime", problem(500, "internal-error", { detail: `says ${LEAK_MARK}` })],
    ["a 500 quotes the database or the runtime", problem(500, "internal-error", { detail: 'relation "users"' })],
    ["a 201 quotes the database", success(201, { ...USER, full_name: LEAK_MARK })],
    ["a 201 without X-Request-ID", toAnswer({ kind: "answer", status: 201, headers: {}, body: "{}" })],
  ] as const)("%s", ([complaint, answer], { expect }) => {
    expect(judgeAnswer("create", answer)).toBe(complaint);
  });

  test("the book counts answers, what had none, and what was wrong", ({ expect }) => {
    const book = createBook();
    const { status, headers, text: body } = problem(500, "internal-error");
    book.add("read", { kind: "answer", status, headers, body });
    book.add("read", { kind: "nothing", reason: "ECONNRESET: socket hang up", isLate: false });
    book.add("list", { kind: "answer", status: 404, headers, body: "{}" });
    expect(book.summary).toEqual({
      requests: 3,
      answers: new Map([
        ["500 internal-error", 1],
        ["404", 1],
      ]),
      unanswered: new Map([["read: ECONNRESET: socket hang up", 1]]),
      complaints: new Map([["404 to a list", 1]]),
      internalErrors: 1,
    });
  });
});
