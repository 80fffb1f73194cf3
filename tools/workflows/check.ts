import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "../process/run-script.ts";
import { actionlint } from "./actionlint.ts";
import { mixedVersions, RULES } from "./rules.ts";
import { readWorkflow, type Workflow } from "./workflow.ts";

const HELP = `Usage: npm run workflows:check

Checks the GitHub Actions workflows with actionlint, and against our own rules (tools/workflows/rules.ts): actions pinned to
commits, least permissions, time limits, one npm script per line, secrets in environments only, releases never cancelled.`;

/** Problems of one workflow, each with its place. */
async function problemsOf(workflow: Workflow): Promise<readonly string[]> {
  const { path, text } = workflow;
  const findings = await actionlint(path, text);
  return [
    ...findings.map(({ line, column, message, kind }) => `${path}:${line}:${column}: ${message} (${kind})`),
    ...RULES.flatMap((rule) => rule(workflow)).map((problem) => `${path}: ${problem}`),
  ];
}

/** Reads and checks all workflows below `root`; their absence is an error, because nothing would be checked. */
export async function checkWorkflows(root: string): Promise<{ readonly files: number; readonly problems: string[] }> {
  const paths = globSync(".github/workflows/*.{yml,yaml}", { cwd: root }).toSorted();
  if (paths.length === 0) throw new Error("there is no workflow to check");
  const workflows = paths.map((path) => readWorkflow(path, readFileSync(join(root, path), "utf8")));
  const problems = (await Promise.all(workflows.map(problemsOf))).flat();
  return { files: paths.length, problems: [...problems, ...mixedVersions(workflows)] };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", default: false } } });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { files, problems } = await checkWorkflows(ROOT);
  for (const problem of problems) console.error(problem);
  console.log(`workflows  ${files} checked, ${problems.length} problems`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
