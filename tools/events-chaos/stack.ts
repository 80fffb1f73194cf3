import { randomBytes } from "node:crypto";

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";

import type { CommandContext } from "../command/run-command.ts";
import { migrate } from "../db/migrate.ts";
import { type Gateway, startGateway } from "../dev/gateway/index.ts";
import { buildCompanion } from "../dev/worker/build-companion.ts";
import { EVENTS_DISPATCHER, EVENTS_NAME, eventsWorker } from "../events/events-worker.ts";
import { type PostgresServer, startEmbeddedPostgres } from "../postgres/index.ts";
import { endWithUs } from "../process/end-with-us.ts";
import { ROOT } from "../process/run-script.ts";
import { CONSUMER_SOURCE, type ConsumerFault } from "./consumer-faults.ts";

/** The parts that a run works with. */
export interface EventsStack {
  /** Durable: what it has acknowledged outlives its crash. */
  readonly postgres: PostgresServer;
  /** A direct connection. */
  readonly databaseUrl: string;
  readonly gateway: Gateway;
  readonly worker: ChaoticWorker;
  /** What the Worker wrote, message by message. */
  readonly log: readonly string[];
}

/** The events Worker in the real runtime. */
export interface ChaoticWorker {
  /** As the API does after a change; never fails. */
  nudge(): Promise<void>;
  /** Runs the cron trigger; never fails. */
  runCron(): Promise<void>;
  /** The next batch of the queue fails so. */
  fail(fault: ConsumerFault): Promise<void>;
  /** Ends the runtime, with all that its queues hold, and starts another one. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything a hundred times as fast as in production, so that a run has time for all of it; a delivery is never given up. */
const VARIABLES = {
  ENVIRONMENT: "development",
  LOG_LEVEL: "error",
  WEBHOOKS_ALLOW_LOOPBACK: "true",
  WEBHOOKS_TIMEOUT_MS: "2000",
  WEBHOOKS_RETRY_BASE_MS: "100",
  WEBHOOKS_RETRY_MAX_MS: "2000",
  WEBHOOKS_MAX_ATTEMPTS: "100",
  WEBHOOKS_QUEUE_LEASE_MS: "15000",
} as const;

/** Miniflare works on one batch at a time, where Cloudflare has many consumers. */
const BATCH_SIZE = 50;

export async function startEventsStack({ cleanup, progress, signal }: CommandContext): Promise<EventsStack> {
  endWithUs();
  progress.line("building the Worker; starting PostgreSQL and the gateway");
  const [module, postgres] = await Promise.all([
    buildCompanion(ROOT, "events"),
    startEmbeddedPostgres({ isDurable: true }),
  ]);
  cleanup.add(() => postgres.close());
  signal.throwIfAborted();
  const databaseUrl = await postgres.createDatabase();
  await migrate({ postgresUrl: databaseUrl, log: () => undefined });
  const gateway = await startGateway({ postgresUrl: databaseUrl });
  cleanup.add(() => gateway.close());
  signal.throwIfAborted();
  const vars = { ...VARIABLES, DATABASE_URL: gateway.connectionString, DATABASE_FETCH_ENDPOINT: gateway.url };
  const log: string[] = [];
  const worker = await startWorker(module, vars, (message) => void log.push(message));
  cleanup.add(() => worker.stop());
  return { postgres, databaseUrl, gateway, worker, log };
}

async function startWorker(
  module: string,
  vars: Readonly<Record<string, string>>,
  onLog: (message: string) => void,
): Promise<ChaoticWorker> {
  const events = eventsWorker({ module, vars, batchSize: BATCH_SIZE });
  const toOptions = () =>
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      cf: false,
      log: new Log(LogLevel.NONE),
      logRequests: false,
      telemetry: { enabled: false },
      handleStructuredLogs: ({ message }) => onLog(message),
      workers: [
        {
          ...events,
          modules: [
            { type: "ESModule", path: "/chaos.mjs", contents: CONSUMER_SOURCE },
            { type: "ESModule", path: "/events.mjs", contents: module },
          ],
          serviceBindings: { SELF: EVENTS_DISPATCHER },
          // Another text makes another runtime: the same options would be taken for no change.
          bindings: { ...vars, RUN: randomBytes(8).toString("hex") },
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
      ],
    });
  const miniflare = new Miniflare(toOptions());
  await miniflare.ready;
  const call = async (path: string, body = ""): Promise<void> => {
    const url = new URL(path, await miniflare.unsafeGetDirectURL(EVENTS_NAME));
    await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });
  };
  const attempt = (work: () => Promise<unknown>) => async (): Promise<void> =>
    void (await work().catch(() => undefined));
  return {
    nudge: attempt(() => call("/nudge")),
    runCron: attempt(async () => {
      const worker = await miniflare.getWorker(EVENTS_NAME);
      await worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    }),
    fail: (fault) => call("/fault", fault),
    restart: () => miniflare.setOptions(toOptions()),
    stop: () => miniflare.dispose(),
  };
}

const CALL_TIMEOUT_MS = 5_000;
