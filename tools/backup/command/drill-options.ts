import path from "node:path";

import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { assertDirectConnection } from "../../db/database-url.ts";
import { parseBackupName } from "../files/backup-files.ts";
import { parseBucket } from "../storage/r2.ts";
import { DEFAULT_FOLDER, newestIn } from "./backup-options.ts";

export const HELP = `npm run db:restore-drill -- [options]

Proves that a backup can be restored: verifies its checksums, restores it with pg_restore into a PostgreSQL that it starts for this and
removes afterwards, and compares what is there with what was in the database when the dump was made: rows and checksum of each
table, constraints, indexes, functions, triggers, views, migrations.

  --file FILE         the dump, or a folder whose newest backup is taken; .data/backups when absent
  --download BUCKET[/KEY]
                      takes it from R2, through wrangler; without KEY the newest of --name
  --name NAME         what the backups are called, as for npm run db:backup; users-api when absent
  --scratch-url URL   restores into this database instead, which must be empty, and empties it afterwards
  --service           also runs the query of the service that lists users
  --report FILE       writes the comparison as JSON
  --programs DIR      the folder of PostgreSQL's programs; when absent, those on this machine that fit the dump's version
  --help              this text

Environment, for --download: CLOUDFLARE_API_TOKEN (Workers R2 Storage: Read), CLOUDFLARE_ACCOUNT_ID.

Exit codes: 0 all is equal, 1 the drill could not be done, 2 called wrongly, 3 the backup is bad: damaged, not restorable, or not equal,
130 interrupted.
`;

export interface DrillOptions {
  readonly name: string;
  readonly source: { readonly dump: string } | { readonly bucket: string; readonly key: string | null };
  readonly scratchUrl: string | null;
  readonly programs: string | undefined;
  readonly asksService: boolean;
  readonly reportFile: string | null;
}

const FLAGS = {
  file: { type: "string" },
  download: { type: "string" },
  name: { type: "string" },
  "scratch-url": { type: "string" },
  service: { type: "boolean", default: false },
  report: { type: "string" },
  programs: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseDrillOptions(args: readonly string[]): DrillOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  if (flags.file !== undefined && flags.download !== undefined)
    throw new UsageError("--file and --download exclude each other");
  const name = parseBackupName(flags.name);
  const scratchUrl = flags["scratch-url"] ?? null;
  if (scratchUrl !== null) assertDirectConnection(scratchUrl);
  return {
    name,
    source:
      flags.download === undefined
        ? { dump: path.resolve(newestIn(flags.file ?? DEFAULT_FOLDER, name)) }
        : parsePlace(flags.download),
    scratchUrl,
    programs: flags.programs === undefined ? undefined : path.resolve(flags.programs),
    asksService: flags.service,
    reportFile: flags.report ?? null,
  };
}

function parsePlace(text: string): { readonly bucket: string; readonly key: string | null } {
  const [bucket = "", ...rest] = text.split("/");
  const key = rest.join("/");
  if (key !== "" && !key.endsWith(".dump")) throw new UsageError("--download must name a dump: BUCKET/…/FILE.dump");
  return { bucket: parseBucket(bucket, "--download"), key: key === "" ? null : key };
}
