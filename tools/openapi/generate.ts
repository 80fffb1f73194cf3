// `npm run openapi:generate`: writes docs/openapi.json from the routes; `--check` only tells whether it is up to date.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { createApp } from "../../src/app.ts";
import { describeApi } from "../../src/http/api-description.ts";
import { readCheckFlag } from "../check-flag.ts";

/** Where the document is committed. */
export const OPENAPI_FILE = fileURLToPath(new URL("../../docs/openapi.json", import.meta.url));

const USAGE = `usage: npm run openapi:generate -- [--check] [--help]

Writes docs/openapi.json from the routes of the Worker.
  --check  write nothing; exit 1 when the file is not what would be written`;

/** The OpenAPI document as it has to be committed: pretty, in the order of the routes, with a final newline. */
export function generateDocument(): string {
  return `${JSON.stringify(describeApi(createApp(inertOptions()).operations), null, 2)}\n`;
}

/** The first line in which the committed text differs from the generated one, or null when there is none. */
export function findDifference(committed: string, generated: string): string | null {
  if (committed === generated) return null;
  const [have, want] = [committed.split("\n"), generated.split("\n")];
  const index = want.findIndex((line, at) => line !== have[at]);
  const line = index === -1 ? want.length : index;
  return `line ${line + 1}\n  committed: ${have[line] ?? "(end of file)"}\n  generated: ${want[line] ?? "(end of file)"}`;
}

function refuse(): never {
  throw new Error("The API is described here, not served.");
}

/** A service of any kind, whose every method fails. */
const INERT_SERVICE = new Proxy({}, { get: () => refuse });

/** Routes are only described, never called: whatever would be used while serving fails. */
function inertOptions(): Parameters<typeof createApp>[0] {
  const described = { guards: () => [], cors: { origins: null }, changes: { requireIfMatch: false }, versionId: "" };
  return new Proxy(described, {
    get: (options, name) => Reflect.get(options, name) ?? INERT_SERVICE,
    // No list of services here: each new one would have to be added to it.
  }) as object as Parameters<typeof createApp>[0];
}

function main(): void {
  const flags = readCheckFlag(USAGE);
  if (flags === null) return;
  const difference = findDifference(readCommitted(), generateDocument());
  if (difference === null) {
    console.log("docs/openapi.json is up to date");
  } else if (flags.check) {
    console.error(`docs/openapi.json is stale: ${difference}\nRun npm run openapi:generate and commit the result.`);
    process.exitCode = 1;
  } else {
    mkdirSync(path.dirname(OPENAPI_FILE), { recursive: true });
    writeFileSync(OPENAPI_FILE, generateDocument());
    console.log("docs/openapi.json written");
  }
}

function readCommitted(): string {
  try {
    return readFileSync(OPENAPI_FILE, "utf8");
  } catch {
    return "";
  }
}

if (import.meta.main) main();
