// Makes docs/openapi.json the released document, which later changes are held against. Run it when a version is released.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

import { judge } from "./check-breaking.ts";
import { OPENAPI_FILE } from "./generate.ts";
import { readDocument, RELEASED_FILE } from "./released.ts";

const USAGE = `usage: npm run openapi:release -- [--current FILE] [--released FILE] [--help]

Replaces docs/released/openapi.json by docs/openapi.json, when API_VERSION tells what has changed.
  --current FILE   the document to release
  --released FILE  where the released one is kept`;

const OPTIONS = {
  current: { type: "string", default: OPENAPI_FILE },
  released: { type: "string", default: RELEASED_FILE },
  help: { type: "boolean", default: false },
} as const;

/** Why the current document cannot follow the released one under its version, or null. */
export function findObstacle(currentFile: string, releasedFile: string): string | null {
  if (!existsSync(releasedFile) || isSame(currentFile, releasedFile)) return null;
  const { exitCode, message } = judge(releasedFile, currentFile);
  if (exitCode !== 0) return message;
  const [current, released] = [readDocument(currentFile), readDocument(releasedFile)];
  if (current.info?.version !== released.info?.version) return null;
  return `the document has changed since version ${current.info?.version}: raise API_VERSION in src/http/api-version.ts`;
}

function isSame(currentFile: string, releasedFile: string): boolean {
  return readFileSync(currentFile, "utf8") === readFileSync(releasedFile, "utf8");
}

function main(): void {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const [current, released] = [path.resolve(values.current), path.resolve(values.released)];
  const obstacle = findObstacle(current, released);
  if (obstacle !== null) {
    console.error(obstacle);
    process.exitCode = 1;
    return;
  }
  mkdirSync(path.dirname(released), { recursive: true });
  copyFileSync(current, released);
  console.log(`released version ${readDocument(released).info?.version} of the OpenAPI document`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exitCode = 2;
  }
}
