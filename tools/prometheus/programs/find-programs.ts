import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/** Paths of the programs that the test needs. */
export interface Programs {
  readonly prometheus: string;
  readonly promtool: string;
  readonly alertmanager: string;
  readonly amtool: string;
}

/** Debian's packages, which hold all four. */
export const PACKAGES: readonly string[] = ["prometheus", "prometheus-alertmanager"];

/** Names by which each may be found: Debian gives Alertmanager one of its own. */
const NAMES: Readonly<Record<keyof Programs, readonly string[]>> = {
  prometheus: ["prometheus"],
  promtool: ["promtool"],
  alertmanager: ["alertmanager", "prometheus-alertmanager"],
  amtool: ["amtool"],
};

/** Finds the programs in the folders of PATH; gives the names of those that are not there instead. */
export function findPrograms(searchPath = process.env["PATH"] ?? ""): Programs | readonly string[] {
  const folders = searchPath.split(path.delimiter).filter((folder) => folder !== "");
  const find = (program: keyof Programs): string | undefined =>
    folders.flatMap((folder) => NAMES[program].map((name) => path.join(folder, name))).find(isProgram);
  const prometheus = find("prometheus");
  const promtool = find("promtool");
  const alertmanager = find("alertmanager");
  const amtool = find("amtool");
  if (prometheus && promtool && alertmanager && amtool) return { prometheus, promtool, alertmanager, amtool };
  return Object.entries({ prometheus, promtool, alertmanager, amtool }).flatMap(([name, file]) => (file ? [] : [name]));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What to do where programs are missing. */
export function explainMissing(missing: readonly string[]): string {
  return `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not on this machine. Install Debian's packages:
  npm run prometheus:programs
which does, or do it yourself:
  sudo apt-get install --no-install-recommends ${PACKAGES.join(" ")}
Elsewhere: https://prometheus.io/download, and put the programs into PATH.`;
}
