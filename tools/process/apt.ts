import { spawnSync } from "node:child_process";

/** What decides how Debian's packages can be installed here. */
export interface AptMachine {
  readonly hasApt: boolean;
  readonly isRoot: boolean;
  /** Whether sudo gives root's rights without a password, as on a runner of GitHub. */
  readonly hasSudo: boolean;
}

type Command = readonly string[];

export function readAptMachine(): AptMachine {
  const isRoot = process.getuid?.() === 0;
  return {
    hasApt: succeeds("apt-get", "--version"),
    isRoot,
    hasSudo: !isRoot && succeeds("sudo", "--non-interactive", "true"),
  };
}

/** What commands begin with that need root. */
export const asRoot = ({ isRoot }: Pick<AptMachine, "isRoot">): Command =>
  isRoot ? [] : ["sudo", "--non-interactive"];

/** Without fresh lists nobody knows what there is. */
export const aptUpdate = (machine: Pick<AptMachine, "isRoot">): Command => [...asRoot(machine), "apt-get", "update"];

/** The command that installs packages and what they cannot do without. */
export function aptInstall(machine: Pick<AptMachine, "isRoot">, packages: readonly string[]): Command {
  return [...asRoot(machine), "apt-get", "install", "--yes", "--no-install-recommends", ...packages];
}

export const succeeds = (file: string, ...args: string[]): boolean =>
  spawnSync(file, args, { stdio: "ignore" }).status === 0;

/** Runs a command on our terminal, without questions of apt's. @throws Error when it fails */
export function execute([file = "", ...args]: Command): void {
  console.log(`$ ${[file, ...args].join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error } = spawnSync(file, args, { stdio: ["ignore", "inherit", "inherit"], env });
  if (status !== 0) throw new Error(`${file} ${args[0] ?? ""} failed (${error?.message ?? `exit code ${status}`})`);
}
