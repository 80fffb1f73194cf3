import { parseArgs } from "node:util";

import { runNpm } from "./npm.ts";

const HELP = `Usage: npm run audit

Asks the registry about known vulnerabilities, any in what the Worker runs and high ones in the tools, and whether it
signed what is installed. It fails when the registry does not answer: no answer is not a good one.`;

/** What npm is asked, one call each; its exit code is the answer. */
export const QUESTIONS = [
  ["audit", "--omit=dev", "--audit-level=low"],
  ["audit", "--audit-level=high"],
  ["audit", "signatures"],
] as const;

function main(): void {
  for (const args of QUESTIONS) {
    console.log(`== npm ${args.join(" ")}`);
    if (runNpm(args, "show").exitCode !== 0) process.exitCode = 1;
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { help: { type: "boolean", default: false } } });
  if (values.help) console.log(HELP);
  else main();
}
