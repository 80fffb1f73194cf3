import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { runWrangler } from "../dev/worker/run-wrangler.ts";

/**
 * Builds the events Worker as a deployment would, with the pinned wrangler; gives its one module.
 * @throws when wrangler refuses, with its message
 */
export async function buildEvents(root: string): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "events-build-"));
  try {
    const config = path.join(root, "events", "wrangler.toml");
    await runWrangler(root, ["deploy", "--dry-run", `--config=${config}`, "--env=", `--outdir=${folder}`]);
    return readFileSync(path.join(folder, "index.js"), "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
