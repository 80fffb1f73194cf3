import type { Programs } from "./find-programs.ts";

export interface Need {
  /** The oldest version that will do. */
  readonly major: number;
  /** What has that version, for messages: `the server`. */
  readonly because: string;
  /** Whether a server has to be among them. */
  readonly needsServer?: boolean;
}

/**
 * The programs to use: of the same version if they are there, else the next newer one. An older pg_dump refuses a newer server,
 * and an older pg_restore the files of a newer pg_dump.
 * @throws Error that says what was found and what to install
 */
export function choosePrograms(found: readonly Programs[], { major, because, needsServer = false }: Need): Programs {
  const fitting = found.find((each) => each.major >= major && (!needsServer || each.hasServer));
  if (fitting !== undefined) return fitting;
  throw new Error(
    `${because} is PostgreSQL ${major}, and ${describe(found, needsServer)}. ${advice(major, needsServer)}`,
  );
}

function describe(found: readonly Programs[], needsServer: boolean): string {
  if (found.length === 0) return "there is no pg_dump and pg_restore on this machine";
  const versions = found.map(
    ({ version, folder, hasServer }) =>
      `${version} in ${folder}${needsServer && !hasServer ? " without a server" : ""}`,
  );
  return `pg_dump here is ${versions.join(", ")}`;
}

const advice = (major: number, needsServer: boolean): string =>
  `Install version ${major} or newer (npm run db:programs -- --major ${major}; on Debian and Ubuntu that is ` +
  `${needsServer ? "postgresql" : "postgresql-client"}-${major} from apt.postgresql.org), or name the folder of its programs with --programs`;
