import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";

/** A folder with PostgreSQL's programs of one version. */
export interface Programs {
  readonly folder: string;
  /** As pg_dump tells it, `17.6`. */
  readonly version: string;
  readonly major: number;
  /** Whether a server is among them. */
  readonly hasServer: boolean;
}

/** Where Debian and Ubuntu, Red Hat, Homebrew and the installer for macOS put them, each version in a folder of its own. */
const USUAL_PLACES = [
  "/usr/lib/postgresql/*/bin",
  "/usr/pgsql-*/bin",
  "/{opt/homebrew,usr/local}/opt/{postgresql,libpq}{,@*}/bin",
  "/Library/PostgreSQL/*/bin",
];

/**
 * All that are on this machine, the oldest version first; of one version the first found, those with a server before others.
 * @param given the only folder to look into; the usual places and the PATH when absent
 */
export async function findPrograms(given: string | undefined): Promise<readonly Programs[]> {
  // Debian's /usr/bin/pg_dump chooses a version by itself; behind the usual places it is only found where it is alone.
  const folders =
    given === undefined ? [...USUAL_PLACES.flatMap((place) => globSync(place)), ...searchPath()] : [given];
  const found = (await Promise.all([...new Set(folders)].map(inspect))).filter((programs) => programs !== null);
  return found.toSorted((left, right) => left.major - right.major || Number(right.hasServer) - Number(left.hasServer));
}

const searchPath = (): readonly string[] =>
  (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));

async function inspect(folder: string): Promise<Programs | null> {
  const file = path.join(folder, "pg_dump");
  if (!existsSync(file) || !existsSync(path.join(folder, "pg_restore"))) return null;
  const { stdout } = await promisify(execFile)(file, ["--version"], { cwd: "/" }).catch(() => ({ stdout: "" }));
  const [, version, major] = /\(PostgreSQL\) ((\d+)\S*)/.exec(stdout) ?? [];
  if (version === undefined || major === undefined) return null;
  const hasServer = ["postgres", "initdb"].every((name) => existsSync(path.join(folder, name)));
  return { folder, version, major: Number(major), hasServer };
}
