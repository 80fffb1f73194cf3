import { randomBytes } from "node:crypto";

import type { BranchDatabases, Context } from "./context.ts";
import { createNeonFaults, type NeonFaults } from "./http/faults.ts";
import { type Call, startServer } from "./http/server.ts";
import { branchRoutes } from "./routes/branches.ts";
import { contentRoutes } from "./routes/contents.ts";
import { projectRoutes } from "./routes/projects.ts";
import type { OperationRecord, ProjectRecord } from "./state/records.ts";

export type { Call } from "./http/server.ts";

/** It identifies nothing outside this machine, so it need not be secret. */
const API_KEY = "emulated-neon-key";

export interface NeonEmulatorOptions {
  /** Any free one when absent. */
  readonly port?: number;
  readonly apiKey?: string;
  /** Real databases behind the branches; without them connection strings lead nowhere. */
  readonly databases?: BranchDatabases;
  /** Looks that an operation takes to finish; 1 when absent. */
  readonly pollsPerOperation?: number;
  readonly now?: () => Date;
}

/** Neon's API, as far as set-up and previews need it, on this machine. */
export interface NeonEmulator {
  /** For `NEON_API_URL`. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly faults: NeonFaults;
  /** What exists; tests may change it, as somebody at the console would. */
  readonly projects: ProjectRecord[];
  /** Calls of the API, oldest first. */
  calls(): readonly Call[];
  /** Starts an operation that blocks changes of the project for so many looks. */
  block(project: ProjectRecord, looks: number, ending?: OperationRecord["ending"]): void;
  close(): Promise<void>;
}

/** Starts it, empty; rejects when the port is taken. */
export async function startNeonEmulator(options: NeonEmulatorOptions = {}): Promise<NeonEmulator> {
  const { apiKey = API_KEY, port = 0 } = options;
  const context: Context = {
    projects: [],
    databases: options.databases ?? null,
    pollsPerOperation: options.pollsPerOperation ?? 1,
    now: options.now ?? (() => new Date()),
    newId: () => randomBytes(6).toString("hex"),
    newPassword: () => `npg_${randomBytes(9).toString("hex")}`,
  };
  const calls: Call[] = [];
  const faults = createNeonFaults(Math.random);
  const routes = [...projectRoutes, ...branchRoutes, ...contentRoutes];
  const server = await startServer({ port, apiKey, routes, context, faults, onCall: (call) => calls.push(call) });
  return {
    apiUrl: server.apiUrl,
    apiKey,
    faults,
    projects: context.projects,
    calls: () => [...calls],
    block(project, looks, ending = "finished") {
      project.operations.push({
        id: `op-${context.newId()}`,
        action: "blocking",
        branchId: null,
        pollsLeft: looks,
        ending,
      });
    },
    close: server.close,
  };
}
