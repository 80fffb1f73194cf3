import { createWriteStream } from "node:fs";
import { join } from "node:path";

import { uuidv7 } from "uuidv7";

import { type Emulator, startEmulator } from "../../cloudflare-emulator/emulator.ts";
import { migrate } from "../../db/migrate.ts";
import { mintKey } from "../../keys/api-key.ts";
import { startPostgres } from "../../postgres/index.ts";
import { deployEvents } from "../events/index.ts";
import type { KnownUser } from "../load/book.ts";
import { SLOW_STATEMENT } from "../load/operations.ts";
import { addUsers } from "../scenarios/database-state.ts";
import { readDeployments, soleVersion } from "../scenarios/live-deployments.ts";
import { copyProject, type ProjectCopy } from "../scenarios/project-copy.ts";
import type { SubscriberOptions } from "../subscribers/index.ts";
import { deployTelemetry, type RehearsedTelemetry } from "../telemetry/index.ts";
import { deployControl, deployProject, waitUntilLive } from "./deploy.ts";
import { commandEnvironment } from "./environment.ts";
import { type GatewayThread, startGatewayThread } from "./gateway.ts";

/** The Worker of `--env production`. */
export const WORKER = "users-api-production";
/** What all users of the load are called at first. */
export const LOAD_PREFIX = "load";
/** Until a deployment takes effect, as in Cloudflare's network; long enough to be noticed by whoever does not wait for it. */
export const PROPAGATION_MS = 1_500;

/** The way to a database, so that a version's own time is most of what doubles when it is twice as slow. */
const DATABASE_MS = 15;
const SLOW_ANSWER_MS = 1_200;
const SEEDED_USERS = 400;
/** Each may ask 1,200 times a minute; twice as many keys as that takes. */
const REQUESTS_PER_KEY = 600 / 60;
/** While the capacity is measured, for some seconds, more is sent than ever after. */
const PEAK_FACTOR = 4;
/** One for each subscriber of the feed. */
const SUBSCRIBER_KEYS = 3;
/** The release command probes 8 times a second for each key and version. */
const RELEASE_KEYS = 6;

export interface StackOptions {
  readonly root: string;
  /** A temporary folder of its own. */
  readonly folder: string;
  /** Requests per second that are to come at most. */
  readonly maxRate: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface RehearsalStack {
  readonly emulator: Emulator;
  readonly copy: ProjectCopy;
  readonly databaseUrl: string;
  /** Where the deployed Worker answers. */
  readonly origin: string;
  /** Where a Worker that does nothing answers. */
  readonly controlOrigin: string;
  readonly parent: { readonly versionId: string; readonly commit: string };
  readonly loadKeys: readonly string[];
  readonly subscriberKeys: SubscriberOptions["apiKeys"];
  readonly users: readonly KnownUser[];
  readonly telemetry: RehearsedTelemetry;
  /** For wrangler and the release commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts what a release needs and deploys the parent version. `onStarted` gets a way to stop each part, in order. */
export async function startStack(
  options: StackOptions,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<RehearsalStack> {
  const { root, folder, log, signal } = options;
  log("starting PostgreSQL, the gateway and the emulator");
  const postgres = await startPostgres();
  onStarted(postgres.close);
  const databaseUrl = await postgres.createDatabase();
  const users = await prepareDatabase(databaseUrl, log);
  const gateway = await startGatewayThread({ postgresUrl: databaseUrl, faults: FAULTS });
  onStarted(gateway.close);
  const emulator = await startEmulator(emulatorOptions(folder));
  onStarted(emulator.close);
  signal.throwIfAborted();

  log("copying the project, deploying telemetry, events, and the parent version bound to both, with wrangler");
  const copy = await copyProject(root, join(folder, "project"));
  const keys = mintKeys(options.maxRate);
  const releaseKeys = keys.slice(0, RELEASE_KEYS).map(({ key }) => key);
  const env = commandEnvironment(emulator, databaseUrl, releaseKeys);
  const deployment = { env, signal, secretsFile: join(folder, "secrets.json") };
  const [telemetry] = await Promise.all([
    deployTelemetry(copy, emulator, { ...deployment, folder }),
    deployEvents(copy, databaseOf(gateway), { ...deployment, folder }),
  ]);
  const commit = await copy.commit("feat: what is live before the rehearsal");
  await deployProject(copy.folder, secretsOf(gateway, keys), deployment);
  const control = await deployControl(join(folder, "control"), deployment);
  const origin = originOf(emulator, WORKER);
  const controlOrigin = originOf(emulator, control);
  const versionId = soleVersion((await readDeployments(emulator, WORKER)).at(-1));
  if (versionId === null) throw new Error("the parent version is not live after its deployment");
  await waitUntilLive(
    new URL("/health/ready", origin),
    ({ headers }) => headers.get("X-Version-Id") === versionId,
    signal,
  );
  await waitUntilLive(new URL(controlOrigin), () => true, signal);
  return {
    emulator,
    copy,
    databaseUrl,
    origin,
    controlOrigin,
    parent: { versionId, commit },
    loadKeys: keys.slice(RELEASE_KEYS, -SUBSCRIBER_KEYS).map(({ key }) => key),
    subscriberKeys: subscriberKeysOf(keys.slice(-SUBSCRIBER_KEYS).map(({ key }) => key)),
    users,
    telemetry,
    env: { ...env, RELEASE_URL: origin, TELEMETRY_URL: telemetry.origin, METRICS_TOKEN: telemetry.token },
  };
}

const FAULTS = [
  { kind: "slow", when: "before", delayMs: DATABASE_MS },
  { kind: "slow", when: "after", delayMs: SLOW_ANSWER_MS, match: SLOW_STATEMENT },
] as const;

async function prepareDatabase(databaseUrl: string, log: (line: string) => void): Promise<readonly KnownUser[]> {
  await migrate({ postgresUrl: databaseUrl, log });
  const users = Array.from({ length: SEEDED_USERS }, (_, index): KnownUser => {
    const username = `${LOAD_PREFIX}seed${index}`;
    return { id: uuidv7(), username, email: `${username}@example.com`, fullName: "Load Seed", version: 1 };
  });
  await addUsers(
    databaseUrl,
    users.map(({ fullName, ...user }) => ({ ...user, full_name: fullName })),
  );
  return users;
}

/** Versions log every request, so that goes to a file of its own. Nothing is kept warm: every removal has to wait. */
function emulatorOptions(folder: string): Parameters<typeof startEmulator>[0] {
  const logFile = createWriteStream(join(folder, "emulator.log"));
  // What is written while the folder is removed has nowhere to go.
  logFile.on("error", () => undefined);
  return {
    stateDir: join(folder, "emulator"),
    log: (line) => void logFile.write(`${line}\n`),
    warmVersions: 0,
    propagationMs: PROPAGATION_MS,
  };
}

function mintKeys(rate: number) {
  const count = RELEASE_KEYS + SUBSCRIBER_KEYS + Math.ceil((PEAK_FACTOR * rate) / REQUESTS_PER_KEY);
  return Array.from({ length: count }, (_, index) =>
    mintKey({ id: `rehearsal-${index}`, scopes: ["users:read", "users:write"] }),
  );
}

function secretsOf(gateway: GatewayThread, keys: ReturnType<typeof mintKeys>): Record<string, string> {
  return { ...databaseOf(gateway), API_KEYS: JSON.stringify(keys.map(({ entry }) => entry)) };
}

function databaseOf({ connectionString, url }: GatewayThread): Record<string, string> {
  return { DATABASE_URL: connectionString, DATABASE_FETCH_ENDPOINT: url };
}

function subscriberKeysOf([sse = "", pages = "", websocket = ""]: readonly string[]): SubscriberOptions["apiKeys"] {
  return { sse, pages, websocket };
}

function originOf(emulator: Emulator, worker: string): string {
  const origin = emulator.originOf(worker);
  if (origin === null) throw new Error(`${worker} has no address after its deployment`);
  return origin;
}
