// `npm run rpc:generate`: writes rpc/src/gen from rpc/proto; `--check` only compares, and lints the proto files.
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

import { readCheckFlag } from "../check-flag.ts";
import { binPath, ROOT, runScript } from "../process/run-script.ts";

const USAGE = `usage: npm run rpc:generate -- [--check] [--help]

Lints rpc/proto with buf, and writes rpc/src/gen from it with protoc-gen-es. Nothing is fetched.
  --check  write nothing; exit 1 when a file is not what would be written`;

const GENERATED = path.join(ROOT, "rpc/src/gen");

/** What differs between two folders of generated files: names relative to them. */
export function findStale(committed: string, fresh: string): readonly string[] {
  const names = new Set([committed, fresh].flatMap((folder) => globSync("**/*.ts", { cwd: folder })));
  return [...names].filter((name) => read(committed, name) !== read(fresh, name)).toSorted();
}

function read(folder: string, name: string): string | null {
  try {
    return readFileSync(path.join(folder, name), "utf8");
  } catch {
    return null;
  }
}

async function buf(...args: readonly string[]): Promise<void> {
  const { exitCode, output } = await runScript(binPath("@bufbuild/buf", "buf"), args);
  if (exitCode !== 0) throw new Error(`buf ${args[0]} failed:\n${output.trimEnd()}`);
}

/** The template's own folder of output is left alone: buf empties it. */
async function generate(folder: string): Promise<void> {
  const plugin = {
    local: [process.execPath, binPath("@bufbuild/protoc-gen-es", "protoc-gen-es")],
    out: folder,
    opt: ["target=ts", "import_extension=ts", "erasable_syntax=true"],
  };
  await buf("generate", "rpc", "--template", JSON.stringify({ version: "v2", plugins: [plugin] }));
}

async function main(): Promise<void> {
  const flags = readCheckFlag(USAGE);
  if (flags === null) return;
  const fresh = mkdtempSync(path.join(tmpdir(), "rpc-gen-"));
  try {
    await buf("lint", "rpc");
    await buf("format", "rpc", "--diff", "--exit-code");
    await generate(fresh);
    const stale = findStale(GENERATED, fresh);
    if (stale.length === 0) console.log("rpc/src/gen is up to date");
    else if (flags.check) {
      console.error(`rpc/src/gen is stale (${stale.join(", ")}): run npm run rpc:generate and commit the result`);
      process.exitCode = 1;
    } else {
      rmSync(GENERATED, { recursive: true, force: true });
      cpSync(fresh, GENERATED, { recursive: true });
      console.log(`rpc/src/gen written: ${stale.join(", ")}`);
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
