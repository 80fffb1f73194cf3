import { describe, test } from "vitest";

import { createBook, type KnownUser } from "../../../../../tools/rehearsal/load/book.ts";
import type { Call, Reply } from "../../../../../tools/rehearsal/load/client.ts";
import { OPERATIONS, type OperationContext } from "../../../../../tools/rehearsal/load/operations.ts";
import { createRandom } from "../../../../../tools/rehearsal/load/random.ts";
import { problemOf } from "../../../../../tools/rehearsal/load/right-answers.ts";

const USER: KnownUser = { id: "id-1", username: "load1", email: "load1@example.com", fullName: "Load A", version: 3 };

const bodyOf = (user: KnownUser) => ({
  id: user.id,
  username: user.username,
  email: user.email,
  full_name: user.fullName,
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
});

const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  kind: "answer",
  status,
  headers,
  body: typeof body === "string" ? body : JSON.stringify(body),
});

const state = (status: number, user: KnownUser): Reply =>
  answer(status, bodyOf(user), { etag: `"${user.id}.${user.version}"` });

/** Runs one operation on a service that answers as told; gives what was sent and what was found wrong. */
async function play(name: string, users: readonly KnownUser[], respond: (call: Call, index: number) => Reply) {
  const book = createBook(users);
  const calls: Call[] = [];
  const problems: (string | null)[] = [];
  const context: OperationContext = {
    book,
    random: createRandom(1),
    serial: 9,
    async attempt(call, check) {
      calls.push(call);
      const reply = respond(call, calls.length - 1);
      const problem = problemOf(reply, check);
      problems.push(problem);
      return await Promise.resolve(problem === null && reply.kind === "answer" ? reply : null);
    },
  };
  await OPERATIONS.find((operation) => operation.name === name)?.run(context);
  return { book, calls, problems };
}

const written = (call: Call | undefined): { full_name?: string } => JSON.parse(call?.body ?? "{}");

describe("reading", () => {
  test("takes the state that was written last for right, and nothing else", async ({ expect }) => {
    const right = await play("read by id", [USER], () => state(200, USER));
    expect(right.problems).toEqual([null]);
    const stale = await play("read by id", [USER], () => state(200, { ...USER, fullName: "Load Old" }));
    expect(stale.problems).toEqual(['full_name is "Load Old", not "Load A"']);
    const tag = await play("read by id", [USER], () => state(200, { ...USER, version: 2 }));
    expect(tag.problems).toEqual(['ETag is "id-1.2", not "id-1.3"']);
  });

  test.for<[string, Reply, string]>([
    ["read by id", answer(500, "oops"), "status 500, not 200: oops"],
    ["read by id", answer(200, "<html>"), "in <html>"],
    ["read by id", { kind: "nothing", reason: "ECONNRESET", isLate: false }, "ECONNRESET"],
    ["read unchanged", answer(200, bodyOf(USER)), "status 200, not 304"],
    ["read unchanged", answer(304, "x"), "a body with 304"],
    ["list", answer(200, { data: {} }), "data is not a list"],
    ["list", answer(200, { data: [{ id: "id-1" }] }), "a member of data is not a user"],
    ["document", answer(200, "{}"), "not the OpenAPI document"],
    ["delete", answer(200, ""), "status 200, not 204"],
  ])("%s takes %j for a failure", async ([name, reply, problem], { expect }) => {
    const { problems } = await play(name, [USER], () => reply);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  test("says when a wrong answer is the emulator's", async ({ expect }) => {
    const { problems } = await play("list", [], () => answer(502, "", { "x-emulator-error": "upstream died" }));
    expect(problems).toEqual(["status 502, not 200: [upstream died]"]);
  });
});

describe("creating", () => {
  test("settles the user that the service has made", async ({ expect }) => {
    const { book, calls, problems } = await play("create", [], (call) => {
      const made = { ...USER, username: "load9", email: "load9@example.com", version: 1 };
      const reply = state(201, { ...made, fullName: written(call).full_name ?? "" });
      return reply.kind === "answer"
        ? { ...reply, headers: { ...reply.headers, location: "/api/v1/users/id/id-1" } }
        : reply;
    });
    expect(problems).toEqual([null]);
    expect(calls[0]?.headers?.["Idempotency-Key"]).toBe('"load9"');
    expect(book.expectations()).toEqual([
      { username: "load9", allowed: [{ id: "id-1", fullName: written(calls[0]).full_name, version: 1 }] },
    ]);
  });

  test("is tried once more with the same key, then in doubt", async ({ expect }) => {
    const { book, calls } = await play("create", [], () => answer(500, "oops"));
    expect(calls).toHaveLength(2);
    expect(calls[1]).toEqual(calls[0]);
    expect(book.expectations()[0]?.allowed).toHaveLength(2);
  });
});

describe("changing", () => {
  test("starts from the state it knows and settles the next one", async ({ expect }) => {
    const { book, calls } = await play("change", [USER], (call) =>
      state(200, { ...USER, fullName: written(call).full_name ?? "", version: 4 }),
    );
    expect(calls[0]?.headers?.["If-Match"]).toBe('"id-1.3"');
    expect(book.expectations()[0]?.allowed).toEqual([
      { id: "id-1", fullName: written(calls[0]).full_name, version: 4 },
    ]);
  });

  test("allows both states after a failure", async ({ expect }) => {
    const { book } = await play("change", [USER], () => ({ kind: "nothing", reason: "ECONNRESET", isLate: false }));
    expect(book.expectations()[0]?.allowed.map((allowed) => allowed?.version)).toEqual([3, 4]);
  });

  test("allows both states after a deletion that failed", async ({ expect }) => {
    const { book } = await play("delete", [USER], () => answer(500, ""));
    expect(book.expectations()[0]?.allowed).toEqual([{ id: "id-1", fullName: "Load A", version: 3 }, null]);
  });
});
