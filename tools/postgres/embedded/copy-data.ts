import { chownSync, cpSync, lstatSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import pg from "pg";

import type { RunAs } from "./run-as.ts";

/** A running server: its superuser's URL, and the folder of its data. */
export interface CopySource {
  readonly url: string;
  readonly data: string;
}

/** Of the running server alone. */
const NOT_COPIED = new Set(["postmaster.pid", "postmaster.opts"]);
const LOG_FOLDER = "pg_wal";

/**
 * Copies the data of a running server, as a base backup does: files first, then the log of what changed meanwhile.
 * @see https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function copyData({ url, data }: CopySource, target: string, runAs: RunAs): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT pg_backup_start('copy', fast => true)");
    const isCopied = (path: string): boolean =>
      !NOT_COPIED.has(basename(path)) && !path.startsWith(join(data, LOG_FOLDER, "0"));
    cpSync(data, target, { recursive: true, filter: isCopied });
    const { rows } = await client.query<{ labelfile: string }>(
      "SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)",
    );
    writeFileSync(join(target, "backup_label"), rows[0]?.labelfile ?? "", { mode: 0o600 });
    cpSync(join(data, LOG_FOLDER), join(target, LOG_FOLDER), { recursive: true });
  } finally {
    await client.end();
  }
  giveTo(target, runAs);
}

function giveTo(path: string, runAs: RunAs): void {
  if (runAs.uid === undefined || runAs.gid === undefined) return;
  chownSync(path, runAs.uid, runAs.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveTo(join(path, name), runAs);
}
