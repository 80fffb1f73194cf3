import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

import type { LoadTool } from "../load/load.ts";
import { workerdVersion } from "../stack/wrangler-packages.ts";

/** Where the numbers come from: without it they mean nothing. */
export interface Machine {
  readonly processors: number;
  readonly processor_model: string;
  readonly memory_gib: number;
  readonly kernel: string;
  readonly commit: string;
  readonly node: string;
  readonly workerd: string;
  readonly postgresql: string;
  readonly load_tool: string;
}

export function describeMachine(postgresql: string, tool: LoadTool, root: string): Machine {
  return {
    processors: availableParallelism(),
    processor_model: cpus()[0]?.model.trim() ?? "unknown",
    memory_gib: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    kernel: `${type()} ${release()}`,
    commit: readCommit(root),
    node: process.versions.node,
    workerd: workerdVersion(),
    postgresql,
    load_tool: `${tool.name} ${tool.version}`,
  };
}

/** The commit that is checked out, with a mark when the sources differ from it. */
function readCommit(root: string): string {
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short=12", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return "unknown";
  }
}
