import { parseArgs } from "node:util";

import { ASSETS } from "../assets/build.ts";
import { ROOT } from "../process/run-script.ts";
import { readInstalledPackages } from "./installed-packages.ts";
import { LICENSE_POLICY } from "./license-policy.ts";
import { findLicenseProblems } from "./license-rules.ts";

const HELP = `Usage: npm run licenses

Checks the licence of every installed package, nested ones too, against tools/supply-chain/license-policy.ts: what we ship may have
permissive ones only, tools a few more. Expressions of SPDX are understood (OR, AND, WITH); a package that names none fails.
For one that fails: use another package, or, for a tool, add an exception with its reason.

Options:
  --help  show this text

Exit codes: 0 all are allowed, 1 some are not, 2 wrong usage.`;

function main(): void {
  const installed = readInstalledPackages(ROOT, Object.values(ASSETS));
  const { packages, absent } = installed;
  const problems = findLicenseProblems(installed, LICENSE_POLICY);
  for (const problem of problems) console.error(problem);
  const shipped = packages.filter(({ isShipped }) => isShipped).length;
  console.log(`licences  ${shipped} packages shipped, ${packages.length - shipped} tools, ${problems.length} problems`);
  console.log(`          ${absent.length} packages for other platforms are not installed here, and not looked at`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function readHelpFlag(): boolean | null {
  try {
    return parseArgs({ options: { help: { type: "boolean", default: false } } }).values.help;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return null;
  }
}

if (import.meta.main) {
  const wantsHelp = readHelpFlag();
  try {
    if (wantsHelp === null) process.exitCode = 2;
    else if (wantsHelp) console.log(HELP);
    else main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
