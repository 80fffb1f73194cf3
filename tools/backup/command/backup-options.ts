import path from "node:path";

import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { dumpNameOf, listBackups, parseBackupName } from "../files/backup-files.ts";
import { parseBucket } from "../storage/r2.ts";

export const HELP = `npm run db:backup -- [options]

Dumps a PostgreSQL database with pg_dump (custom format, compressed), and writes beside the dump what it holds (.json: rows and a
checksum for each table, constraints, indexes, migrations, all seen in the snapshot of the dump) and SHA-256 sums (.sha256, for
sha256sum -c). The files get their names when all are whole; an interrupted run leaves none. Writers are not held up.

  --out DIR           the folder for NAME-20261130T081934Z.dump; .data/backups when absent
  --file FILE         the dump's path instead; it must not exist
  --name NAME         what the backups of this database are called, as in production; users-api when absent
  --keep N            removes all but the newest N of that name in the folder, after the new one is there
  --upload BUCKET     uploads the files to R2 as NAME/2026/11/30/FILE, through wrangler
  --existing FILE     takes no backup, but uploads the one whose dump FILE is, or the newest in a folder
  --database-url URL  the database; MIGRATION_DATABASE_URL, then DATABASE_URL, when absent. Neon's pooler is replaced by the
                      direct host. A password is safer in the environment: others can see a command line
  --programs DIR      the folder of pg_dump; when absent, the one on this machine that fits the server's version
  --help              this text

Environment, for --upload: CLOUDFLARE_API_TOKEN (Workers R2 Storage: Edit), CLOUDFLARE_ACCOUNT_ID.

Exit codes: 0 done, 1 failed and there is no backup, 2 called wrongly, 3 the backup is on this disk but was not uploaded, or the files of
--existing are damaged, 130 interrupted.
`;

export interface BackupCommandOptions {
  readonly name: string;
  /** The dump to write, or with `isExisting` to upload. */
  readonly dump: string;
  readonly isExisting: boolean;
  readonly databaseUrl: string | undefined;
  readonly programs: string | undefined;
  readonly keep: number | null;
  readonly bucket: string | null;
}

const FLAGS = {
  out: { type: "string" },
  file: { type: "string" },
  name: { type: "string" },
  keep: { type: "string" },
  upload: { type: "string" },
  existing: { type: "string" },
  "database-url": { type: "string" },
  programs: { type: "string" },
  help: { type: "boolean", short: "h", default: false },
} as const;

type Flags = ReturnType<typeof parseFlags<typeof FLAGS>>;

/** Flags of which only one makes sense. */
const EXCLUSIVE = [
  ["out", "file"],
  ["existing", "out"],
  ["existing", "file"],
  ["existing", "keep"],
  ["existing", "database-url"],
  ["file", "keep"],
] as const;

export const DEFAULT_FOLDER = ".data/backups";

/**
 * Reads the command line; null asks for the help text.
 * @throws UsageError
 */
export function parseBackupOptions(args: readonly string[], now: Date): BackupCommandOptions | null {
  const flags = parseFlags(args, FLAGS);
  if (flags.help) return null;
  for (const [one, other] of EXCLUSIVE) {
    if (flags[one] !== undefined && flags[other] !== undefined)
      throw new UsageError(`--${one} and --${other} exclude each other`);
  }
  if (flags.existing !== undefined && flags.upload === undefined)
    throw new UsageError("--existing needs --upload BUCKET");
  const name = parseBackupName(flags.name);
  return {
    name,
    dump: path.resolve(findDump(flags, name, now)),
    isExisting: flags.existing !== undefined,
    databaseUrl: flags["database-url"],
    programs: flags.programs === undefined ? undefined : path.resolve(flags.programs),
    keep: parseKeep(flags.keep),
    bucket: flags.upload === undefined ? null : parseBucket(flags.upload, "--upload"),
  };
}

function findDump({ existing, file, out = DEFAULT_FOLDER }: Flags, name: string, now: Date): string {
  return existing === undefined ? (file ?? path.join(out, dumpNameOf(name, now))) : newestIn(existing, name);
}

/** The path of a dump; of a folder, the newest in it. */
export function newestIn(place: string, name: string): string {
  if (place.endsWith(".dump")) return place;
  const [newest] = listBackups(place, name);
  if (newest === undefined) throw new UsageError(`there is no backup named ${name}-….dump in ${place}`);
  return newest;
}

function parseKeep(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--keep must be a number from 1, not "${text}"`);
}
