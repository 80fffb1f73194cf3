import { chmod, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

import type { Client } from "pg";

import { describeDatabase } from "../db/database-url.ts";
import { endWithUs } from "../process/end-with-us.ts";
import { formatChecksums } from "../supply-chain/checksums.ts";
import { type DatabaseContent, readContent } from "./database/content.ts";
import { inCanonicalSession, readServerVersion } from "./database/session.ts";
import { inExportedSnapshot } from "./database/snapshot.ts";
import { filesOf } from "./files/backup-files.ts";
import { flush, moveInto } from "./files/durable.ts";
import { formatManifest, type Manifest } from "./files/manifest.ts";
import { makePartialFolder } from "./files/partial-folder.ts";
import { sha256Of } from "./files/sha256.ts";
import { formatBytes, reportGrowth } from "./growth.ts";
import { choosePrograms } from "./programs/choose-programs.ts";
import { findPrograms, type Programs } from "./programs/find-programs.ts";
import { runProgram } from "./programs/run-program.ts";
import { unlessAborted } from "./unless-aborted.ts";

const LOCK_WAIT = "30s"; // A migration holds its tables for seconds; what lasts longer should not be waited for.

export interface BackupOptions {
  /** A direct connection. */
  readonly databaseUrl: string;
  /** Where the dump comes to lie; the manifest and the checksums beside it. */
  readonly dump: string;
  /** The folder of pg_dump; the machine's own when absent. */
  readonly programs?: string | undefined;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Dumps a database and describes, in the same snapshot, what it holds. The files have their names only when all are whole and
 * on the disk; whatever else happens, even when this process is killed, nothing is left.
 */
export async function takeBackup(options: BackupOptions): Promise<Manifest> {
  const folder = path.dirname(options.dump);
  const partial = makePartialFolder(folder);
  endWithUs({ folders: [partial] });
  try {
    const dump = path.join(partial, path.basename(options.dump));
    const manifest = await inCanonicalSession(options.databaseUrl, (client) => dumpInto(dump, client, options));
    const { manifest: manifestFile, checksums } = filesOf(dump);
    await writeFile(manifestFile, formatManifest(manifest), { mode: 0o600 });
    const sums = new Map([
      [path.basename(dump), manifest.dump.sha256],
      [path.basename(manifestFile), await sha256Of(manifestFile)],
    ]);
    await writeFile(checksums, formatChecksums(sums), { mode: 0o600 });
    for (const file of [dump, manifestFile, checksums]) await flush(file);
    options.signal.throwIfAborted();
    await moveInto(folder, [dump, manifestFile, checksums]);
    return manifest;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function dumpInto(dump: string, client: Client, options: BackupOptions): Promise<Manifest> {
  const { databaseUrl, log, signal } = options;
  const server = await readServerVersion(client);
  const because = `the server of ${describeDatabase(databaseUrl)}`;
  const programs = choosePrograms(await findPrograms(options.programs), { major: server.major, because });
  log(`Dumping ${describeDatabase(databaseUrl)} (PostgreSQL ${server.version}) with pg_dump ${programs.version}`);
  const started = performance.now();
  const { content, takenAt } = await inExportedSnapshot(client, async (snapshot) => ({
    content: await dumpAndRead({ dump, programs, snapshot: snapshot.id }, client, options),
    takenAt: snapshot.takenAt,
  }));
  await chmod(dump, 0o600);
  const { size } = await stat(dump);
  log(`Dumped ${content.tables.reduce((sum, { rows }) => sum + rows, 0)} rows into ${formatBytes(size)}`);
  return {
    format: 1,
    source: describeDatabase(databaseUrl),
    takenAt: takenAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    dump: { file: path.basename(dump), bytes: size, sha256: await sha256Of(dump, signal) },
    server,
    pgDump: { version: programs.version, major: programs.major },
    migrationLevel: content.migrations.at(-1)?.name ?? null,
    content,
  };
}

interface DumpTask {
  readonly dump: string;
  readonly programs: Programs;
  readonly snapshot: string;
}

/** Both at once, and neither outlives a failure of the other. */
async function dumpAndRead(task: DumpTask, client: Client, options: BackupOptions): Promise<DatabaseContent> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const args = [
    "--format=custom",
    "--compress=6",
    `--snapshot=${task.snapshot}`,
    `--lock-wait-timeout=${LOCK_WAIT}`,
    `--file=${task.dump}`,
  ];
  const endReport = reportGrowth(task.dump, options.log);
  const orStop = (error: unknown): never => {
    stop.abort(error);
    throw error;
  };
  const { programs } = task;
  const dumped = runProgram({ programs, name: "pg_dump", args, databaseUrl: options.databaseUrl, signal }).catch(
    orStop,
  );
  const read = unlessAborted(readContent(client), signal).catch(orStop);
  try {
    const [, content] = await Promise.all([dumped, read]);
    return content;
  } finally {
    endReport();
    // pg_dump must be gone before its folder is.
    await Promise.allSettled([dumped, read]);
  }
}
