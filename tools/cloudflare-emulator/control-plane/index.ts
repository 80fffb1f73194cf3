import { randomUUID } from "node:crypto";

import type { KvNamespaces } from "../kv/kv-namespaces.ts";
import type { DataPlane } from "../model.ts";
import type { Queues } from "../queues/queues.ts";
import { createCallLog, type CallLog } from "./admin/call-log.ts";
import { createEmulatorFaults, type EmulatorFaults, type FaultyDataPlane } from "./admin/emulator-faults.ts";
import { viewState } from "./admin/state-view.ts";
import { ASSETS_FOLDER, createAssetStore } from "./assets/asset-store.ts";
import { type Context, createQueues } from "./context.ts";
import { startCronTicker } from "./cron-ticker.ts";
import { createDispatch } from "./http/dispatch.ts";
import { API_BASE, startServer } from "./http/server.ts";
import { ROUTES } from "./routes/index.ts";
import { withRouteHosts } from "./rules/route-hosts.ts";
import type { ScriptRecord } from "./state/records.ts";
import { openStore, SCRIPTS_FOLDER } from "./state/store.ts";
import { createTails } from "./tails/tails.ts";

/** What it keeps in its state folder. */
export const STATE_FOLDERS: readonly string[] = [SCRIPTS_FOLDER, ASSETS_FOLDER];

/** What the control plane needs of a data plane beyond running versions. */
export interface ControlledDataPlane extends DataPlane, FaultyDataPlane {
  runCron(scriptName: string, cron: string): Promise<string>;
  evictObjects(scriptName: string): Promise<void>;
  onTrace(scriptName: string, listener: (event: object) => void): () => void;
}

export interface ControlPlaneOptions {
  /** Any free one when 0. */
  readonly port: number;
  readonly stateDir: string;
  readonly accountId: string;
  readonly apiToken: string;
  readonly subdomain: string;
  readonly dataPlane: ControlledDataPlane;
  readonly kv: KvNamespaces;
  readonly queues: Queues;
  /** Gets every call as a line of JSON; null for none. */
  readonly callLogFile: string | null;
  readonly log: (line: string) => void;
  /** Called with a script after its live deployment changed. */
  readonly onDeployment: (script: ScriptRecord) => void;
  readonly now: () => Date;
  /** Gives 0 to 1. */
  readonly random: () => number;
}

export interface RunningControlPlane {
  /** For `CLOUDFLARE_API_BASE_URL`. */
  readonly apiUrl: string;
  readonly calls: CallLog;
  readonly faults: EmulatorFaults;
  close(): Promise<void>;
}

/**
 * Opens the state, makes the data plane serve it and starts the API.
 * @throws Error when the state cannot be read or the port is taken
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<RunningControlPlane> {
  const { dataPlane, log, now } = options;
  const context = createContext(options);
  await restore(context, log);
  const calls = createCallLog({ file: options.callLogFile, log });
  const faults = createEmulatorFaults(dataPlane, options.random);
  const runCron = (script: string, cron: string): Promise<string> => dataPlane.runCron(script, cron);
  const server = await startServer({
    port: options.port,
    dispatch: createDispatch({ routes: ROUTES, context, apiToken: options.apiToken, log }),
    faults,
    calls,
    tails: context.tails,
    admin: {
      calls,
      faults,
      runCron,
      evictObjects: (script) => dataPlane.evictObjects(script),
      state: () => viewState(context.store),
    },
  });
  const stopTicker = startCronTicker({ scripts: () => context.store.list(), runCron, now, log });
  return {
    apiUrl: `${server.origin}${API_BASE}`,
    calls,
    faults,
    async close() {
      stopTicker();
      await server.close();
      await calls.flush();
    },
  };
}

/** Opens the state and puts together what the routes work with. */
export function createContext(options: ControlPlaneOptions): Context {
  const { stateDir, accountId, subdomain, dataPlane, kv, queues, onDeployment, now, random } = options;
  const newId = (): string => randomUUID();
  return {
    accountId,
    subdomain,
    dataPlane,
    kv,
    queues,
    onDeployment,
    now,
    newId,
    store: openStore(stateDir),
    assets: createAssetStore({ stateDir, now, newId }),
    tails: createTails({ subscribe: (script, listener) => dataPlane.onTrace(script, listener), now, newId, random }),
    exclusively: createQueues(),
  };
}

/** One script that does not start any more must not keep the others down. */
async function restore({ store, dataPlane, onDeployment }: Context, log: (line: string) => void): Promise<void> {
  for (const script of store.list().filter(({ deployments }) => deployments.length > 0)) {
    try {
      await dataPlane.publish(withRouteHosts(script));
      onDeployment(script);
    } catch (error) {
      log(`${script.name} cannot be served: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
