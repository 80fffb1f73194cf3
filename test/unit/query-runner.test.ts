import { describe, test } from "vitest";

import type { SendStatement, TextResult } from "../../src/db/client.ts";
import { createQueryRunner, type QueryRecord } from "../../src/db/query-runner.ts";
import type { Statement } from "../../src/db/statement.ts";
import { AppError } from "../../src/models/errors.ts";
import { refusalOf, textsOf } from "../support/refusals.ts";

const ROW: TextResult = { rows: [["row"]], rowCount: 1 };

const named = (name: string): Statement<{ readonly id: string }> => ({
  name,
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
  const records: QueryRecord[] = [];
  const sent: Sent[] = [];
  let time = 1_000;
  const send: SendStatement = (text, params, sentWith) => {
    const statement = { text, params, signal: sentWith };
    sent.push(statement);
    return answer(statement);
  };
  const queries = createQueryRunner({
    send,
    signal: () => signal,
    clock: () => (time += tickMs),
    onQuery: (record) => records.push(record),
  });
  return { queries, records, sent };
}

describe("a query", () => {
  test("gives its result, and is recorded once with its name and duration", async ({ expect }) => {
    const { queries, records } = given({ tickMs: 7 });
    expect(await queries.run(FIND, VALUES)).toBe(ROW);
    expect(records).toEqual([{ name: "users.find_by_id", durationMs: 7 }]);
  });

  test("is sent with its parameters and with the request's signal", async ({ expect }) => {
    const { signal } = new AbortController();
    const { queries, sent } = given({ signal });
    await queries.run(FIND, VALUES);
    expect(sent).toEqual([{ text: FIND.text, params: ["7"], signal }]);
    expect(sent[0]?.signal).toBe(signal);
  });

  test("is recorded after its answer, not before", async ({ expect }) => {
    const { queries, records } = given({
      answer: async () => {
        await Promise.resolve();
        expect(records).toEqual([]);
        return ROW;
      },
    });
    await queries.run(FIND, VALUES);
    expect(records).toHaveLength(1);
  });

  test("is sent once: nothing is repeated here", async ({ expect }) => {
    const { queries, sent } = given({ answer: () => Promise.reject(new DOMException("timed out", "TimeoutError")) });
    expect((await refusalOf(queries.run(INSERT, VALUES))).code).toBe("deadline-exceeded");
    expect(sent).toHaveLength(1);
  });

  test("counts apart from others that run at the same time", async ({ expect }) => {
    const { queries, records } = given({
      answer: ({ text }) =>
        text.includes("b") ? Promise.reject(new AppError("username-taken")) : Promise.resolve(ROW),
    });
    const results = await Promise.allSettled(
      ["a", "b", "c"].map((name) => queries.run({ ...FIND, name, text: name }, VALUES)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(records.map(({ name }) => name).toSorted()).toEqual(["a", "b", "c"]);
  });
});

describe("a query that fails", () => {
  const failure = () => new SyntaxError("Unexpected token: ada@example.com");

  test("fails with a translated error that holds no parameter, and is recorded with its duration", async ({
    expect,
  }) => {
    const { queries, records } = given({ tickMs: 3, answer: () => Promise.reject(failure()) });
    const refusal = await refusalOf(queries.run(INSERT, VALUES));
    expect(refusal.code).toBe("database-unavailable");
    expect(textsOf(refusal).join("\n")).not.toContain("ada@example.com");
    expect(records).toEqual([{ name: "users.insert", durationMs: 3 }]);
  });

  test("before it is sent, by throwing, is translated and recorded too", async ({ expect }) => {
    const { queries, records } = given({
      answer: () => {
        throw failure();
      },
    });
    expect((await refusalOf(queries.run(INSERT, VALUES))).code).toBe("database-unavailable");
    expect(records).toHaveLength(1);
  });

  test("with a refusal of the business keeps it as it is", async ({ expect }) => {
    const taken = new AppError("email-taken");
    const { queries } = given({ answer: () => Promise.reject(taken) });
    expect(await refusalOf(queries.run(INSERT, VALUES))).toBe(taken);
  });
});

describe("after the deadline", () => {
  test("a query is refused: nothing is sent or counted", async ({ expect }) => {
    const { queries, records, sent } = given({ signal: AbortSignal.abort() });
    expect((await refusalOf(queries.run(FIND, VALUES))).code).toBe("deadline-exceeded");
    expect({ sent, records }).toEqual({ sent: [], records: [] });
  });

  test("a second query is refused when the first used up the time", async ({ expect }) => {
    const deadline = new AbortController();
    const { queries, records } = given({
      signal: deadline.signal,
      answer: async () => {
        deadline.abort(new DOMException("late", "TimeoutError"));
        return ROW;
      },
    });
    await queries.run(FIND, VALUES);
    expect((await refusalOf(queries.run(INSERT, VALUES))).code).toBe("deadline-exceeded");
    expect(records.map(({ name }) => name)).toEqual(["users.find_by_id"]);
  });

  test("a query that finished in spite of it keeps its result: the work is done", async ({ expect }) => {
    const deadline = new AbortController();
    const { queries } = given({
      signal: deadline.signal,
      answer: async () => {
        deadline.abort();
        return ROW;
      },
    });
    expect(await queries.run(INSERT, VALUES)).toBe(ROW);
  });
});
