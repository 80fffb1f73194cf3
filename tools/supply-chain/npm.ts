import { spawnSync } from "node:child_process";

import { ROOT } from "../process/run-script.ts";

/** Errors and warnings go to the terminal; standard output is shown, or returned. */
export interface NpmResult {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Runs the npm that started us; the pinned Node brings none.
 * @throws Error when npm did not start us
 */
export function runNpm(args: readonly string[], standardOutput: "show" | "return"): NpmResult {
  const npm = process.env["npm_execpath"];
  if (npm === undefined) throw new Error("Start this through npm run: it needs npm.");
  const stdio = ["ignore", standardOutput === "show" ? "inherit" : "pipe", "inherit"] as const;
  const result = spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, encoding: "utf8", stdio: [...stdio] });
  if (result.error) throw result.error;
  return { exitCode: result.status ?? 1, output: result.stdout ?? "" };
}
