import { setTimeout as delay } from "node:timers/promises";

import type { Client, QueryArrayConfig } from "pg";

import type { Aftermath, Connection, Connections } from "./connections.ts";
import { encodeResult, type TextResult } from "./encode.ts";
import { clientGone, statementError } from "./errors.ts";
import type { Payload, Statement } from "./request-body.ts";
import type { IsolationLevel, TransactionOptions } from "./request-headers.ts";
import { mayChangeSession } from "./reset.ts";

export interface ExecuteOptions extends TransactionOptions {
  readonly rawText: boolean;
  readonly maxResponseBytes: number;
  /** Milliseconds that the session is kept before the statement runs. */
  readonly serviceMs: number;
}

export interface SessionStats {
  statements: number;
  cancelled: number;
}

export interface SessionDependencies {
  readonly connections: Connections;
  readonly stats: SessionStats;
}

type Settled =
  | { readonly body: string; readonly aftermath: Aftermath }
  | { readonly error: unknown; readonly aftermath: Aftermath };

const CANCEL_REPEAT_MS = 200; // A cancel that overtakes its statement is ignored by the server, so it is sent again.

const ISOLATION_LEVELS: Readonly<Record<IsolationLevel, string>> = {
  ReadUncommitted: "READ UNCOMMITTED",
  ReadCommitted: "READ COMMITTED",
  RepeatableRead: "REPEATABLE READ",
  Serializable: "SERIALIZABLE",
};

/**
 * Runs a payload on a session of its own and resolves with the JSON answer; throws a GatewayError otherwise. When `signal`
 * aborts, the running statement is cancelled and its session dropped. No statement is ever run twice.
 */
export async function execute(
  { connections, stats }: SessionDependencies,
  payload: Payload,
  options: ExecuteOptions,
  signal: AbortSignal,
): Promise<string> {
  const connection = await connections.acquire(signal);
  if (options.serviceMs > 0) await delay(options.serviceMs);
  const stopWatching = cancelOnAbort(connections, connection, signal);
  const run = { client: connection.client, options, stats, signal };
  const settled = await (payload.kind === "single"
    ? runSingle(run, payload.statement)
    : runBatch(run, payload.statements));
  stopWatching();
  if (signal.aborted && "error" in settled && isCancellation(settled.error)) stats.cancelled += 1;
  // The answer does not wait for the clean-up, as in the proxy; the session is out of the pool until it is done.
  void connections.release(connection, signal.aborted ? "drop" : settled.aftermath);
  if ("error" in settled) throw statementError(settled.error);
  return settled.body;
}

interface Run {
  readonly client: Client;
  readonly options: ExecuteOptions;
  readonly stats: SessionStats;
  readonly signal: AbortSignal;
}

async function runSingle(run: Run, statement: Statement): Promise<Settled> {
  try {
    const body = await runStatement(run, statement, 0);
    return { body, aftermath: aftermathOf(run.client, [statement]) };
  } catch (error) {
    return { error, aftermath: "drop" };
  }
}

async function runBatch(run: Run, statements: readonly Statement[]): Promise<Settled> {
  try {
    await run.client.query(startTransaction(run.options));
  } catch (error) {
    return { error, aftermath: "drop" };
  }
  const results: string[] = [];
  let usedBytes = 0;
  try {
    for (const statement of statements) {
      if (run.signal.aborted) throw clientGone();
      const result = await runStatement(run, statement, usedBytes);
      usedBytes += Buffer.byteLength(result);
      results.push(result);
    }
  } catch (error) {
    return { error, aftermath: "reset" };
  }
  try {
    await run.client.query("COMMIT");
    return { body: `{"results":[${results.join(",")}]}`, aftermath: aftermathOf(run.client, statements) };
  } catch (error) {
    return { error, aftermath: "drop" };
  }
}

async function runStatement({ client, options, stats }: Run, statement: Statement, usedBytes: number): Promise<string> {
  stats.statements += 1;
  // `queryMode` is missing from pg's types. The simple protocol would accept several statements in one text.
  const query: QueryArrayConfig<(string | null)[]> & { queryMode: "extended" } = {
    text: statement.text,
    values: statement.values,
    rowMode: "array",
    queryMode: "extended",
  };
  const result: TextResult = await client.query<(string | null)[], (string | null)[]>(query);
  const { rawText, maxResponseBytes } = options;
  return encodeResult(result, { arrayMode: statement.arrayMode, rawText, usedBytes, maxBytes: maxResponseBytes });
}

function startTransaction({ isolationLevel, readOnly, deferrable }: TransactionOptions): string {
  const modes = [
    ...(isolationLevel === undefined ? [] : [`ISOLATION LEVEL ${ISOLATION_LEVELS[isolationLevel]}`]),
    ...(readOnly ? ["READ ONLY"] : []),
    ...(deferrable ? ["DEFERRABLE"] : []),
  ];
  return `START TRANSACTION ${modes.join(", ")}`.trim();
}

// An open transaction (`T` or `E` in ReadyForQuery) must be rolled back whatever the texts say.
function aftermathOf(client: Client, statements: readonly Statement[]): Aftermath {
  const isDirty = client.getTransactionStatus() !== "I" || statements.some(({ text }) => mayChangeSession(text));
  return isDirty ? "reset" : "keep";
}

function cancelOnAbort(connections: Connections, connection: Connection, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    void connections.cancel(connection);
    timer = setTimeout(cancel, CANCEL_REPEAT_MS);
  };
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  };
}

function isCancellation(error: unknown): boolean {
  return statementError(error).fields.code === "57014";
}
