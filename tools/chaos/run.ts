import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../command/run-command.ts";
import { createRandom } from "../rehearsal/load/random.ts";
import type { Finding } from "./check/finding.ts";
import { checkHistory } from "./check/index.ts";
import { OUTCOME_UNKNOWN } from "./clients/answer.ts";
import { createApi } from "./clients/api.ts";
import { type AnswerSummary, createBook } from "./clients/book.ts";
import type { ClientContext } from "./clients/context.ts";
import { createOwnRecords } from "./clients/own-record.ts";
import { runClient } from "./clients/run-client.ts";
import { createSharedUsers } from "./clients/shared-record.ts";
import { createConductor } from "./conductor.ts";
import { readContent } from "./content.ts";
import { createInjector } from "./faults/injector.ts";
import type { FaultName } from "./faults/kinds.ts";
import { makeSchedule } from "./faults/schedule.ts";
import type { Content, History } from "./history.ts";
import { createIncidents } from "./incidents.ts";
import type { ChaosOptions } from "./options.ts";
import type { Outage } from "./outage.ts";
import { type ChaosStack, startChaosStack } from "./stack.ts";

/** All that a run has found out. */
export interface ChaosResult {
  readonly options: ChaosOptions;
  readonly operations: number;
  /** Of the operations, in ms. */
  readonly elapsedMs: number;
  readonly tellsOutcome: boolean;
  readonly answers: AnswerSummary;
  readonly faults: ReadonlyMap<FaultName, { readonly injected: number; readonly hit: number }>;
  readonly outages: readonly Outage[];
  /** What went wrong with a kill or a fault itself. */
  readonly troubles: readonly string[];
  readonly findings: readonly Finding[];
  readonly history: History;
  readonly content: Content;
  /** Null as long as the Worker's process is there. */
  readonly workerEnd: string | null;
}

const USERS = "/api/v1/users";
const MAX_CLIENTS = 100;

export async function runChaos(options: ChaosOptions, context: CommandContext): Promise<ChaosResult> {
  const { progress, signal } = context;
  const stack = await startChaosStack(context);
  const book = createBook();
  const api = createApi({ origin: stack.worker.origin, apiKey: stack.apiKey, book });
  context.cleanup.add(() => api.close());
  const shared = await createSharedUsers(api);
  const tellsOutcome = (await fetchStatus(`${stack.worker.origin}/problems/${OUTCOME_UNKNOWN}`)) === 200;
  const injector = createInjector(stack.gatewayOrigin);
  const incidents = createIncidents({ stack, injector, context, readPath: `${USERS}/id/${shared[0]?.id ?? ""}` });
  const conductor = createConductor({
    ...options,
    schedule: makeSchedule(options, createRandom(options.seed)),
    act: incidents.act,
    signal: AbortSignal.any([signal, AbortSignal.timeout(options.seconds * 1_000)]),
    now: () => performance.now(),
    sleep,
  });
  const clients = createClients(options, { api, shared, tellsOutcome, signal, now: () => performance.now() });
  progress.line(`${options.clients} clients, seed ${options.seed}`);
  const startedAt = performance.now();
  const telling = setInterval(() => progress.status(`${conductor.begun} operations`), 1_000);
  try {
    await Promise.all(clients.map((client) => runClient(client, () => conductor.takeTurn())));
    await conductor.settle();
  } finally {
    clearInterval(telling);
  }
  const elapsedMs = performance.now() - startedAt;
  signal.throwIfAborted();
  const faults = await injector.count();
  await injector.clear();
  progress.line("comparing what clients were told with what the database holds");
  const content = await readContent(stack.databaseUrl);
  const history = { own: clients.flatMap(({ own }) => own.all), shared };
  const findings = checkHistory(history, content);
  const { outages, troubles } = incidents;
  const seen = { operations: conductor.begun, elapsedMs, answers: book.summary, faults, outages, troubles };
  return { options, tellsOutcome, ...seen, findings, history, content, workerEnd: endOfWorker(stack) };
}

function createClients(
  { clients, seed }: ChaosOptions,
  common: Omit<ClientContext, "name" | "choices" | "random" | "own" | "next">,
): ClientContext[] {
  return Array.from({ length: clients }, (_, place) => {
    let serial = 0;
    return {
      ...common,
      name: `c${String(place).padStart(2, "0")}`,
      // Of its own, so that they do not depend on who comes to act first.
      choices: createRandom(2 * (seed * MAX_CLIENTS + place)),
      random: createRandom(2 * (seed * MAX_CLIENTS + place) + 1),
      own: createOwnRecords(),
      next: () => (serial += 1),
    };
  });
}

const PROBE_TIMEOUT_MS = 5_000;

async function fetchStatus(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.status;
}

function endOfWorker({ worker }: ChaosStack): string | null {
  try {
    worker.assertAlive();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
