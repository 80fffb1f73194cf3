import { rmSync } from "node:fs";
import path from "node:path";

import type { Call } from "./control-plane/admin/call-log.ts";
import type { EmulatorFaults } from "./control-plane/admin/emulator-faults.ts";
import { startControlPlane, STATE_FOLDERS } from "./control-plane/index.ts";
import { type RunningDataPlane, startDataPlane } from "./data-plane/index.ts";
import { KV_FOLDER, openKvNamespaces } from "./kv/kv-namespaces.ts";
import type { Script } from "./model.ts";
import { type Broker, createBroker } from "./queues/broker.ts";
import { openQueues, QUEUES_FOLDER } from "./queues/queues.ts";
import { openStateFolder } from "./state-folder.ts";

export type { Call } from "./control-plane/admin/call-log.ts";

/** These identify nothing outside this machine, so they need not be secret; fixed ones survive a restart. */
const ACCOUNT_ID = "4e8a7ca1000000000000000000000000";
const API_TOKEN = "emulator-token";
const DATA_PLANE_FOLDER = "data-plane";
const SUBDOMAIN = "emulator";

export interface EmulatorOptions {
  /** Keeps scripts, versions and deployments between runs; made when missing. */
  readonly stateDir: string;
  /** Throws away what an earlier run left. */
  readonly isFresh?: boolean;
  /** Of the API; any free one when absent or 0. */
  readonly port?: number;
  /** Of the proxy that routes by Host; any free one when absent or 0. */
  readonly proxyPort?: number;
  /** 32 hex digits. */
  readonly accountId?: string;
  readonly apiToken?: string;
  /** Of `workers.dev`. */
  readonly subdomain?: string;
  /** Gets every call of the API as a line of JSON. */
  readonly callLogFile?: string;
  /** Delay until a deployment takes effect; 0 when absent. */
  readonly propagationMs?: number;
  /** Versions that keep running after they left the live deployment. */
  readonly warmVersions?: number;
  readonly drainTimeoutMs?: number;
  readonly log?: (line: string) => void;
  /** Called with a script and the URL of its port after its live deployment changed, also when it is restored. */
  readonly onDeployment?: (script: Script, origin: string | null) => void;
  readonly now?: () => Date;
  /** Gives 0 to 1. */
  readonly random?: () => number;
}

/** Cloudflare, as far as releases need it, on this machine. */
export interface Emulator {
  /** For `CLOUDFLARE_API_BASE_URL`. */
  readonly apiUrl: string;
  /** Leads to every Worker by Host. */
  readonly proxyUrl: string;
  readonly accountId: string;
  readonly apiToken: string;
  /** Of `workers.dev`. */
  readonly subdomain: string;
  /** URL of one Worker's own port; null before it was deployed. */
  originOf(scriptName: string): string | null;
  readonly faults: EmulatorFaults;
  /** Calls of the API, oldest first. */
  calls(): readonly Call[];
  readonly dataPlane: RunningDataPlane;
  /** Stops everything and releases the folder. */
  close(): Promise<void>;
}

/**
 * Starts both planes and serves what an earlier run left.
 * @throws EmulatorError when another one uses the folder, or it cannot be written; Error with code EADDRINUSE when a port is taken
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { stateDir, log = () => undefined } = options;
  const unlock = openStateFolder(stateDir);
  try {
    if (options.isFresh === true) clearState(stateDir);
    return await startPlanes(options, log, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startPlanes(
  options: EmulatorOptions,
  log: (line: string) => void,
  unlock: () => void,
): Promise<Emulator> {
  const { accountId = ACCOUNT_ID, apiToken = API_TOKEN, subdomain = SUBDOMAIN } = options;
  const kv = openKvNamespaces(path.join(options.stateDir, KV_FOLDER), Date.now);
  const queues = openQueues(path.join(options.stateDir, QUEUES_FOLDER));
  const broker: Broker = createBroker({
    queues,
    deliver: (delivery) => dataPlane.deliver(delivery),
    log,
    now: () => new Date(),
  });
  const dataPlane = await startDataPlane({ ...dataPlaneOptions(options), kv, broker, subdomain, log });
  dataPlane.setFaults({ propagationMs: options.propagationMs ?? 0 });
  try {
    const plane = { accountId, apiToken, subdomain, dataPlane, kv, queues, log };
    const settings = { ...controlPlaneOptions(options, dataPlane), ...plane };
    const { apiUrl, faults, calls, close } = await startControlPlane(settings);
    return {
      apiUrl,
      proxyUrl: dataPlane.proxyUrl,
      accountId,
      apiToken,
      subdomain,
      originOf: (scriptName) => dataPlane.originOf(scriptName),
      faults,
      calls: () => calls.list(),
      dataPlane,
      async close() {
        await close();
        broker.close();
        await dataPlane.close();
        unlock();
      },
    };
  } catch (error) {
    await dataPlane.close();
    throw error;
  }
}

function controlPlaneOptions(options: EmulatorOptions, dataPlane: RunningDataPlane) {
  const { port, stateDir, callLogFile, onDeployment, now, random } = options;
  return {
    port: port ?? 0,
    stateDir,
    callLogFile: callLogFile ?? null,
    onDeployment: (script: Script) => onDeployment?.(script, dataPlane.originOf(script.name)),
    now: now ?? (() => new Date()),
    random: random ?? Math.random,
  };
}

function dataPlaneOptions({ stateDir, proxyPort, warmVersions, drainTimeoutMs, random }: EmulatorOptions) {
  return {
    port: proxyPort ?? 0,
    stateDir: path.join(stateDir, DATA_PLANE_FOLDER),
    ...(warmVersions === undefined ? {} : { warmVersions }),
    ...(drainTimeoutMs === undefined ? {} : { drainTimeoutMs }),
    ...(random === undefined ? {} : { random }),
  };
}

/** Only what is ours: the folder may hold a database as well, and somebody may have chosen the wrong one. */
function clearState(stateDir: string): void {
  for (const name of [...STATE_FOLDERS, DATA_PLANE_FOLDER, KV_FOLDER, QUEUES_FOLDER])
    rmSync(path.join(stateDir, name), { recursive: true, force: true });
}
