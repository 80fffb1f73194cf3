import type { V4WorkerOptions } from "miniflare";

/** The RPC Worker's name among those of one runtime. */
export const RPC_NAME = "rpc";

export interface RpcWorkerOptions {
  /** From `buildCompanion`. */
  readonly module: string;
  /** Name of the Worker that its calls lead to. */
  readonly api: string;
  /** Variables of its configuration. */
  readonly vars?: Readonly<Record<string, string>>;
  /** Where it listens, on loopback; any free port when absent. */
  readonly port?: number;
}

/** What its configuration knows of the API's variables. */
const VARIABLES = ["CORS_ORIGINS", "LOG_LEVEL", "LOG_SAMPLE_RATE", "LOG_SLOW_MS"] as const;

/** Of the API's variables those that mean the same to the RPC Worker. */
export function pickRpcVariables(vars: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(VARIABLES.flatMap((name) => (vars[name] === undefined ? [] : [[name, vars[name]]])));
}

/** The RPC Worker for Miniflare, as `rpc/wrangler.toml` has it. */
export function rpcWorker({ module, api, vars = {}, port = 0 }: RpcWorkerOptions): V4WorkerOptions {
  return {
    name: RPC_NAME,
    compatibilityDate: "2026-08-15",
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/rpc.mjs", contents: module }],
    bindings: { ENVIRONMENT: "development", ...vars },
    serviceBindings: { USERS_API: api },
    unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    unsafeRegisterWorker: false,
  };
}
