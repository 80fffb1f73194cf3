import { afterAll, beforeAll, describe, test } from "vitest";

import type { CollectedSpan } from "../../tools/dev/worker/spans.ts";
import { startStack, type Stack } from "../support/stack.ts";

/*
 * The Worker in a runtime that traces it: the platform's root span, ours of the request within it, ours of the statement within
 * that, and the platform's of the call within that. And one that is told to make no spans of its own.
 */

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const USERS = "/api/v1/users";

let stack: Stack;
let silent: Stack;

beforeAll(async () => {
  [stack, silent] = await Promise.all([
    startStack({ collectsSpans: true, vars: { TRACE_SPANS: "on" } }),
    startStack({ collectsSpans: true }),
  ]);
});

afterAll(async () => {
  await Promise.all([stack?.stop(), silent?.stop()]);
});

/** The spans of the one invocation that has this path, from the root down; waits until they are collected. */
async function spansOf(from: Stack, path: string): Promise<readonly CollectedSpan[]> {
  for (;;) {
    const spans = await from.spans();
    const root = spans.find(({ parentId, attributes }) => parentId === null && isAt(attributes["url.full"], path));
    if (root !== undefined) return spans.filter(({ traceId }) => traceId === root.traceId);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const isAt = (url: unknown, path: string): boolean => typeof url === "string" && url.endsWith(path);

/** Those within a span, but for calls of the rate limiter, which is a Worker here. */
const childOf = (spans: readonly CollectedSpan[], parent: CollectedSpan | undefined): CollectedSpan | undefined =>
  spans.find(({ parentId, name }) => parentId !== null && parentId === parent?.spanId && name !== "jsRpcSession");

describe("a request that is traced", () => {
  test("has a span of its own, one for its statement, and the platform's around and below", async ({ expect }) => {
    const path = `${USERS}?limit=1&sort=username`;
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    const { status } = await stack.request(path, { headers: { "X-Request-ID": "spans-1", traceparent } });
    expect(status).toBe(200);
    const spans = await spansOf(stack, path);
    const root = spans.find(({ parentId }) => parentId === null);
    const request = childOf(spans, root);
    expect(request).toMatchObject({ name: "request GET", outcome: "ok" });
    expect(request?.attributes).toEqual({
      "request.id": "spans-1",
      "w3c.trace_id": TRACE,
      "http.response.status_code": 200,
      "http.route": USERS,
    });
    const statement = childOf(spans, request);
    expect(statement).toMatchObject({ name: "users.list", outcome: "ok" });
    expect(statement?.attributes).toEqual({
      "db.system.name": "postgresql",
      "db.query.summary": "users.list",
      "db.response.returned_rows": expect.any(Number),
    });
    expect(childOf(spans, statement)).toMatchObject({ name: "fetch", attributes: { "http.request.method": "POST" } });
  });

  test("says in its spans what failed, and what that means to the client", async ({ expect }) => {
    stack.gateway.inject({ kind: "http", status: 400, body: "no" });
    const path = `${USERS}?limit=2`;
    const { status } = await stack.request(path);
    stack.gateway.clearFaults();
    expect(status).toBe(503);
    const spans = await spansOf(stack, path);
    const request = spans.find(({ name }) => name === "request GET");
    expect(request?.attributes).toMatchObject({ "http.response.status_code": 503 });
    expect(request?.attributes["error.type"]).toBeTypeOf("string");
    expect(childOf(spans, request)?.attributes["error.type"]).toBe(request?.attributes["error.type"]);
  });

  test("that matches nothing has no route, and no statement", async ({ expect }) => {
    await stack.request("/no/such/path");
    const spans = await spansOf(stack, "/no/such/path");
    const request = spans.find(({ name }) => name === "request GET");
    expect(request?.attributes).not.toHaveProperty("http.route");
    expect(childOf(spans, request)).toBeUndefined();
  });

  test("with a method that somebody invented is called by none", async ({ expect }) => {
    await stack.request("/health?invented", { method: "PROPFIND" });
    expect((await spansOf(stack, "/health?invented")).map(({ name }) => name)).toContain("request");
  });
});

test("a Worker that is not told to makes no spans, whatever the runtime traces", async ({ expect }) => {
  const path = `${USERS}?limit=3`;
  expect((await silent.request(path)).status).toBe(200);
  const own = (await spansOf(silent, path)).filter(({ name }) => !/^js-?rpc/i.test(name));
  expect(own.map(({ name }) => name)).toEqual(["GET", "fetch"]);
});
