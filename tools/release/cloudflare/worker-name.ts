import { readFileSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../../process/run-script.ts";
import type { EnvironmentName } from "../command/usage.ts";

/** The Worker of an environment, as `wrangler.toml` of this repository names it. */
export function workerOf(env: EnvironmentName): string {
  return readWorkerName(readFileSync(path.join(ROOT, "wrangler.toml"), "utf8"), env);
}

/**
 * Name of the Worker in the account, read from the text of `wrangler.toml`. Loading wrangler for it would take as long as a
 * call to Cloudflare; a test compares the two.
 */
export function readWorkerName(wranglerToml: string, env: EnvironmentName): string {
  const topLevel = nameIn(wranglerToml.split(/^\[/m, 1)[0] ?? "");
  const own = nameIn(wranglerToml.split(`\n[env.${env}]\n`, 2)[1]?.split(/^\[/m, 1)[0] ?? "");
  const name = own ?? (topLevel === undefined ? undefined : `${topLevel}-${env}`);
  if (name === undefined) throw new Error("wrangler.toml has no name");
  return name;
}

function nameIn(section: string): string | undefined {
  return /^name *= *"([^"]+)"/m.exec(section)?.[1];
}
