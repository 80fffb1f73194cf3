import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Answer, errorAnswer, jsonAnswer, send } from "./answer.ts";
import type { Connections } from "./connections.ts";
import { unknownDatabase, wrongPassword } from "./errors.ts";
import { applyAfter, applyBefore, RESET } from "./fault-effects.ts";
import type { RequestFaultPlan } from "./faults.ts";
import { parsePayload, type Payload, readBody } from "./request-body.ts";
import { type Credentials, readCredentials, readOptions, type TransactionOptions } from "./request-headers.ts";
import { execute } from "./session.ts";

/** Counts since the start or the last reset: POSTs to `/sql`, statements sent to PostgreSQL, statements cancelled. */
export interface GatewayStats {
  requests: number;
  statements: number;
  cancelled: number;
}

export interface QueryHandlerDependencies {
  readonly connections: Connections;
  readonly credentials: Credentials;
  readonly faults: RequestFaultPlan;
  readonly stats: GatewayStats;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
  readonly serviceMs: number;
}

export type QueryHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Answers `POST /sql`; whatever goes wrong becomes an answer, so the promise never rejects. */
export function createQueryHandler(dependencies: QueryHandlerDependencies): QueryHandler {
  return async (request, response) => {
    dependencies.stats.requests += 1;
    const leaving = new AbortController();
    response.on("close", () => {
      if (!response.writableFinished) leaving.abort();
    });
    const outcome = await answer(dependencies, request, leaving.signal).catch(errorAnswer);
    if (outcome === RESET) request.socket.resetAndDestroy();
    else send(response, outcome);
  };
}

async function answer(
  dependencies: QueryHandlerDependencies,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<Answer | typeof RESET> {
  const { connections, credentials, faults, stats, maxRequestBytes, maxResponseBytes, serviceMs } = dependencies;
  const presented = readCredentials(request.headers);
  const options = readOptions(request.headers);
  const payload = parsePayload(await readBody(request, maxRequestBytes), options.arrayMode);
  checkCredentials(presented, credentials);
  const hits = faults.take(
    payload.kind === "single" ? [payload.statement.text] : payload.statements.map(({ text }) => text),
  );
  const instead = await applyBefore(hits, signal);
  if (instead !== undefined) return instead;
  const result = await execute(
    { connections, stats },
    payload,
    { ...options, maxResponseBytes, serviceMs },
    signal,
  ).then((body) => jsonAnswer(200, body, transactionHeaders(payload, options)), errorAnswer);
  return hits.length === 0 ? result : await applyAfter(hits, result, signal);
}

// One database per gateway: any other name is what PostgreSQL would not know.
function checkCredentials(presented: Credentials, expected: Credentials): void {
  const isUser = isSame(presented.user, expected.user);
  if (!isSame(presented.password, expected.password) || !isUser) throw wrongPassword(presented.user);
  if (presented.database !== expected.database) throw unknownDatabase(presented.database);
}

function isSame(presented: string, expected: string): boolean {
  const [left, right] = [Buffer.from(presented), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function transactionHeaders(payload: Payload, options: TransactionOptions): Record<string, string> {
  if (payload.kind === "single") return {};
  return {
    ...(options.readOnly ? { "neon-batch-read-only": "true" } : {}),
    ...(options.deferrable ? { "neon-batch-deferrable": "true" } : {}),
    ...(options.isolationLevel === undefined ? {} : { "neon-batch-isolation-level": options.isolationLevel }),
  };
}
