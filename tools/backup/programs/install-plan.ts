import { type AptMachine, aptInstall, asRoot } from "../../process/apt.ts";

/** What decides how PostgreSQL can be installed here. */
export interface Machine extends AptMachine {
  /** Whether the machine's own package lists have the version that is wanted. */
  readonly isPackaged: boolean;
}

/** The script of Debian's postgresql-common that adds apt.postgresql.org with its key. */
const ADD_REPOSITORY = "/usr/share/postgresql-common/pgdg/apt.postgresql.org.sh";

/**
 * The commands that install PostgreSQL's server and client programs, in order.
 * @param major the version; the one that the system has when null
 * @throws Error that says what to do by hand where there is no way
 */
export function planInstall(major: number | null, machine: Machine): readonly (readonly string[])[] {
  const wanted = major === null ? "postgresql" : `postgresql-${major}`;
  if (!machine.hasApt) {
    throw new Error(
      `PostgreSQL${major === null ? "" : ` ${major}`} has to be installed by hand: this is no Debian or Ubuntu (https://www.postgresql.org/download)`,
    );
  }
  if (!machine.isRoot && !machine.hasSudo) throw new Error(`installing needs root: sudo apt-get install ${wanted}`);
  if (machine.isPackaged) return [aptInstall(machine, [wanted])];
  return [
    aptInstall(machine, ["ca-certificates", "postgresql-common"]),
    [...asRoot(machine), ADD_REPOSITORY, "-y"],
    aptInstall(machine, [wanted]),
  ];
}
