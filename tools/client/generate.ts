// `npm run client:generate`: writes the generated files of client/src from docs/openapi.json; `--check` only compares.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { readCheckFlag } from "../check-flag.ts";
import { CLIENT, OPENAPI_TYPESCRIPT, ROOT, runInWorkspace } from "./workspace.ts";

const USAGE = `usage: npm run client:generate -- [--check] [--help]

Writes client/src/schema.ts and client/src/problem-codes.ts from docs/openapi.json.
  --check  write nothing; exit 1 when a file is not what would be written`;

const OPENAPI_FILE = path.join(ROOT, "docs/openapi.json");
const NOTICE = "// Generated from docs/openapi.json by `npm run client:generate`; edits are lost.\n";
const PROBLEM_PATH = "/problems/";

export interface GeneratedFile {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

/** The generated files as they have to be committed. */
export async function generateFiles(): Promise<readonly GeneratedFile[]> {
  const types = await runInWorkspace(OPENAPI_TYPESCRIPT, [OPENAPI_FILE]);
  return [
    { path: path.join(CLIENT, "src/schema.ts"), text: NOTICE + types },
    {
      path: path.join(CLIENT, "src/problem-codes.ts"),
      text: NOTICE + renderProblemCodes(problemCodesOf(readFileSync(OPENAPI_FILE, "utf8"))),
    },
  ];
}

/**
 * The codes of all problems that the document shows an example of, in its order.
 * @throws Error when there is none, for then the document's form has changed
 */
export function problemCodesOf(documentText: string): readonly string[] {
  const document: { components?: { examples?: Record<string, { value?: unknown }> } } = JSON.parse(documentText);
  const examples = Object.values(document.components?.examples ?? {});
  const codes = examples.flatMap(({ value }) => problemCodeOf(value));
  if (codes.length === 0) throw new Error("docs/openapi.json has no example of a problem");
  return [...new Set(codes)];
}

function problemCodeOf(example: unknown): readonly string[] {
  if (typeof example !== "object" || example === null || !("type" in example)) return [];
  const { type } = example;
  return typeof type === "string" && type.startsWith(PROBLEM_PATH) ? [type.slice(PROBLEM_PATH.length)] : [];
}

function renderProblemCodes(codes: readonly string[]): string {
  return `
/** The kinds of problems that the operations answer with: the last part of a problem's \`type\`. */
export const PROBLEM_CODES = [
${codes.map((code) => `  ${JSON.stringify(code)},`).join("\n")}
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];
`;
}

async function main(): Promise<void> {
  const flags = readCheckFlag(USAGE);
  if (flags === null) return;
  const files = await generateFiles();
  const stale = files.filter(({ path: file, text }) => read(file) !== text);
  for (const { path: file, text } of stale) {
    const name = path.relative(ROOT, file);
    if (flags.check) console.error(`${name} is stale: run npm run client:generate and commit the result`);
    else writeFileSync(file, text);
    if (!flags.check) console.log(`${name} written`);
  }
  if (stale.length === 0) console.log("the client's generated files are up to date");
  else if (flags.check) process.exitCode = 1;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

if (import.meta.main) await main();
