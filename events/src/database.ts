import { createDatabaseClient } from "../../src/db/client.ts";
import { createDatabase, type Database } from "../../src/db/database.ts";
import { logDatabaseEvent } from "../../src/db/log-event.ts";
import type { CallContext } from "../../src/models/call-context.ts";
import type { Logger } from "../../src/observability/logger.ts";
import { startDeadline } from "../../src/resilience/deadline.ts";
import type { Config } from "./config.ts";

/** One call of the database, with its retries; the same as a request of the API has. */
const CALL_TIMEOUT_MS = 5_000;
/** Invocations that share an isolate. */
const MAX_STATEMENTS = 256;

/** The seam to the database, with its policies: one for each isolate, or for each object in it. */
export function openDatabase({ database }: Pick<Config, "database">, logger: Logger): Database["queries"] {
  const { url: databaseUrl, fetchEndpoint } = database;
  return createDatabase({
    send: createDatabaseClient({ databaseUrl, fetchEndpoint }),
    requestTimeoutMs: CALL_TIMEOUT_MS,
    maxConcurrency: MAX_STATEMENTS,
    clock: Date.now,
    random: Math.random,
    onEvent: (event) => logDatabaseEvent(logger, event),
  }).queries;
}

/** One call of the database on nobody's behalf. */
export function startCall(id: string, timeoutMs = CALL_TIMEOUT_MS): CallContext {
  return { id, traceId: null, signal: startDeadline(timeoutMs).signal, countQuery: () => {} };
}
