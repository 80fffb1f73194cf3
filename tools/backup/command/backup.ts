// `npm run db:backup`. See backup-options.ts for the help text.
import { existsSync } from "node:fs";
import path from "node:path";

import { UsageError } from "../../command/usage-error.ts";
import { resolveDirectUrl } from "../database/direct-url.ts";
import { filesOf } from "../files/backup-files.ts";
import type { Manifest } from "../files/manifest.ts";
import { removeOldBackups } from "../files/retention.ts";
import { verifyFiles } from "../files/verify-files.ts";
import { formatBytes } from "../growth.ts";
import { openR2 } from "../storage/r2.ts";
import { type RemotePlace, uploadBackup } from "../storage/remote-backups.ts";
import { takeBackup } from "../take-backup.ts";
import { type BackupCommandOptions, HELP, parseBackupOptions } from "./backup-options.ts";
import { EXIT_CODES, ExitError, runBackupCommand } from "./run-command.ts";

const log = (line: string): void => console.log(line);

async function run(options: BackupCommandOptions, signal: AbortSignal): Promise<void> {
  const { bucket, name, dump, isExisting, keep } = options;
  // Before the work, so that a missing credential is not found out after it.
  const place = bucket === null ? null : { storage: openR2(process.env), bucket, name };
  const manifest = isExisting ? await verifyFiles(dump, signal) : await take(options, signal);
  if (place !== null) await upload(dump, manifest, place, signal);
  if (keep === null) return;
  for (const removed of removeOldBackups(path.dirname(dump), name, keep)) log(`Removed ${removed}`);
}

async function take({ dump, databaseUrl, programs }: BackupCommandOptions, signal: AbortSignal): Promise<Manifest> {
  const taken = Object.values(filesOf(dump)).find((file) => existsSync(file));
  if (taken !== undefined) throw new UsageError(`${taken} exists already; backups are not overwritten`);
  const url = resolveDirectUrl(databaseUrl, process.env, log);
  const manifest = await takeBackup({ databaseUrl: url, dump, programs, log, signal });
  const { content, migrationLevel, durationMs } = manifest;
  log(`${dump}
  taken at    ${manifest.takenAt}, in ${(durationMs / 1000).toFixed(1)} s
  size        ${formatBytes(manifest.dump.bytes)}
  SHA-256     ${manifest.dump.sha256}
  migrations  ${content.migrations.length}, at ${migrationLevel ?? "none"}
  tables      ${content.tables.map(({ table, rows }) => `${table} ${rows}`).join(", ") || "none"}`);
  return manifest;
}

async function upload(dump: string, manifest: Manifest, place: RemotePlace, signal: AbortSignal): Promise<void> {
  try {
    log(`Uploaded ${place.bucket}/${await uploadBackup(dump, manifest, place, signal)}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExitError(
      EXIT_CODES.bad,
      `the backup is whole, but was not uploaded: ${reason}\n` +
        `It stays in ${dump}. Try again: npm run db:backup -- --existing ${dump} --name ${place.name} --upload ${place.bucket}`,
      { cause: error },
    );
  }
}

await runBackupCommand({
  name: "npm run db:backup",
  help: HELP,
  parse: (args) => parseBackupOptions(args, new Date()),
  run,
});
