import { describeDatabase } from "../../db/database-url.ts";
import { readContent } from "../database/content.ts";
import { inCanonicalSession, readServerVersion } from "../database/session.ts";
import { BadBackupError } from "../files/bad-backup-error.ts";
import type { Manifest } from "../files/manifest.ts";
import { verifyFiles } from "../files/verify-files.ts";
import { choosePrograms } from "../programs/choose-programs.ts";
import { findPrograms, type Programs } from "../programs/find-programs.ts";
import { runProgram } from "../programs/run-program.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { compareContent, type Comparison } from "./compare.ts";
import type { DrillReport } from "./report.ts";
import { type ScratchDatabase, startScratch, useScratch } from "./scratch-database.ts";

export interface Drill {
  readonly dump: string;
  /** A database to use; null for one of our own. */
  readonly scratchUrl: string | null;
  /** Databases, as `describeDatabase` spells them, that must not be restored into, beside the backup's own. */
  readonly forbidden: readonly string[];
  /** A folder for our own server, which every user can enter. */
  readonly base: string;
  readonly programs: string | undefined;
  readonly asksService: boolean;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Restores a backup and compares it with its manifest. Nothing of it is left when this settles.
 * @throws BadBackupError when the files are damaged or cannot be restored
 */
export async function runDrill(drill: Drill): Promise<DrillReport> {
  const { dump, scratchUrl, forbidden, base, log, signal } = drill;
  const manifest = await verifyFiles(dump, signal);
  log(`${dump} is what was written: SHA-256 ${manifest.dump.sha256}`);
  const need = {
    major: Math.max(manifest.pgDump.major, manifest.server.major),
    because: "what wrote the dump",
    needsServer: scratchUrl === null,
  };
  const programs = choosePrograms(await findPrograms(drill.programs), need);
  const scratch =
    scratchUrl === null
      ? await startScratch(programs, base)
      : await useScratch(scratchUrl, [...forbidden, manifest.source]);
  try {
    signal.throwIfAborted();
    return await restoreAndCompare(drill, manifest, programs, scratch);
  } finally {
    await scratch.close();
  }
}

async function restoreAndCompare(
  { dump, asksService, log, signal }: Drill,
  manifest: Manifest,
  programs: Programs,
  { url }: ScratchDatabase,
): Promise<DrillReport> {
  log(`Restoring into ${describeDatabase(url)} with pg_restore ${programs.version}`);
  const started = performance.now();
  await restore(dump, programs, url, signal);
  const restoreMs = Math.round(performance.now() - started);
  const { content, server } = await unlessAborted(
    inCanonicalSession(url, async (client) => ({
      server: (await readServerVersion(client)).version,
      content: await readContent(client),
    })),
    signal,
  );
  const comparisons = [
    ...compareContent(manifest.content, content),
    ...(asksService ? await compareService(url, manifest) : []),
  ];
  return { manifest, comparisons, server, restoreMs };
}

/** The service's own code takes longer to load than all else here, and is needed only where a dump can be restored. */
async function compareService(url: string, { content: { tables } }: Manifest): Promise<Comparison[]> {
  const { followAsService } = await import("./feed-query.ts");
  const { askAsService } = await import("./service-query.ts");
  const feed = await followAsService(url, tables);
  return [await askAsService(url, tables), ...(feed === null ? [] : [feed])];
}

/** Without owners and privileges: the roles of the source are not here. All or nothing, so that a failure leaves nothing. */
async function restore(dump: string, programs: Programs, url: string, signal: AbortSignal): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1)).replace(/[\\']/g, "\\$&");
  const args = [
    "--exit-on-error",
    "--single-transaction",
    "--no-owner",
    "--no-privileges",
    `--dbname=dbname='${name}'`,
    dump,
  ];
  try {
    await runProgram({ programs, name: "pg_restore", args, databaseUrl: url, signal });
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadBackupError(`${dump} cannot be restored: ${reason}`, { cause: error });
  }
}
