import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { uuidv7 } from "uuidv7";

import { type Emulator, startEmulator } from "../cloudflare-emulator/emulator.ts";
import { migrate } from "../db/migrate.ts";
import { startGateway } from "../dev/gateway/index.ts";
import { mintKey } from "../keys/api-key.ts";
import { startPostgres } from "../postgres/index.ts";
import { binPath } from "../verify/run-bin.ts";
import type { KnownUser } from "./load/book.ts";
import { SLOW_STATEMENT } from "./load/operations.ts";
import { runCommand } from "./scenarios/command.ts";
import { addUsers } from "./scenarios/database-state.ts";
import { readDeployments, soleVersion } from "./scenarios/live-deployments.ts";
import { copyProject, type ProjectCopy } from "./scenarios/project-copy.ts";

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
/** The release command probes 8 times a second for each key and version. */
const RELEASE_KEYS = 4;
const LIVE_TIMEOUT_MS = 30_000;

export interface StackOptions {
  readonly root: string;
  /** A temporary folder of its own. */
  readonly folder: string;
  /** Requests per second that are to come. */
  readonly rate: number;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface RehearsalStack {
  readonly emulator: Emulator;
  readonly copy: ProjectCopy;
  readonly databaseUrl: string;
  /** Where the deployed Worker answers. */
  readonly origin: string;
  readonly parent: { readonly versionId: string; readonly commit: string };
  readonly loadKeys: readonly string[];
  readonly users: readonly KnownUser[];
  /** For wrangler and the release commands. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Starts what a release needs and deploys the parent version. `onStarted` gets a way to stop each part, in order. */
export async function startStack(
  options: StackOptions,
  onStarted: (stop: () => Promise<void>) => void,
): Promise<RehearsalStack> {
  const { root, folder, rate, log, signal } = options;
  log("starting PostgreSQL, the gateway and the emulator");
  const postgres = await startPostgres();
  onStarted(postgres.close);
  const databaseUrl = await postgres.createDatabase();
  await migrate({ postgresUrl: databaseUrl, log });
  const users = seededUsers();
  await addUsers(
    databaseUrl,
    users.map(({ fullName, ...user }) => ({ ...user, full_name: fullName })),
  );
  const gateway = await startGateway({ postgresUrl: databaseUrl });
  onStarted(gateway.close);
  gateway.inject({ kind: "slow", when: "before", delayMs: DATABASE_MS });
  gateway.inject({ kind: "slow", when: "after", delayMs: SLOW_ANSWER_MS, match: SLOW_STATEMENT });
  const emulator = await startEmulator(emulatorOptions(folder));
  onStarted(emulator.close);
  signal.throwIfAborted();

  log("copying the project and deploying the parent version with wrangler");
  const copy = await copyProject(root, join(folder, "project"));
  const commit = await copy.commit("feat: what is live before the rehearsal");
  const keys = Array.from({ length: RELEASE_KEYS + Math.ceil(rate / REQUESTS_PER_KEY) }, (_, index) =>
    mintKey({ id: `rehearsal-${index}`, scopes: ["users:read", "users:write"] }),
  );
  const env = commandEnvironment(
    emulator,
    databaseUrl,
    keys.slice(0, RELEASE_KEYS).map(({ key }) => key),
  );
  const secrets = {
    DATABASE_URL: gateway.connectionString,
    DATABASE_FETCH_ENDPOINT: gateway.url,
    API_KEYS: JSON.stringify(keys.map(({ entry }) => entry)),
  };
  await deployParent({ copy, secrets, env, ...options });
  const origin = emulator.originOf(WORKER);
  const versionId = soleVersion((await readDeployments(emulator, WORKER)).at(-1));
  if (origin === null || versionId === null) throw new Error("the parent version is not live after its deployment");
  await waitUntilLive(origin, versionId, signal);
  const withOrigin = { ...env, RELEASE_URL: origin };
  const loadKeys = keys.slice(RELEASE_KEYS).map(({ key }) => key);
  return { emulator, copy, databaseUrl, origin, parent: { versionId, commit }, loadKeys, users, env: withOrigin };
}

/** Versions log every request, so that goes to a file of its own. Nothing is kept warm: every removal has to wait. */
function emulatorOptions(folder: string): Parameters<typeof startEmulator>[0] {
  const logFile = join(folder, "emulator.log");
  return {
    stateDir: join(folder, "emulator"),
    log: (line) => appendFileSync(logFile, `${line}\n`),
    warmVersions: 0,
    propagationMs: PROPAGATION_MS,
  };
}

function seededUsers(): KnownUser[] {
  return Array.from({ length: SEEDED_USERS }, (_, index) => {
    const username = `${LOAD_PREFIX}seed${index}`;
    return { id: uuidv7(), username, email: `${username}@example.com`, fullName: "Load Seed", version: 1 };
  });
}

/** Ours, without what might lead a command elsewhere. */
function commandEnvironment(
  { apiUrl, apiToken, accountId }: Emulator,
  databaseUrl: string,
  apiKeys: readonly string[],
): Record<string, string | undefined> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(CLOUDFLARE_|CF_|WRANGLER_|RELEASE_|MIGRATION_|NODE_OPTIONS$|FORCE_COLOR$)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    CI: "1",
    NO_COLOR: "1",
    CLOUDFLARE_API_BASE_URL: apiUrl,
    CLOUDFLARE_API_TOKEN: apiToken,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_HIDE_BANNER: "true",
    WRANGLER_WRITE_LOGS: "false",
    RELEASE_TARGET: "rehearsal",
    RELEASE_API_KEYS: apiKeys.join(","),
    MIGRATION_DATABASE_URL: databaseUrl,
  };
}

interface ParentDeployment extends Pick<StackOptions, "folder" | "signal"> {
  readonly copy: ProjectCopy;
  readonly secrets: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** As an operator would type it on the first day. */
async function deployParent({ folder, copy, secrets, env, signal }: ParentDeployment): Promise<void> {
  const secretsFile = join(folder, "secrets.json");
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  const output: string[] = [];
  const exitCode = await runCommand({
    script: binPath("wrangler"),
    args: ["deploy", "--env", "production", "--secrets-file", secretsFile],
    cwd: copy.folder,
    env,
    onLine: (line) => output.push(line),
    signal,
  });
  if (exitCode !== 0) throw new Error(`wrangler deploy ended with ${exitCode}:\n${output.join("\n")}`);
}

/** The first deployment, too, takes a while to take effect. */
async function waitUntilLive(origin: string, versionId: string, signal: AbortSignal): Promise<void> {
  for (const deadline = Date.now() + LIVE_TIMEOUT_MS; Date.now() < deadline; await sleep(200, undefined, { signal })) {
    const response = await fetch(new URL("/health/ready", origin), { signal });
    await response.body?.cancel();
    if (response.status === 200 && response.headers.get("X-Version-Id") === versionId) return;
  }
  throw new Error(`the parent version does not answer at ${origin}`);
}
