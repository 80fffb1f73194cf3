import { NeonDbError } from "@neondatabase/serverless";
import { describe, test } from "vitest";

import { createDatabase } from "../../../src/db/database.ts";
import { createDatabaseMeasures, measureDatabaseEvent } from "../../../src/db/measures.ts";
import type { Statement } from "../../../src/db/statement.ts";
import { KEEP_ALL, type LogSamplingOptions, LogSampling } from "../../../src/observability/log-sampling.ts";
import { Metrics } from "../../../src/observability/metrics.ts";

const FIND: Statement<Record<never, never>> = { name: "users.find", kind: "read", text: "select 1", bind: () => [] };

interface Given {
  readonly fails?: () => boolean;
  readonly maxConcurrency?: number;
  readonly sampling?: LogSamplingOptions;
}

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

/** A database whose driver does as told, measured as in production. */
function given({ fails = () => false, maxConcurrency = 10, sampling = KEEP_ALL }: Given = {}) {
  let now = 0;
  const metrics = new Metrics({
    sink: { record: async () => "recorded" },
    version: { id: "v1", tag: "" },
    clock: () => now,
    sleep: async () => {},
    onFailure: () => {},
  });
  let release = () => {};
  const blocked = new Promise<void>((resolve) => (release = resolve));
  const { queries } = createDatabase({
    send: async () => {
      now += 30;
      if (fails()) throw new NeonDbError("Server error (HTTP status 502): no");
      if (maxConcurrency === 1) await blocked;
      return { rows: [], rowCount: 0 };
    },
    requestTimeoutMs: 5_000,
    maxConcurrency,
    clock: () => now,
    random: () => 0,
    onEvent: (event) => measureDatabaseEvent(metrics, event),
    measures: createDatabaseMeasures(metrics, new LogSampling(sampling)),
  });
  const context = { id: "r", traceId: TRACE_ID, signal: new AbortController().signal, countQuery: () => {} };
  const run = () => queries.run(context, { statement: FIND, values: {}, read: () => null });
  return { metrics, run, release: () => release() };
}

const countersOf = (metrics: Metrics) =>
  Object.fromEntries(
    metrics.buffer.take().counters.map(({ name, labels, value }) => [[name, ...labels].join(" "), value]),
  );

describe("what the database is measured by", () => {
  test("each round trip has a duration, by statement", async ({ expect }) => {
    const { metrics, run } = given();
    await run();
    await run();
    const [statement] = metrics.buffer.take().statements;
    expect(statement).toMatchObject({ statement: "users.find", sumMs: 60 });
  });

  test("a duration names the trace of its request, where the log tells of it", async ({ expect }) => {
    const { metrics, run } = given();
    await run();
    const exemplar = { bucket: 3, traceId: TRACE_ID, durationMs: 30, at: 30 };
    expect(metrics.buffer.take().statements[0]?.exemplars).toEqual([exemplar]);
    const sampled = given({ sampling: { rate: 0, slowMs: 1_000 } });
    await sampled.run();
    expect(sampled.metrics.buffer.take().statements[0]).not.toHaveProperty("exemplars");
  });

  test("a failure counts by what it means, and a retry counts once", async ({ expect }) => {
    let failures = 1;
    const { metrics, run } = given({ fails: () => failures-- > 0 });
    await run();
    expect(countersOf(metrics)).toEqual({
      "db_errors_total database-unavailable": 1,
      "db_retries_total users.find": 1,
    });
  });

  test("the breaker's transitions count", async ({ expect }) => {
    const { metrics, run } = given({ fails: () => true });
    for (let n = 0; n < 10; n++) await run().catch(() => {});
    expect(countersOf(metrics)).toMatchObject({ "circuit_breaker_transitions_total closed open": 1 });
  });

  test("every refused call counts at once, not when the shedding ends", async ({ expect }) => {
    const { metrics, run, release } = given({ maxConcurrency: 1 });
    const first = run();
    for (let n = 0; n < 3; n++) await run().catch(() => {});
    expect(countersOf(metrics)).toEqual({ load_shedding_refused_total: 3 });
    release();
    await first;
  });
});
