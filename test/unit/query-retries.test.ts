import { NeonDbError } from "@neondatabase/serverless";
import { describe, test } from "vitest";

import type { TextResult } from "../../src/db/client.ts";
import { createDatabase, type DatabaseEvent } from "../../src/db/database.ts";
import type { Statement, StatementKind } from "../../src/db/statement.ts";
import type { CallContext } from "../../src/models/call-context.ts";
import { refusalOf } from "../support/refusals.ts";

const ROW: TextResult = { rows: [["row"]], rowCount: 1 };

const LOST = Object.assign(new NeonDbError("Error connecting"), { sourceError: new Error("Network connection lost.") });
const DEADLOCK = Object.assign(new NeonDbError("deadlock detected"), { code: "40P01" });
const TAKEN = Object.assign(new NeonDbError("duplicate key"), { code: "23505", constraint: "users_email_key" });
const LATE = new DOMException("late", "TimeoutError");

const statement = (kind: StatementKind): Statement<{ readonly id: string }> => ({
  name: `users.${kind}`,
  kind,
  text: "statement of $1",
  bind: ({ id }) => [id],
});

/** A database whose answers come in turn: each an error, or null for a row; then rows for ever. */
function given(...answers: readonly (Error | null)[]) {
  const left = [...answers];
  const events: DatabaseEvent[] = [];
  const deadline = new AbortController();
  let now = 0;
  let sent = 0;
  let roundTrips = 0;
  const database = createDatabase({
    send: async () => {
      sent += 1;
      const answer = left.shift() ?? null;
      if (answer !== null) throw answer;
      return ROW;
    },
    requestTimeoutMs: 5_000,
    maxConcurrency: 1_024,
    clock: () => now,
    random: () => 0,
    onEvent: (event) => events.push(event),
  });
  const context: CallContext = {
    id: "request-1",
    traceId: null,
    signal: deadline.signal,
    countQuery: () => (roundTrips += 1),
  };
  const query = (kind: StatementKind) => ({
    statement: statement(kind),
    values: { id: "7" },
    read: ({ rows }: TextResult) => rows.length,
  });
  return {
    run: (kind: StatementKind) => database.queries.run(context, query(kind)),
    probe: () => database.probes.run(context, query("read")),
    admission: database.admission,
    deadline,
    events,
    kinds: () => events.map(({ kind }) => kind),
    sent: () => sent,
    roundTrips: () => roundTrips,
    wait: (ms: number) => void (now += ms),
  };
}

const times = (count: number, error: Error): Error[] => Array.from({ length: count }, () => error);

describe("after a failure that leaves open whether the statement ran", () => {
  test.for(["read", "repeatable-write"] as const)("a %s is sent again", async (kind, { expect }) => {
    const { run, sent, roundTrips, kinds } = given(LOST);
    expect(await run(kind)).toBe(1);
    expect({ sent: sent(), roundTrips: roundTrips() }).toEqual({ sent: 2, roundTrips: 2 });
    expect(kinds()).toEqual(["database_retry"]);
  });

  test("a write is never sent again: its outcome is unknown", async ({ expect }) => {
    const { run, sent, events } = given(LOST);
    expect((await refusalOf(run("write"))).code).toBe("outcome-unknown");
    expect({ sent: sent(), events }).toEqual({ sent: 1, events: [] });
  });
});

describe("after a failure that had no effect", () => {
  test.for(["read", "repeatable-write", "write"] as const)(
    "a %s is sent again when it is soon over",
    async (kind, { expect }) => {
      const { run, sent } = given(DEADLOCK, DEADLOCK);
      expect(await run(kind)).toBe(1);
      expect(sent()).toBe(3);
    },
  );

  test("and will be the same again, nothing is repeated", async ({ expect }) => {
    const { run, sent } = given(TAKEN);
    expect((await refusalOf(run("write"))).code).toBe("email-taken");
    expect(sent()).toBe(1);
  });
});

describe("retries", () => {
  test("end after three attempts, with the failure of the last", async ({ expect }) => {
    const { run, sent } = given(...times(3, LOST));
    const refusal = await refusalOf(run("repeatable-write"));
    expect(refusal).toMatchObject({ code: "database-unavailable", isOutcomeUnknown: true });
    expect(sent()).toBe(3);
  });

  test("end with the deadline, and what was left open stays open", async ({ expect }) => {
    const { run, sent, deadline } = given(LOST);
    const running = refusalOf(run("repeatable-write"));
    deadline.abort(LATE);
    expect(await running).toMatchObject({ code: "deadline-exceeded", isOutcomeUnknown: true });
    expect(sent()).toBe(1);
  });

  test("are not made after a deadline", async ({ expect }) => {
    const { run, sent } = given(LATE);
    expect((await refusalOf(run("read"))).code).toBe("deadline-exceeded");
    expect(sent()).toBe(1);
  });

  test("are told with the statement, the request and the reason", async ({ expect }) => {
    const { run, events } = given(DEADLOCK);
    await run("write");
    expect(events).toMatchObject([
      { kind: "database_retry", statement: "users.write", attempts: 1, failure: { code: "database-unavailable" } },
    ]);
  });

  test("are bounded over all requests: when everything fails, few statements are sent twice", async ({ expect }) => {
    const { run, sent, wait } = given(...times(1_000, DEADLOCK));
    for (let requests = 0; requests < 100; requests++) {
      await refusalOf(run("read"));
      wait(10);
    }
    expect(sent()).toBe(100 + 20);
  });
});

describe("the circuit breaker", () => {
  test("opens after ten failures of the database in a row; then nothing is sent", async ({ expect }) => {
    const { run, sent, admission, kinds } = given(...times(100, LOST));
    while (admission.refusal() === null) await refusalOf(run("write"));
    expect(sent()).toBe(10);
    expect((await refusalOf(run("write"))).code).toBe("database-unavailable");
    expect(sent()).toBe(10);
    expect(kinds()).toEqual(["circuit_breaker"]);
  });

  test.for([
    ["refusals of statements", TAKEN],
    ["deadlines", LATE],
  ] as const)("does not count %s", async ([, failure], { expect }) => {
    const { run, sent, admission } = given(...times(50, failure));
    for (let requests = 0; requests < 50; requests++) await refusalOf(run("write"));
    expect(admission.refusal()).toBeNull();
    expect(sent()).toBe(50);
  });

  test("ends the retries of a request when it opens", async ({ expect }) => {
    const { run, sent, admission } = given(...times(100, LOST));
    for (let requests = 0; requests < 9; requests++) await refusalOf(run("write"));
    expect(await refusalOf(run("repeatable-write"))).toMatchObject({
      code: "database-unavailable",
      isOutcomeUnknown: true,
    });
    expect({ sent: sent(), refusal: admission.refusal() }).toEqual({ sent: 10, refusal: "database-unavailable" });
  });

  test("answers a probe that failed at once, for no retry can follow", async ({ expect }) => {
    const { run, sent, admission, wait, kinds } = given(...times(100, LOST));
    while (admission.refusal() === null) await refusalOf(run("write"));
    wait(1_000);
    expect((await refusalOf(run("read"))).code).toBe("database-unavailable");
    expect(sent()).toBe(11);
    expect(kinds()).not.toContain("database_retry");
  });

  test("lets a probe through after a second, and everything after its answer", async ({ expect }) => {
    const { run, admission, wait, events } = given(...times(10, LOST));
    while (admission.refusal() === null) await refusalOf(run("write"));
    wait(1_000);
    expect(await run("read")).toBe(1);
    expect(admission.refusal()).toBeNull();
    expect(events.map((event) => ("to" in event ? event.to : event.kind))).toEqual(["open", "half-open", "closed"]);
  });

  test("keeps no health check away, and learns nothing from it", async ({ expect }) => {
    const { run, probe, admission, sent } = given(...times(11, LOST));
    while (admission.refusal() === null) await refusalOf(run("write"));
    expect((await refusalOf(probe())).code).toBe("database-unavailable");
    expect(await probe()).toBe(1);
    expect(sent()).toBe(12);
    expect(admission.refusal()).toBe("database-unavailable");
  });
});
