import { readFileSync } from "node:fs";
import path from "node:path";

import { buildOnce } from "./build-cache.ts";
import { runWrangler } from "./run-wrangler.ts";

/** Folder of a Worker beside the API, with a `wrangler.toml` of its own. */
export type CompanionFolder = "telemetry" | "events" | "rpc";

/**
 * Builds a Worker beside the API as a deployment would, with the pinned wrangler, unless it was built before from the same sources;
 * gives its one module.
 * @throws when wrangler refuses, with its message
 */
export async function buildCompanion(root: string, companion: CompanionFolder): Promise<string> {
  const config = path.join(root, companion, "wrangler.toml");
  const folder = await buildOnce({
    root,
    name: companion,
    sources: [
      `{src,client/src,${companion}}/**/*.*`,
      "{package-lock.json,tsconfig*.json,migrations/meta/_journal.json}",
    ],
    build: (outDir) => runWrangler(root, ["deploy", "--dry-run", `--config=${config}`, "--env=", `--outdir=${outDir}`]),
  });
  return readFileSync(path.join(folder, "index.js"), "utf8");
}
