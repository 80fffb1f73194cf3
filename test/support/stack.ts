import pg from "pg";

import { migrate } from "../../tools/db/migrate.ts";
import { startGateway, type Gateway } from "../../tools/dev/gateway/index.ts";
import { type Companions, serveWorker } from "../../tools/dev/worker/serve.ts";
import type { CollectedSpan } from "../../tools/dev/worker/spans.ts";
import { startEmbeddedPostgres, startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { checkLogEvents } from "./log-schema.ts";
import { responseContract } from "./response-contract.ts";
import { buildApi } from "./worker-build.ts";

/** The whole service: the Worker in workerd, Neon's driver and protocol, and a real PostgreSQL. */
export interface Stack {
  /** Where the Worker listens. */
  readonly url: URL;
  /** Where a companion listens. */
  urlOf(companion: string): Promise<URL>;
  readonly gateway: Gateway;
  readonly postgres: PostgresServer;
  /** The database of this stack, past the Worker and the gateway. */
  readonly databaseUrl: string;
  /** A connection to it. */
  readonly sql: pg.Client;
  /** Sends a request to the Worker; `path` starts with a slash. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Sends a body as JSON, by POST unless told otherwise. */
  sendJson(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** Spans that have ended so far, where they are collected. */
  spans(): Promise<readonly CollectedSpan[]>;
  /** Runs the API's cron trigger, or another one of a companion; gives its outcome. */
  runCron(cron?: string, companion?: string): Promise<string>;
  /** Takes the memory of a companion's Durable Object away; its WebSockets stay. */
  hibernate(companion: string, className: string, name: string): Promise<void>;
  /** Log events that the Worker wrote so far. Throws, as `stop` does, when one is not as documented. */
  events(): Record<string, unknown>[];
  /** All that the Worker and its runtime wrote so far, message by message, events among them. */
  readonly output: readonly string[];
  stop(): Promise<void>;
}

export interface StackOptions {
  /** Variables of the Worker's configuration beyond the database. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Environment of `wrangler.toml`; local development when absent. */
  readonly env?: string;
  /** For tests that stop the database: never the server behind `PG_URL`, which is not ours to stop. */
  readonly ownsPostgres?: boolean;
  /** What the Worker presents to the gateway; the password of the database when absent. */
  readonly databasePassword?: string;
  /** Workers beside the API, such as telemetry; those that use the database are made once its variables are known. */
  readonly companions?: Companions | ((database: Readonly<Record<string, string>>) => Companions);
  /** Where what the Workers store is kept; nowhere when absent. */
  readonly persistDir?: string;
  /** Whether the runtime traces the Worker. */
  readonly collectsSpans?: boolean;
}

/** Starts one stack for a test file; call `stop` when the file is done. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { vars = {}, env, ownsPostgres = false, databasePassword, companions, persistDir } = options;
  const postgres = ownsPostgres ? await startEmbeddedPostgres() : await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  await migrate({ postgresUrl: databaseUrl, log: () => {} });
  const sql = await connect(databaseUrl);
  const gateway = await startGateway({
    postgresUrl: databaseUrl,
    ...(databasePassword === undefined ? {} : { credentials: { ...namesIn(databaseUrl), password: databasePassword } }),
  });
  const database = { DATABASE_URL: gateway.connectionString, DATABASE_FETCH_ENDPOINT: gateway.url };
  const logs: string[] = [];
  const readEvents = createEventReader(logs);
  const worker = await serveWorker({
    bundleDir: await buildApi(env),
    port: 0,
    vars: { ...vars, ...database },
    onLog: (message) => logs.push(message),
    collectsSpans: options.collectsSpans ?? false,
    ...(companions === undefined
      ? {}
      : { companions: typeof companions === "function" ? companions(database) : companions }),
    ...(persistDir === undefined ? {} : { persistDir }),
  });
  let crash: Error | null = null;
  void worker.failure.then((error) => (crash = error));
  const { url } = worker;
  const request = (path: string, init?: RequestInit) => requestChecked(new URL(path, url), init);
  return {
    url,
    urlOf: (companion) => worker.urlOf(companion),
    gateway,
    postgres,
    databaseUrl,
    sql,
    request,
    sendJson: (path, body, init) => request(path, { ...init, ...toJsonInit(body, init) }),
    spans: () => worker.spans(),
    runCron: (cron = "17 * * * *", companion) => worker.runCron(cron, companion),
    hibernate: (companion, className, name) => worker.hibernate(companion, className, name),
    events: readEvents,
    output: logs,
    async stop() {
      await worker.stop();
      await gateway.close();
      await sql.end();
      await postgres.close();
      // The runtime starts again by itself, so that a test might not notice.
      if (crash !== null) throw crash;
      readEvents();
    },
  };
}

function namesIn(databaseUrl: string): { readonly user: string; readonly database: string } {
  const { username, pathname } = new URL(databaseUrl);
  return { user: decodeURIComponent(username), database: decodeURIComponent(pathname.slice(1)) };
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  // A test that stops PostgreSQL ends this connection too; whoever uses it afterwards is told.
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Throws when the answer is not what docs/openapi.json says. */
async function requestChecked(url: URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, { redirect: "manual", ...init });
  await responseContract.check({ method: init?.method ?? "GET", url, response });
  return response;
}

function toJsonInit(body: unknown, { method = "POST", headers }: RequestInit = {}): RequestInit {
  const withType = new Headers(headers);
  if (!withType.has("Content-Type")) withType.set("Content-Type", "application/json");
  return { method, headers: withType, body: JSON.stringify(body) };
}

/** Gives all events of a log that grows; looks at each line once, and throws at the first that is against the schema. */
function createEventReader(log: readonly string[]): () => Record<string, unknown>[] {
  const events: Record<string, unknown>[] = [];
  let read = 0;
  return () => {
    const fresh = log.slice(read).flatMap(parseEvent);
    checkLogEvents(fresh);
    read = log.length;
    events.push(...fresh);
    return [...events];
  };
}

function parseEvent(line: string): Record<string, unknown>[] {
  try {
    const event: unknown = JSON.parse(line);
    return typeof event === "object" && event !== null ? [Object.fromEntries(Object.entries(event))] : [];
  } catch {
    return [];
  }
}
