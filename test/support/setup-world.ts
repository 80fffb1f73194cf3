import type { DatabaseAdmin, DatabaseState } from "../../ops/database/admin.ts";
import { DESIRED_STATE, type DesiredState, type EnvironmentName, ENVIRONMENTS } from "../../ops/desired-state.ts";
import { createNeonApi } from "../../ops/neon/api.ts";
import { createNeonClient } from "../../ops/neon/client.ts";
import type { Stores } from "../../ops/secrets/stores.ts";
import { runSetup, type SetupOutcome } from "../../ops/setup/run.ts";
import { createSite } from "../../ops/setup/site.ts";
import { type NeonEmulator, type NeonEmulatorOptions, startNeonEmulator } from "../../tools/neon-emulator/emulator.ts";

export const CLOUDFLARE = { accountId: "a".repeat(32), apiToken: "canary-cloudflare-token" };

export interface RunOptions {
  readonly isDryRun?: boolean;
  readonly selected?: readonly EnvironmentName[];
  readonly desired?: DesiredState;
  readonly apiKey?: string;
  readonly signal?: AbortSignal;
  readonly confirm?: () => Promise<boolean>;
}

/** What a run said, and how it ended; `error` is what it threw. */
export interface RunResult {
  readonly outcome: SetupOutcome | null;
  readonly error: unknown;
  readonly output: string;
}

/** An account at Neon, with databases, Workers and a pipeline that are made up: everything that the set-up changes. */
export interface SetupWorld {
  readonly emulator: NeonEmulator;
  /** By the host of the branch. */
  readonly databases: Map<string, FakeDatabase>;
  /** What keeps the secrets of an environment, by their names. */
  readonly workers: Map<string, Map<string, string>>;
  readonly pipelines: Map<string, Map<string, string>>;
  /** Called before each change of a database or a store; may throw. */
  onChange: (what: string) => void;
  /** Waits that were asked for, in milliseconds. */
  readonly waits: number[];
  run(options?: RunOptions): Promise<RunResult>;
}

interface FakeDatabase {
  isMigrated: boolean;
  hasRole: boolean;
  password: string | null;
  isHandedOver: boolean;
}

export async function createSetupWorld(options: NeonEmulatorOptions = {}): Promise<SetupWorld> {
  const emulator = await startNeonEmulator(options);
  const world: SetupWorld = {
    emulator,
    databases: new Map(),
    workers: new Map(),
    pipelines: new Map(),
    onChange: () => {},
    waits: [],
    run: (runOptions = {}) => run(world, runOptions),
  };
  return world;
}

async function run(world: SetupWorld, options: RunOptions): Promise<RunResult> {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(text);
  const { emulator } = world;
  const { desired = DESIRED_STATE, signal = new AbortController().signal } = options;
  const sleep = (ms: number): Promise<void> => {
    world.waits.push(ms);
    signal.throwIfAborted();
    return Promise.resolve();
  };
  const apiKey = options.apiKey ?? emulator.apiKey;
  const client = createNeonClient({ apiUrl: emulator.apiUrl, apiKey, sleep, signal, random: () => 1, note: print });
  const neon = createNeonApi({ client, sleep }, null);
  try {
    const outcome = await runSetup({
      desired,
      neon,
      site: createSite(neon, desired),
      databases: fakeDatabases(world),
      stores: fakeStores(world),
      cloudflare: CLOUDFLARE,
      workerVariables: {},
      selected: options.selected ?? ENVIRONMENTS,
      isDryRun: options.isDryRun ?? false,
      confirm: options.confirm ?? (() => Promise.resolve(true)),
      print,
      hasColor: false,
      signal,
    });
    return { outcome, error: null, output: lines.join("\n") };
  } catch (error) {
    return { outcome: null, error, output: `${lines.join("\n")}\n${String(error)}` };
  }
}

function fakeDatabases(world: SetupWorld): DatabaseAdmin {
  const find = (url: string): FakeDatabase => {
    const { host } = new URL(url);
    const known = world.databases.get(host) ?? {
      isMigrated: false,
      hasRole: false,
      password: null,
      isHandedOver: false,
    };
    world.databases.set(host, known);
    return known;
  };
  const change = async (what: string, url: string, act: (database: FakeDatabase) => void): Promise<void> => {
    world.onChange(what);
    act(find(url));
  };
  return {
    inspect: async (url) => stateOf(find(url)),
    migrate: (url) => change("migrate", url, (database) => (database.isMigrated = true)),
    grantRights: (url) => change("grant", url, (database) => (database.hasRole = true)),
    setPassword: (url, password) =>
      change("password", url, (database) => Object.assign(database, { password, isHandedOver: false })),
    noteHandOver: (url) => change("note", url, (database) => (database.isHandedOver = true)),
  };
}

function stateOf({ isMigrated, hasRole, password, isHandedOver }: FakeDatabase): DatabaseState {
  const role = { exists: hasRole, hasLogin: password !== null, isHandedOver, deviations: [], excess: [] };
  return { pending: isMigrated ? [] : ["0000_all"], hasTables: isMigrated, role };
}

function fakeStores(world: SetupWorld): Stores {
  const { workers, pipelines } = world;
  const add = (kept: Map<string, Map<string, string>>, env: string, values: Readonly<Record<string, string>>): void => {
    kept.set(env, new Map([...(kept.get(env) ?? []), ...Object.entries(values)]));
  };
  return {
    worker: {
      place: "Cloudflare",
      look: async (env) => ({ isDeployed: workers.has(env), names: [...(workers.get(env)?.keys() ?? [])] }),
      async keep(env, secrets) {
        world.onChange("worker");
        add(workers, env, secrets);
      },
      address: (env) => Promise.resolve(`https://users-api-${env}.example.workers.dev`),
    },
    pipeline: {
      place: "GitHub",
      look: async (env) => ({
        secrets: [...(pipelines.get(env)?.keys() ?? [])],
        variables: [...(pipelines.get(env)?.keys() ?? [])],
      }),
      async keep(env, { secrets, variables }) {
        world.onChange("pipeline");
        add(pipelines, env, { ...secrets, ...variables });
      },
    },
  };
}
