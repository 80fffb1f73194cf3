import { DrizzleQueryError } from "drizzle-orm";
import { describe, test } from "vitest";

import { createDatabaseFactory, type Database } from "../../src/db/client.ts";
import { createQueryRunner, type QueryRecord } from "../../src/db/query-runner.ts";
import { AppError } from "../../src/models/errors.ts";
import { refusalOf, textsOf } from "../support/refusals.ts";

/** A drizzle database that is handed to queries but never sends anything: the queries here do not use it. */
const openUnused = createDatabaseFactory({ databaseUrl: "postgresql://u:p@db.invalid/d", fetchEndpoint: null });

/** A runner whose clock goes on by `tickMs` at every reading. */
function given({ tickMs = 5, signal = new AbortController().signal } = {}) {
  const records: QueryRecord[] = [];
  const opened: { readonly signal: AbortSignal; readonly database: Database }[] = [];
  let time = 1_000;
  const queries = createQueryRunner({
    openDatabase: (openedWith) => {
      const database = openUnused(openedWith);
      opened.push({ signal: openedWith, database });
      return database;
    },
    signal,
    clock: () => (time += tickMs),
    onQuery: (record) => records.push(record),
  });
  return { queries, records, opened };
}

describe("a query", () => {
  test("gives its result, and is recorded once with its name and duration", async ({ expect }) => {
    const { queries, records } = given({ tickMs: 7 });
    expect(await queries.run("users.find_by_id", async () => ["row"])).toEqual(["row"]);
    expect(records).toEqual([{ name: "users.find_by_id", durationMs: 7 }]);
  });

  test("gets a database that is bound to the request's signal", async ({ expect }) => {
    const { signal } = new AbortController();
    const { queries, opened } = given({ signal });
    const received = await queries.run("first", async (database) => database);
    expect(opened).toHaveLength(1);
    expect(opened[0]?.signal).toBe(signal);
    expect(received).toBe(opened[0]?.database);
  });

  test("is recorded after its answer, not before", async ({ expect }) => {
    const { queries, records } = given();
    await queries.run("slow", async () => {
      await Promise.resolve();
      expect(records).toEqual([]);
    });
    expect(records).toHaveLength(1);
  });

  test("is sent once: nothing is repeated here", async ({ expect }) => {
    const { queries } = given();
    let sent = 0;
    const failing = queries.run("users.insert", async () => {
      sent++;
      throw new DOMException("timed out", "TimeoutError");
    });
    expect((await refusalOf(failing)).code).toBe("deadline-exceeded");
    expect(sent).toBe(1);
  });

  test("counts apart from others that run at the same time", async ({ expect }) => {
    const { queries, records } = given();
    const results = await Promise.allSettled([
      queries.run("a", async () => 1),
      queries.run("b", () => Promise.reject(new AppError("username-taken"))),
      queries.run("c", async () => 3),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(records.map(({ name }) => name).toSorted()).toEqual(["a", "b", "c"]);
  });
});

describe("a query that fails", () => {
  const failure = () => new DrizzleQueryError("select $1", ["ada@example.com"], new SyntaxError("ada@example.com"));

  test("fails with a translated error that holds no parameter, and is recorded with its duration", async ({
    expect,
  }) => {
    const { queries, records } = given({ tickMs: 3 });
    const refusal = await refusalOf(queries.run("users.insert", () => Promise.reject(failure())));
    expect(refusal.code).toBe("database-unavailable");
    expect(textsOf(refusal).join("\n")).not.toContain("ada@example.com");
    expect(records).toEqual([{ name: "users.insert", durationMs: 3 }]);
  });

  test("before it is sent, by throwing, is translated and recorded too", async ({ expect }) => {
    const { queries, records } = given();
    const refusal = await refusalOf(
      queries.run("users.insert", () => {
        throw failure();
      }),
    );
    expect(refusal.code).toBe("database-unavailable");
    expect(records).toHaveLength(1);
  });

  test("with a refusal of the business keeps it as it is", async ({ expect }) => {
    const { queries } = given();
    const taken = new AppError("email-taken");
    expect(await refusalOf(queries.run("users.insert", () => Promise.reject(taken)))).toBe(taken);
  });
});

describe("after the deadline", () => {
  test("a query is refused: nothing is opened, sent or counted", async ({ expect }) => {
    const { queries, records, opened } = given({ signal: AbortSignal.abort() });
    let sent = 0;
    const refusal = await refusalOf(queries.run("users.list", async () => sent++));
    expect(refusal.code).toBe("deadline-exceeded");
    expect({ sent, records, opened }).toEqual({ sent: 0, records: [], opened: [] });
  });

  test("a second query is refused when the first used up the time", async ({ expect }) => {
    const deadline = new AbortController();
    const { queries, records } = given({ signal: deadline.signal });
    await queries.run("first", async () => deadline.abort(new DOMException("late", "TimeoutError")));
    expect((await refusalOf(queries.run("second", async () => "row"))).code).toBe("deadline-exceeded");
    expect(records.map(({ name }) => name)).toEqual(["first"]);
  });

  test("a query that finished in spite of it keeps its result: the work is done", async ({ expect }) => {
    const deadline = new AbortController();
    const { queries } = given({ signal: deadline.signal });
    const result = await queries.run("users.insert", async () => {
      deadline.abort();
      return "stored";
    });
    expect(result).toBe("stored");
  });
});
