import { describe, test } from "vitest";

import { DatabaseError } from "../../src/db/errors.ts";
import { traceStatements } from "../../src/db/statement-span.ts";
import { createPlatformTracer, type SpanAttribute } from "../../src/observability/tracer.ts";

interface RecordedSpan {
  readonly name: string;
  readonly parent: string | null;
  readonly attributes: Record<string, SpanAttribute>;
  isOpen: boolean;
}

/** Like the platform's: a span ends with its work, or with the promise that it returns. */
function createTracing() {
  const spans: RecordedSpan[] = [];
  let current: RecordedSpan | null = null;
  return {
    spans,
    enterSpan<Result>(name: string, work: (span: object) => Result): Result {
      const parent = current;
      const span: RecordedSpan = { name, parent: parent?.name ?? null, attributes: {}, isOpen: true };
      spans.push(span);
      current = span;
      const end = (): void => void (span.isOpen = false);
      try {
        const result = work({ setAttribute: (key: string, value: SpanAttribute) => (span.attributes[key] = value) });
        if (result instanceof Promise) void result.then(end, end);
        else end();
        return result;
      } finally {
        current = parent;
      }
    },
  };
}

describe("the tracer of the platform", () => {
  test("opens the platform's spans, one within the other, around the same results", async ({ expect }) => {
    const tracing = createTracing();
    const tracer = createPlatformTracer(tracing);
    const result = tracer?.span("outer", (span) => {
      span.setAttribute("http.route", "/a");
      return tracer.span("inner", async () => 7);
    });
    await expect(result).resolves.toBe(7);
    expect(tracing.spans).toEqual([
      { name: "outer", parent: null, attributes: { "http.route": "/a" }, isOpen: false },
      { name: "inner", parent: "outer", attributes: {}, isOpen: false },
    ]);
  });

  test.for([
    ["nothing", undefined],
    ["null", null],
    ["an object without the method", {}],
    ["a method that is none", { enterSpan: "soon" }],
    ["a text", "enterSpan"],
  ])("is none where the runtime offers %s", ([, tracing], { expect }) => {
    expect(createPlatformTracer(tracing)).toBeNull();
  });
});

describe("the span of a statement", () => {
  const signal = new AbortController().signal;

  test("has its name and its rows, and neither text nor values", async ({ expect }) => {
    const tracing = createTracing();
    const send = traceStatements(async () => ({ rows: [["a"], ["b"]], rowCount: 2 }), createPlatformTracer(tracing));
    expect((await send("users.list", "select secret", ["a value"], signal)).rowCount).toBe(2);
    expect(tracing.spans).toEqual([
      {
        name: "users.list",
        parent: null,
        attributes: {
          "db.system.name": "postgresql",
          "db.query.summary": "users.list",
          "db.response.returned_rows": 2,
        },
        isOpen: false,
      },
    ]);
  });

  test("says what a failure means, and lets it through", async ({ expect }) => {
    const tracing = createTracing();
    const failure = new DatabaseError("The connection to the database was refused or lost.");
    const send = traceStatements(() => Promise.reject(failure), createPlatformTracer(tracing));
    await expect(send("users.list", "select", [], signal)).rejects.toBe(failure);
    expect(tracing.spans[0]?.attributes["error.type"]).toMatch(/^[a-z-]+$/);
    expect(tracing.spans[0]?.isOpen).toBe(false);
  });

  test("is none without a tracer: the driver is called as it is", async ({ expect }) => {
    const calls: unknown[][] = [];
    const send = traceStatements(async (...sent) => {
      calls.push(sent);
      return { rows: [], rowCount: 0 };
    }, null);
    await send("users.list", "select", [1], signal);
    expect(calls).toEqual([["select", [1], signal]]);
  });
});
