// Compares docs/openapi.json with the document of the last release, and fails on what would break its clients.
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { type Finding, findBreakingChanges, isMajorRaised } from "./breaking/index.ts";
import { OPENAPI_FILE } from "./generate.ts";
import { readDocument, RELEASED_FILE } from "./released.ts";

const USAGE = `usage: node tools/run.mjs tools/openapi/check-breaking.ts [--released FILE] [--current FILE] [--help]

Fails when the OpenAPI document breaks clients of the released one, unless the major part of its version was raised.
  --released FILE  the document that clients rely on; docs/released/openapi.json when absent
  --current FILE   the document to check; docs/openapi.json when absent`;

const OPTIONS = {
  released: { type: "string", default: RELEASED_FILE },
  current: { type: "string", default: OPENAPI_FILE },
  help: { type: "boolean", default: false },
} as const;

export interface Verdict {
  readonly exitCode: 0 | 1;
  readonly message: string;
}

/** What to tell people about the change from the released document to the current one. */
export function judge(releasedFile: string, currentFile: string): Verdict {
  const [released, current] = [readDocument(releasedFile), readDocument(currentFile)];
  const findings = findBreakingChanges(released, current);
  if (findings.length === 0) return { exitCode: 0, message: "no breaking change since the last release" };
  const list = describe(findings);
  const versions = `${released.info?.version} to ${current.info?.version}`;
  if (isMajorRaised(released, current))
    return { exitCode: 0, message: `breaking changes, announced by the version (${versions}):\n${list}` };
  return {
    exitCode: 1,
    message: `breaking changes since the last release (${versions}):\n${list}
Take them back, or raise the major part of API_VERSION and serve the new contract beside the old one.`,
  };
}

function describe(findings: readonly Finding[]): string {
  return findings.map(({ kind, place, message }) => `  ${kind}: ${place}: ${message}`).join("\n");
}

function main(): void {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { exitCode, message } = judge(path.resolve(values.released), path.resolve(values.current));
  (exitCode === 0 ? console.log : console.error)(message);
  process.exitCode = exitCode;
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exitCode = 2;
  }
}
