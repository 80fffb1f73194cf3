import { existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { ROOT, runScript } from "../../tools/process/run-script.ts";

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "es2022",
    lib: ["es2022", "dom", "dom.iterable"],
    module: "esnext",
    moduleResolution: "bundler",
    types: [],
  },
  include: ["."],
};

const GENERATORS = {
  "openapi-typescript": {
    script: "openapi-typescript/bin/cli.js",
    args: (input: string, folder: string) => [input, "--output", path.join(folder, "types.ts")],
  },
  "@hey-api/openapi-ts": {
    script: "@hey-api/openapi-ts/dist/run.mjs",
    args: (input: string, folder: string) => [
      "--input",
      input,
      "--output",
      path.join(folder, "client"),
      "--no-log-file",
    ],
  },
} as const;

export type GeneratorName = keyof typeof GENERATORS;

/**
 * What a generator of clients, and then a strict TypeScript, have to say about a document: lines of warnings and errors.
 * Works in an empty folder of the caller.
 */
export async function generateClient(name: GeneratorName, file: string, folder: string): Promise<readonly string[]> {
  const { script, args } = GENERATORS[name];
  const generated = await runScript(path.join(ROOT, "test/support/with-typescript-5.mjs"), [
    inClient(script),
    ...args(file, folder),
  ]);
  const complaints = generated.output.split("\n").filter((line) => /\b(?:warn|error|fail|invalid)|⚠/i.test(line));
  if (generated.exitCode !== 0) return [`${name} ended with ${generated.exitCode}`, ...generated.output.split("\n")];
  if (readdirSync(folder).length === 0) return [`${name} wrote nothing`];
  writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  const compiled = await runScript(inClient("typescript/bin/tsc"), ["--project", folder]);
  return [...complaints, ...compiled.output.split("\n").filter((line) => line !== "")];
}

/** npm puts a package of the client's workspace beside it or, when nothing is in the way, at the top. */
function inClient(script: string): string {
  const folders = ["client/node_modules", "node_modules"].map((folder) => path.join(ROOT, folder, script));
  const found = folders.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`${script} is not installed`);
  return found;
}
