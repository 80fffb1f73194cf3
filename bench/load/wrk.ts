import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";

import { ANSWER_TIMEOUT_SECONDS, type LoadResult, type LoadTool } from "./load.ts";
import { runProgram } from "./program.ts";
import { RESULT_MARK, toWrkScript } from "./wrk-script.ts";

/** One thread of wrk is far from busy with what a Worker answers; a second one would take a processor from it. */
const CONNECTIONS_PER_THREAD = 64;
const MAX_THREADS = 2;

/** wrk, where it is installed; null elsewhere. Scripts go to `folder`. */
export function findWrk(folder: string): LoadTool | null {
  const { stdout, error } = spawnSync("wrk", ["-v"], { encoding: "utf8" });
  if (error !== undefined) return null;
  return {
    name: "wrk",
    version: /^wrk (?:debian\/)?(\S+)/m.exec(stdout)?.[1] ?? "unknown",
    async run(load, signal) {
      const threads = load.connections > CONNECTIONS_PER_THREAD ? MAX_THREADS : 1;
      const script = path.join(folder, "load.lua");
      writeFileSync(script, toWrkScript(load, threads), { mode: 0o600 });
      const args = [
        `-t${threads}`,
        `-c${load.connections}`,
        `-d${load.seconds}s`,
        `--timeout=${ANSWER_TIMEOUT_SECONDS}s`,
      ];
      return readResult(await runProgram("wrk", [...args, "-s", script, load.origin], signal));
    },
  };
}

interface Printed {
  readonly requests: number;
  readonly durationUs: number;
  readonly refusals: number;
  readonly socketErrors: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

function readResult(output: string): LoadResult {
  const line = output.split("\n").find((text) => text.startsWith(RESULT_MARK));
  if (line === undefined) throw new Error(`wrk printed no result:\n${output.trim()}`);
  const { requests, durationUs, refusals, socketErrors, p50Us, p99Us }: Printed = JSON.parse(
    line.slice(RESULT_MARK.length),
  );
  return {
    requests,
    rps: (requests * 1_000_000) / durationUs,
    p50Ms: p50Us / 1_000,
    p99Ms: p99Us / 1_000,
    refusals,
    socketErrors,
  };
}
