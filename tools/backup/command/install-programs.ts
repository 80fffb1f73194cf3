// `npm run db:programs`: PostgreSQL's programs for backups, where they are missing.
import { parseFlags } from "../../command/parse-flags.ts";
import { UsageError } from "../../command/usage-error.ts";
import { aptUpdate, execute, readAptMachine, succeeds } from "../../process/apt.ts";
import { resolveDirectUrl } from "../database/direct-url.ts";
import { inCanonicalSession, readServerVersion } from "../database/session.ts";
import { findPrograms, type Programs } from "../programs/find-programs.ts";
import { planInstall } from "../programs/install-plan.ts";
import { runBackupCommand } from "./run-command.ts";

const HELP = `npm run db:programs -- [--major N | --for-server]

Makes sure that pg_dump, pg_restore and a PostgreSQL server are on this machine, of version N or newer, and installs them with apt on Debian
and Ubuntu where they are not: from the system's own packages, or else from apt.postgresql.org. Does nothing when they are there.

  --major N           the oldest version that will do; any when absent
  --for-server        the version of the server behind MIGRATION_DATABASE_URL or DATABASE_URL
  --help              this text

Exit codes: 0 they are there, 1 they cannot be installed, 2 called wrongly.
`;

interface Options {
  readonly major: number | null;
  readonly isForServer: boolean;
}

function parse(args: readonly string[]): Options | null {
  const flags = parseFlags(args, {
    major: { type: "string" },
    "for-server": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  });
  if (flags.help) return null;
  if (flags.major !== undefined && flags["for-server"])
    throw new UsageError("--major and --for-server exclude each other");
  if (flags.major !== undefined && !/^[1-9]\d$/.test(flags.major))
    throw new UsageError(`--major must be a version such as 17, not "${flags.major}"`);
  return { major: flags.major === undefined ? null : Number(flags.major), isForServer: flags["for-server"] };
}

async function run({ major, isForServer }: Options): Promise<void> {
  const wanted = isForServer ? await readServerMajor() : major;
  const before = await findFitting(wanted);
  if (before !== undefined) return console.log(`PostgreSQL ${before.version} is in ${before.folder}`);
  install(wanted);
  const after = await findFitting(wanted);
  if (after === undefined)
    throw new Error("apt has installed PostgreSQL, and yet its programs are not where they usually are");
  console.log(`PostgreSQL ${after.version} is in ${after.folder} now`);
}

const findFitting = async (major: number | null): Promise<Programs | undefined> =>
  (await findPrograms(undefined)).find((each) => each.hasServer && each.major >= (major ?? 0));

async function readServerMajor(): Promise<number> {
  const url = resolveDirectUrl(undefined, process.env, console.log);
  return (await inCanonicalSession(url, readServerVersion)).major;
}

function install(major: number | null): void {
  const machine = readAptMachine();
  if (machine.hasApt && (machine.isRoot || machine.hasSudo)) execute(aptUpdate(machine));
  const isPackaged = major === null || succeeds("apt-cache", "show", `postgresql-${major}`);
  for (const command of planInstall(major, { ...machine, isPackaged })) execute(command);
}

await runBackupCommand({ name: "npm run db:programs", help: HELP, parse, run });
