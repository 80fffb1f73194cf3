import { describe, test } from "vitest";

import type { SendStatement, TextResult } from "../../src/db/client.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import type { Statement } from "../../src/db/statement.ts";
import type { CallContext } from "../../src/models/call-context.ts";
import { AppError } from "../../src/models/errors.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { refusalOf, textsOf } from "../support/refusals.ts";

const ROW: TextResult = { rows: [["row"]], rowCount: 1 };

const named = (name: string): Statement<{ readonly id: string }> => ({
  name,
  kind: "write",
  text: `select ${name} where id = $1`,
  bind: ({ id }) => [id],
});
const FIND = named("users.find_by_id");
const INSERT = named("users.insert");
const VALUES = { id: "7" };

interface Sent {
  readonly text: string;
  readonly params: readonly unknown[];
  readonly signal: AbortSignal;
}

/** A runner whose clock goes on by `tickMs` at every reading. */
function given({
  tickMs = 5,
  signal = new AbortController().signal,
  answer = async () => ROW,
}: {
  tickMs?: number;
  signal?: AbortSignal;
  answer?: (sent: Sent) => PromiseLike<TextResult>;
} = {}) {
  const durations: number[] = [];
  const sent: Sent[] = [];
  let time = 1_000;
  const send: SendStatement = (text, params, sentWith) => {
    const statement = { text, params, signal: sentWith };
    sent.push(statement);
    return answer(statement);
  };
  const queries = createQueryRunner({ send, clock: () => (time += tickMs), gate: OPEN_GATE, retries: null });
  const context: CallContext = {
    id: "request-1",
    traceId: null,
    signal,
    countQuery: (durationMs) => durations.push(durationMs),
  };
  const run = (statement: Statement<typeof VALUES>) =>
    queries.run(context, { statement, values: VALUES, read: (result) => result });
  return { queries, context, run, durations, sent };
}

describe("a query", () => {
  test("gives what is read of its result, and is counted once with its duration", async ({ expect }) => {
    const { run, durations } = given({ tickMs: 7 });
    expect(await run(FIND)).toBe(ROW);
    expect(durations).toEqual([7]);
  });

  test("is sent with its parameters and with the signal of its context", async ({ expect }) => {
    const { signal } = new AbortController();
    const { run, sent } = given({ signal });
    await run(FIND);
    expect(sent).toEqual([{ text: FIND.text, params: ["7"], signal }]);
    expect(sent[0]?.signal).toBe(signal);
  });

  test("whose answer cannot be read fails as one that was refused, and is counted", async ({ expect }) => {
    const { durations, context, queries } = given();
    const read = () => {
      throw new AppError("username-taken");
    };
    const refusal = await refusalOf(queries.run(context, { statement: INSERT, values: VALUES, read }));
    expect(refusal.code).toBe("username-taken");
    expect(durations).toHaveLength(1);
  });

  test("is counted after its answer, not before", async ({ expect }) => {
    const { run, durations } = given({
      answer: async () => {
        await Promise.resolve();
        expect(durations).toEqual([]);
        return ROW;
      },
    });
    await run(FIND);
    expect(durations).toHaveLength(1);
  });

  test("is sent once: nothing is repeated here", async ({ expect }) => {
    const { run, sent } = given({ answer: () => Promise.reject(new DOMException("timed out", "TimeoutError")) });
    expect((await refusalOf(run(INSERT))).code).toBe("deadline-exceeded");
    expect(sent).toHaveLength(1);
  });

  test("counts apart from others that run at the same time", async ({ expect }) => {
    const { run, durations } = given({
      answer: ({ text }) => (text.includes("b") ? Promise.reject(new SyntaxError("no JSON")) : Promise.resolve(ROW)),
    });
    const results = await Promise.allSettled(["a", "b", "c"].map((name) => run({ ...FIND, name, text: name })));
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(durations).toHaveLength(3);
  });
});

describe("a query that fails", () => {
  const failure = () => new SyntaxError("Unexpected token: ada@example.com");

  test("fails with a translated error that holds no parameter, and is recorded with its duration", async ({
    expect,
  }) => {
    const { run, durations } = given({ tickMs: 3, answer: () => Promise.reject(failure()) });
    const refusal = await refusalOf(run(INSERT));
    expect(refusal.code).toBe("outcome-unknown");
    expect(textsOf(refusal).join("\n")).not.toContain("ada@example.com");
    expect(durations).toEqual([3]);
  });

  test("before it is sent, by throwing, is translated and recorded too", async ({ expect }) => {
    const { run, durations } = given({
      answer: () => {
        throw failure();
      },
    });
    expect((await refusalOf(run(INSERT))).code).toBe("outcome-unknown");
    expect(durations).toHaveLength(1);
  });

  test("because its result means a refusal keeps that as it is", async ({ expect }) => {
    const taken = new AppError("email-taken");
    const { queries, context } = given();
    const read = () => {
      throw taken;
    };
    expect(await refusalOf(queries.run(context, { statement: INSERT, values: VALUES, read }))).toBe(taken);
  });

  test.for([
    ["its values cannot be bound", () => JSON.parse("{")],
    ["its result cannot be read", FIND.bind],
  ] as const)("because %s is a mistake of ours", async ([, bind], { expect }) => {
    const { queries, context } = given();
    const read = () => {
      throw new TypeError("rows is not iterable");
    };
    const refusal = await refusalOf(queries.run(context, { statement: { ...FIND, bind }, values: VALUES, read }));
    expect(refusal.code).toBe("internal-error");
    expect(refusal.cause).toBeInstanceOf(Error);
  });
});

describe("after the deadline", () => {
  test("a query is refused: nothing is sent or counted", async ({ expect }) => {
    const { run, durations, sent } = given({ signal: AbortSignal.abort() });
    expect((await refusalOf(run(FIND))).code).toBe("deadline-exceeded");
    expect({ sent, durations }).toEqual({ sent: [], durations: [] });
  });

  test("a second query is refused when the first used up the time", async ({ expect }) => {
    const deadline = new AbortController();
    const { run, durations } = given({
      signal: deadline.signal,
      answer: async () => {
        deadline.abort(new DOMException("late", "TimeoutError"));
        return ROW;
      },
    });
    await run(FIND);
    expect((await refusalOf(run(INSERT))).code).toBe("deadline-exceeded");
    expect(durations).toHaveLength(1);
  });

  test("a query that finished in spite of it keeps its result: the work is done", async ({ expect }) => {
    const deadline = new AbortController();
    const { run } = given({
      signal: deadline.signal,
      answer: async () => {
        deadline.abort();
        return ROW;
      },
    });
    expect(await run(INSERT)).toBe(ROW);
  });
});
