import { rmSync } from "node:fs";
import path from "node:path";

import { type RunningServer, startWorkerd, type WorkerdOptions } from "../../tools/workerd/start-workerd.ts";
import type { Binding } from "../../tools/workerd/workerd-config.ts";
import { keyEntries } from "../scenarios/keys.ts";
import type { BenchStack } from "../stack/stack.ts";
import type { Variant } from "./variant.ts";

export interface ApiOptions {
  /** Another bundle than the release's. */
  readonly script?: string;
  /** Where statements go; the gateway when absent. */
  readonly endpoint?: string;
  /** API keys that are accepted. */
  readonly keyCount?: number;
  /** Flags of V8. */
  readonly v8Flags?: readonly string[];
  /** Arguments of workerd. */
  readonly args?: readonly string[];
  /** Folder for its files, below the stack's. */
  readonly folder?: string;
  /** A second Worker in the same process, which it gets by these bindings. */
  readonly companion?: WorkerdOptions["companion"];
  readonly bindings?: readonly Binding[];
}

/** Signs cursors; the floor signs the same. */
export const CURSOR_SECRET = "bench-cursor-secret";

export interface ApiStack extends Pick<BenchStack, "folder" | "api"> {
  readonly gateway: Pick<BenchStack["gateway"], "connectionString" | "endpoint">;
}

/** Starts the API as production runs it, except that it talks to the gateway here. */
export async function startApi(stack: ApiStack, options: ApiOptions = {}): Promise<RunningServer> {
  const { gateway, api } = stack;
  const {
    script = api.script,
    endpoint = gateway.endpoint,
    keyCount,
    v8Flags = [],
    args = [],
    folder = "api",
    companion,
    bindings = [],
  } = options;
  const variables = {
    DATABASE_URL: gateway.connectionString,
    DATABASE_FETCH_ENDPOINT: endpoint,
    API_KEYS: JSON.stringify(keyEntries(keyCount)),
    CURSOR_SECRET,
  };
  const own = path.join(stack.folder, folder);
  // What a Durable Object has kept of a run before would be one more difference between two.
  rmSync(own, { recursive: true, force: true });
  const given = Object.entries(variables).map(([name, value]) => ({ kind: "text", name, value }) as const);
  return await startWorkerd({
    name: "api",
    script,
    worker: { ...api.worker, bindings: [...api.worker.bindings, ...given, ...bindings], v8Flags },
    ...(companion === undefined ? {} : { companion }),
    folder: own,
    probePath: "/health",
    args,
  });
}

export const apiVariant = (stack: ApiStack): Variant => ({
  name: "api",
  title: "this API, the bundle of a release",
  serves: () => true,
  agreement: "body",
  start: () => startApi(stack),
});
