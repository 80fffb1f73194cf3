import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { migrate } from "../db/migrate.ts";
import { seed } from "../db/seed.ts";
import {
  prepareTelemetry,
  telemetryFiles,
  withdrawTelemetry,
  type LocalTelemetry,
} from "../telemetry/local-telemetry.ts";
import { checkConfiguration, checkPort, chooseCompanionPort, waitUntilReady } from "./checks.ts";
import { startGateway } from "./gateway/index.ts";
import type { StartOptions } from "./options.ts";
import { StartError } from "./options.ts";
import { startLocalPostgres } from "./postgres/index.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";
import { prepareWorkerState, workerState } from "./worker-state.ts";

export interface StackOptions {
  readonly options: StartOptions;
  readonly root: string;
  readonly log: (line: string) => void;
  /** Aborted when the user wants it to end, also while it still starts. */
  readonly signal: AbortSignal;
}

export interface RunningStack {
  readonly origin: string;
  readonly databaseUrl: string;
  /** Null when it was switched off. */
  readonly telemetry: LocalTelemetry | null;
  /** Where RPC is served. */
  readonly rpcOrigin: string;
  /** Settles when a part ends without being asked to. */
  readonly failure: Promise<Error>;
}

/** One part gets this long to stop before the next one is stopped as well. */
const STOP_TIMEOUT_MS = 6_000;

/** The parts of the local stack, started in order and stopped in reverse; the Worker, which uses all others, first. */
export class Stack {
  #stops: (() => Promise<void>)[] = [];
  #worker: WorkerProcess | null = null;

  /** @throws StartError, or the error of the part that does not start */
  async start({ options, root, log, signal }: StackOptions): Promise<RunningStack> {
    checkConfiguration(options.variables);
    await checkPort(options.port);
    const worker = this.#buildWorker(options, root, log);
    const database = await this.#startDatabase(options, log, signal);
    signal.throwIfAborted();
    await prepareDatabase(database.url, options, log);
    signal.throwIfAborted();
    const gateway = await startGateway({ postgresUrl: database.url, port: 0 });
    this.#stops.push(() => gateway.close());
    const telemetry = options.hasTelemetry ? await this.#prepareTelemetry(options) : null;
    const state = workerState(options.dataDir, options.port);
    prepareWorkerState(state, options.isFresh);
    const rpc = { port: await chooseCompanionPort(options.port + 2) };
    log("Starting the Workers (workerd)");
    const own = {
      ENVIRONMENT: "development",
      DATABASE_URL: gateway.connectionString,
      DATABASE_FETCH_ENDPOINT: gateway.url,
    };
    worker.serve({
      vars: { ...options.variables, ...own },
      stateDir: state.folder,
      telemetry: telemetry?.serving ?? null,
      rpc,
      // Receivers of a developer are on the same machine.
      events: { ...own, WEBHOOKS_ALLOW_LOOPBACK: "true", ...pickShared(options) },
    });
    const failure = Promise.race([database.failure, worker.failure]);
    const origin = `http://127.0.0.1:${options.port}`;
    await Promise.race([waitUntilReady(origin, signal), failure.then((error) => Promise.reject(error))]);
    const rpcOrigin = `http://127.0.0.1:${rpc.port}`;
    return { origin, databaseUrl: database.url, telemetry: telemetry?.local ?? null, rpcOrigin, failure };
  }

  /** Stops every part that was started; never throws. */
  async stop(): Promise<void> {
    const stopWorker = async (): Promise<void> => await this.#worker?.stop();
    for (const stop of [stopWorker, ...this.#stops.splice(0).reverse()]) {
      await Promise.race([stop().catch(() => undefined), sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    }
  }

  /** Ends the child processes at once, for a user who does not want to wait. */
  kill(): void {
    this.#worker?.kill();
  }

  /** Begins before the database does, so that it builds meanwhile. */
  #buildWorker(
    { dataDir, port, hasTelemetry }: StartOptions,
    root: string,
    log: (line: string) => void,
  ): WorkerProcess {
    // Named by port, so that two stacks on one PG_URL and one folder do not share it.
    const workDir = path.join(dataDir, `worker-${port}`);
    const companions = { hasTelemetry, hasEvents: true, hasRpc: true };
    this.#worker = startWorkerProcess({ root, port, workDir, ...companions, onLine: log });
    return this.#worker;
  }

  async #prepareTelemetry({ dataDir, port }: StartOptions) {
    const files = telemetryFiles(dataDir, port);
    const metricsPort = await chooseCompanionPort(port + 1);
    const local = prepareTelemetry(files, metricsPort);
    this.#stops.push(async () => withdrawTelemetry(files));
    return { local, serving: { port: metricsPort, token: local.token } };
  }

  async #startDatabase(
    { postgresUrl, dataDir, isFresh }: StartOptions,
    log: (line: string) => void,
    signal: AbortSignal,
  ) {
    if (postgresUrl !== null) {
      log("Using the PostgreSQL server of PG_URL");
      mkdirSync(dataDir, { recursive: true });
      return { url: postgresUrl, failure: new Promise<Error>(() => undefined) };
    }
    log(`Starting PostgreSQL (PGlite) in ${path.join(dataDir, "postgres")}`);
    const postgres = await startLocalPostgres({ dataDir, fresh: isFresh, signal });
    this.#stops.push(() => postgres.stop());
    return postgres;
  }
}

/** Variables that both Workers read, and that only the API is told. */
function pickShared({ variables }: StartOptions): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => name === "LOG_LEVEL" || name === "CURSOR_SECRET"),
  );
}

async function prepareDatabase(postgresUrl: string, options: StartOptions, log: (line: string) => void): Promise<void> {
  try {
    await migrate({ postgresUrl, log });
    await seed({ postgresUrl, log });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isExternal = options.postgresUrl !== null;
    const advice = isExternal ? "Check PG_URL and its server." : "Start with an empty database: npm start -- --fresh";
    throw new StartError(`The database cannot be prepared: ${reason}. ${advice}`);
  }
}
