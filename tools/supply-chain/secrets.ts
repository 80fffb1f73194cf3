import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { ROOT } from "../process/run-script.ts";
import { projectFiles } from "./project-files.ts";
import { findSecrets } from "./secret-rules.ts";

const HELP = `Usage: npm run secrets:scan

Looks for secrets in every file that is committed or could be: secretlint's recommended rules, AWS key ids, API keys of this
service, passwords of Neon. A real one must be revoked first: whatever was pushed is known. A dummy gets a reserved host name
(db.example), or its place in tools/supply-chain/secret-rules.ts.`;

/** A file with a zero byte is no text. */
const isText = (content: Buffer): boolean => !content.includes(0);

/** One line for each finding, with its place. */
export async function scanFiles(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const path of paths) {
    const content = readFileSync(join(root, path));
    if (!isText(content)) continue;
    const findings = await findSecrets(path, content.toString("utf8"));
    problems.push(...findings.map(({ line, message }) => `${path}:${line}: ${message}`));
  }
  return problems;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: "boolean", default: false } } });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const paths = projectFiles(ROOT);
  if (paths.length === 0) throw new Error("there is no file to look at");
  const problems = await scanFiles(ROOT, paths);
  for (const problem of problems) console.error(problem);
  console.log(`secrets  ${paths.length} files, ${problems.length} findings`);
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
