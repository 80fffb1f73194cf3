import path from "node:path";

import { type SourcelessWorkerOptions, unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";

/** The Worker's bindings and flags for Miniflare; JSON can hold those of this Worker. */
export interface WorkerOptions {
  readonly options: SourcelessWorkerOptions;
  readonly assetsDir: string;
}

/**
 * Translates `wrangler.toml`. Variables are those of the file alone: what wrangler adds from .dev.vars, .env and its own
 * environment would be written to disk with the bundle; our callers pass theirs when they serve it.
 */
export function readWorkerOptions(configPath: string, env: string): WorkerOptions {
  const { secrets: _required, ...config } = unstable_readConfig({ config: configPath, env });
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, env);
  const { modulesRules: _rules, rootPath: _root, ...options } = workerOptions;
  if (config.assets?.directory === undefined) throw new Error(`${configPath} names no folder of assets`);
  return {
    options: { ...options, name: config.name ?? "worker", bindings: config.vars },
    assetsDir: path.resolve(path.dirname(configPath), config.assets.directory),
  };
}
