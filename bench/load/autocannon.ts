import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import type { RequestTemplate } from "../scenarios/template.ts";
import type { LoadResult, LoadTool } from "./load.ts";
import { runProgram } from "./program.ts";

/** What the process is told. */
export interface AutocannonJob {
  readonly origin: string;
  readonly requests: readonly RequestTemplate[];
  readonly connections: number;
  readonly seconds: number;
  readonly nonce: string;
  readonly rows: number;
  /** Requests per second; null for as many as are answered. */
  readonly rate: number | null;
}

/** autocannon, which comes with the project, in a process of its own. Jobs go to `folder`. */
export function createAutocannon(folder: string): LoadTool {
  return {
    name: "autocannon",
    version: readVersion(),
    run: ({ scenario, ...load }, signal) =>
      runAutocannon(folder, { ...load, requests: scenario.requests, rate: null }, signal),
  };
}

/** One job, to its end. */
export async function runAutocannon(folder: string, job: AutocannonJob, signal: AbortSignal): Promise<LoadResult> {
  const file = path.join(folder, "load.json");
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  const script = path.join(import.meta.dirname, "autocannon-process.ts");
  return JSON.parse(await runProgram(process.execPath, ["--no-warnings", script, file], signal));
}

function readVersion(): string {
  const manifest = fileURLToPath(import.meta.resolve("autocannon/package.json"));
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, "utf8"));
  return version;
}
