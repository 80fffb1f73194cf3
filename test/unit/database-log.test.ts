import { test } from "vitest";

import type { DatabaseEvent } from "../../src/db/database.ts";
import { DatabaseError } from "../../src/db/errors.ts";
import { logDatabaseEvent } from "../../src/db/log-event.ts";
import type { LogFields } from "../../src/observability/logger.ts";

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

function logged(event: DatabaseEvent) {
  const lines: { level: string; event: string; fields: LogFields }[] = [];
  logDatabaseEvent({ log: (level, name, fields = {}) => lines.push({ level, event: name, fields }) }, event);
  return lines;
}

test("a transition of the breaker is one event", ({ expect }) => {
  expect(logged({ kind: "circuit_breaker", from: "closed", to: "open" })).toEqual([
    { level: "warn", event: "circuit_breaker", fields: { from: "closed", to: "open" } },
  ]);
  expect(logged({ kind: "circuit_breaker", from: "half-open", to: "closed" })[0]?.level).toBe("info");
});

test("the beginning and the end of shedding are one event each", ({ expect }) => {
  expect(logged({ kind: "load_shedding", isShedding: true, limit: 40, refused: 1 })).toEqual([
    { level: "warn", event: "load_shedding", fields: { is_shedding: true, limit: 40, refused: 1 } },
  ]);
  expect(logged({ kind: "load_shedding", isShedding: false, limit: 40, refused: 9 })[0]?.level).toBe("info");
});

test("a retry names its request, its statement and the reason, and no value", ({ expect }) => {
  const [line] = logged({
    kind: "database_retry",
    statement: "users.find_by_id",
    attempts: 1,
    delayMs: 12.7,
    context: { id: "request-1", traceId: TRACE_ID, signal: new AbortController().signal, countQuery: () => {} },
    failure: {
      code: "database-unavailable",
      effect: "unknown",
      isInfrastructure: true,
      isTransient: true,
      cause: new DatabaseError("The connection to the database was refused or lost."),
    },
  });
  expect(line).toEqual({
    level: "warn",
    event: "database_retry",
    fields: {
      request_id: "request-1",
      trace_id: TRACE_ID,
      statement: "users.find_by_id",
      attempts: 1,
      delay_ms: 13,
      error: { name: "DatabaseError", message: "The connection to the database was refused or lost." },
    },
  });
});
