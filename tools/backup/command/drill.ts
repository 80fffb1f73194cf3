// `npm run db:restore-drill`. See drill-options.ts for the help text.
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";

import { describeDatabase } from "../../db/database-url.ts";
import { reachableBase } from "../../postgres/embedded/instance-folder.ts";
import { findRunAs } from "../../postgres/embedded/run-as.ts";
import { endWithUs } from "../../process/end-with-us.ts";
import { formatReport, writeReport } from "../drill/report.ts";
import { runDrill } from "../drill/run-drill.ts";
import { openR2 } from "../storage/r2.ts";
import { downloadBackup } from "../storage/remote-backups.ts";
import { type DrillOptions, HELP, parseDrillOptions } from "./drill-options.ts";
import { EXIT_CODES, runBackupCommand } from "./run-command.ts";

const log = (line: string): void => console.log(line);

async function run(options: DrillOptions, signal: AbortSignal): Promise<void> {
  const base = await mkdtemp(path.join(reachableBase(findRunAs()), `restore-drill-${process.pid}-`));
  // The server may run as another user, who must get through.
  await chmod(base, 0o711);
  endWithUs({ folders: [base] });
  try {
    const dump = await findDump(options, base, signal);
    const { scratchUrl, programs, asksService, reportFile } = options;
    const report = await runDrill({
      dump,
      scratchUrl,
      forbidden: knownDatabases(),
      base,
      programs,
      asksService,
      log,
      signal,
    });
    if (reportFile !== null) writeReport(reportFile, report);
    log(formatReport(report));
    const isEqual = report.comparisons.every(({ problems }) => problems.length === 0);
    process.exitCode = isEqual ? EXIT_CODES.done : EXIT_CODES.bad;
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

async function findDump({ source, name }: DrillOptions, base: string, signal: AbortSignal): Promise<string> {
  if ("dump" in source) return source.dump;
  const folder = path.join(base, "download");
  await mkdir(folder, { mode: 0o700 });
  const { bucket, key } = source;
  log(`Downloading ${bucket}/${key ?? `${name}/ (the newest)`}`);
  return await downloadBackup(key, { storage: openR2(process.env), bucket, name }, folder, signal);
}

/** Whatever the environment calls a database of ours is none to restore into. */
function knownDatabases(): readonly string[] {
  const urls = [process.env["MIGRATION_DATABASE_URL"], process.env["DATABASE_URL"]];
  return urls.flatMap((url) => (url !== undefined && URL.canParse(url) ? [describeDatabase(url)] : []));
}

await runBackupCommand({ name: "npm run db:restore-drill", help: HELP, parse: parseDrillOptions, run });
