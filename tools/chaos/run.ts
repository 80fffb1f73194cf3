import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../command/run-command.ts";
import { createRandom } from "../rehearsal/load/random.ts";
import type { Finding } from "./check/finding.ts";
import { checkHistory } from "./check/index.ts";
import { OUTCOME_UNKNOWN, userOf } from "./clients/answer.ts";
import { createApi } from "./clients/api.ts";
import { type AnswerSummary, createBook } from "./clients/book.ts";
import type { ClientContext } from "./clients/context.ts";
import { spellName } from "./clients/full-name.ts";
import { createOwnRecords } from "./clients/own-record.ts";
import { runClient } from "./clients/run-client.ts";
import type { SharedRecord } from "./clients/shared-record.ts";
import { createConductor } from "./conductor.ts";
import { readContent } from "./content.ts";
import { createInjector, type Injector } from "./faults/injector.ts";
import type { FaultName } from "./faults/kinds.ts";
import { type Incident, makeSchedule } from "./faults/schedule.ts";
import type { Content, History } from "./history.ts";
import type { ChaosOptions } from "./options.ts";
import { type Outage, runOutage } from "./outage.ts";
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

/** Few, so that clients get in each other's way. */
const SHARED_USERS = 8;
const USERS = "/api/v1/users";

export async function runChaos(options: ChaosOptions, context: CommandContext): Promise<ChaosResult> {
  const { progress, signal } = context;
  const stack = await startChaosStack(context);
  const book = createBook();
  const api = createApi({ origin: stack.worker.origin, apiKey: stack.apiKey, book });
  context.cleanup.add(() => api.close());
  const shared = await createSharedUsers(api);
  const tellsOutcome = (await fetchStatus(`${stack.worker.origin}/problems/${OUTCOME_UNKNOWN}`)) === 200;
  progress.line(`${options.clients} clients, seed ${options.seed}`);
  const random = createRandom(options.seed);
  const injector = createInjector(stack.gatewayOrigin);
  const incidents = createIncidents({ stack, injector, context, readPath: `${USERS}/id/${shared[0]?.id ?? ""}` });
  const stop = AbortSignal.any([signal, AbortSignal.timeout(options.seconds * 1_000)]);
  const conductor = createConductor({
    ...options,
    schedule: makeSchedule(options, random),
    act: incidents.act,
    signal: stop,
    now: () => performance.now(),
    sleep,
  });
  const clients = Array.from({ length: options.clients }, (_, place): ClientContext => {
    let serial = 0;
    return {
      name: `c${String(place).padStart(2, "0")}`,
      api,
      random: createRandom(options.seed * 100 + place + 1),
      own: createOwnRecords(),
      shared,
      tellsOutcome,
      signal,
      next: () => (serial += 1),
      now: () => performance.now(),
    };
  });
  const startedAt = performance.now();
  const telling = setInterval(
    () =>
      progress.status(
        `${conductor.begun} operations, ${incidents.outages.length} outages, ${book.summary.requests} requests`,
      ),
    1_000,
  );
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
  return {
    options,
    operations: conductor.begun,
    elapsedMs,
    tellsOutcome,
    answers: book.summary,
    faults,
    outages: incidents.outages,
    troubles: incidents.troubles,
    findings: checkHistory(history, content),
    history,
    content,
    workerEnd: endOfWorker(stack),
  };
}

interface IncidentOptions {
  readonly stack: ChaosStack;
  readonly injector: Injector;
  readonly context: CommandContext;
  readonly readPath: string;
}

function createIncidents({ stack, injector, context, readPath }: IncidentOptions) {
  const outages: Outage[] = [];
  const troubles: string[] = [];
  const { progress, signal } = context;
  const happen = async (incident: Incident): Promise<void> => {
    if (incident.kind === "fault") return await injector.inject(incident.name, incident.match);
    const { postgres, apiKey, worker } = stack;
    const outage = await runOutage({
      postgres,
      downMs: incident.downMs,
      origin: worker.origin,
      apiKey,
      readPath,
      signal,
    });
    outages.push(outage);
    const { downMs, recoveryMs } = outage;
    progress.line(
      `the database was killed; back after ${downMs.toFixed(0)} ms, the API ${recoveryMs === null ? "never" : `${recoveryMs.toFixed(0)} ms`} later`,
    );
  };
  return {
    outages,
    troubles,
    async act(incident: Incident) {
      if (signal.aborted) return;
      try {
        await happen(incident);
      } catch (error) {
        troubles.push(`${incident.kind}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  };
}

async function createSharedUsers(api: ReturnType<typeof createApi>): Promise<SharedRecord[]> {
  const records: SharedRecord[] = [];
  for (let place = 0; place < SHARED_USERS; place += 1) {
    const username = `shared${place}`;
    const fullName = spellName(`First of ${username}`);
    const answer = await api.create(username, { email: `${username}@example.com`, fullName }, null);
    const user = answer?.status === 201 ? userOf(answer) : null;
    if (user === null)
      throw new Error(`the API does not create a user before any fault: ${answer?.text ?? "no answer"}`);
    records.push({ username, id: user.id, fullName, changes: [], reads: [] });
  }
  return records;
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
