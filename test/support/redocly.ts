import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface LintProblem {
  readonly ruleId: string;
  readonly severity: string;
  readonly message: string;
  readonly pointer: string;
}

interface RedoclyReport {
  readonly problems: readonly {
    readonly ruleId: string;
    readonly severity: string;
    readonly message: string;
    readonly ignored?: boolean;
    readonly location: readonly { readonly pointer?: string }[];
  }[];
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CLI = path.join(path.dirname(fileURLToPath(import.meta.resolve("@redocly/cli/package.json"))), "bin/cli.js");

/** Lints an OpenAPI document with the rules of redocly.yaml, and gives what they find. */
export async function lintOpenapi(file: string): Promise<LintProblem[]> {
  const report = JSON.parse(await runRedocly(file)) as RedoclyReport;
  return report.problems
    .filter(({ ignored }) => ignored !== true)
    .map(({ ruleId, severity, message, location }) => ({
      ruleId,
      severity,
      message,
      pointer: location[0]?.pointer ?? "",
    }));
}

async function runRedocly(file: string): Promise<string> {
  const args = [CLI, "lint", file, "--config", "redocly.yaml", "--format", "json", "--max-problems", "1000"];
  const env = { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" };
  try {
    return (await promisify(execFile)(process.execPath, args, { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    // It exits with 1 when it finds something, which is what the caller wants to read.
    if (error instanceof Error && "stdout" in error && typeof error.stdout === "string" && error.stdout !== "")
      return error.stdout;
    throw error;
  }
}
