import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { migrate } from "../db/migrate.ts";
import { seed } from "../db/seed.ts";
import { checkConfiguration, checkPort, waitUntilReady } from "./checks.ts";
import { writeEnvFile } from "./env-file.ts";
import { startGateway } from "./gateway/index.ts";
import type { StartOptions } from "./options.ts";
import { StartError } from "./options.ts";
import { startLocalPostgres } from "./postgres/index.ts";
import { startWrangler } from "./wrangler-dev.ts";

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
  /** Settles when a part ends without being asked to. */
  readonly failure: Promise<Error>;
}

/** One part gets this long to stop before the next one is stopped as well. */
const STOP_TIMEOUT_MS = 6_000;

/** The parts of the local stack, started in order and stopped in reverse. */
export class Stack {
  #stops: (() => Promise<void>)[] = [];
  #kills: (() => void)[] = [];

  /** @throws StartError, or the error of the part that does not start */
  async start({ options, root, log, signal }: StackOptions): Promise<RunningStack> {
    checkConfiguration(options.variables);
    await checkPort(options.port);
    const database = await this.#startDatabase(options, log, signal);
    signal.throwIfAborted();
    await prepareDatabase(database.url, options, log);
    signal.throwIfAborted();
    const gateway = await startGateway({ postgresUrl: database.url, port: 0 });
    this.#stops.push(() => gateway.close());
    const wrangler = this.#startWorker({ options, root, log, gateway });
    const failure = Promise.race([database.failure, wrangler.failure]);
    const origin = `http://127.0.0.1:${options.port}`;
    await Promise.race([waitUntilReady(origin, signal), failure.then((error) => Promise.reject(error))]);
    return { origin, databaseUrl: database.url, failure };
  }

  /** Stops every part that was started; never throws. */
  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) {
      await Promise.race([stop().catch(() => undefined), sleep(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    }
  }

  /** Ends the child processes at once, for a user who does not want to wait. */
  kill(): void {
    for (const kill of this.#kills) kill();
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

  #startWorker({
    options,
    root,
    log,
    gateway,
  }: Omit<StackOptions, "signal"> & { gateway: { url: string; connectionString: string } }) {
    // Named by port, so that two stacks on one PG_URL and one folder do not share it.
    const envFile = path.join(options.dataDir, `dev-${options.port}.env`);
    writeEnvFile(envFile, {
      ...options.variables,
      ENVIRONMENT: "development",
      DATABASE_URL: gateway.connectionString,
      DATABASE_FETCH_ENDPOINT: gateway.url,
    });
    this.#stops.push(() => rm(envFile, { force: true }));
    log("Starting the Worker (wrangler dev)");
    const stateDir = path.join(options.dataDir, "wrangler");
    const wrangler = startWrangler({ root, port: options.port, envFile, stateDir, onLine: log });
    this.#stops.push(() => wrangler.stop());
    this.#kills.push(() => wrangler.kill());
    return wrangler;
  }
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
