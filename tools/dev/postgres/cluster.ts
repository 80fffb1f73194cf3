import { constants, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { SharedPGlite } from "./shared-session.ts";

const NODE_MODULES = path.resolve(import.meta.dirname, "../../../node_modules");
/** Goes with the installation, so that no other version's clusters are found in it. */
const TEMPLATES = path.join(NODE_MODULES, ".cache", "local-postgres");

export interface ClusterOptions {
  /** Folder of the results, one for each version of PGlite. */
  readonly templates?: string;
  readonly initialize?: (target: string) => Promise<void>;
}

/**
 * Makes an empty cluster. PGlite's initdb computes for six seconds, always with the same result: it is kept, and the next
 * cluster is a copy of it.
 */
export async function createCluster(
  target: string,
  { templates = TEMPLATES, initialize = initdb }: ClusterOptions = {},
): Promise<void> {
  const template = path.join(templates, `pglite-${pgliteVersion()}`);
  if (existsSync(path.join(template, "PG_VERSION"))) {
    copy(template, target);
    return;
  }
  await initialize(target);
  keep(target, template);
}

async function initdb(target: string): Promise<void> {
  const db = new SharedPGlite(target);
  await db.waitReady;
  await db.close();
}

/** Others may do the same at the same time, and the folder need not be writable: the template is a convenience. */
function keep(cluster: string, template: string): void {
  const draft = `${template}.${process.pid}`;
  try {
    mkdirSync(path.dirname(template), { recursive: true });
    copy(cluster, draft);
    renameSync(draft, template);
  } catch {
    rmSync(draft, { recursive: true, force: true });
  }
}

const copy = (from: string, to: string): void =>
  cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });

function pgliteVersion(): string {
  const main = fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  const manifest: unknown = JSON.parse(readFileSync(path.resolve(main, "../../package.json"), "utf8"));
  return (manifest as { version: string }).version;
}
