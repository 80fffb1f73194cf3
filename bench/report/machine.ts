import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem, type } from "node:os";

import { ROOT, workerdVersion } from "../../tools/workerd/wrangler-packages.ts";
import type { LoadTool } from "../load/load.ts";

/** Where the numbers come from: without it they mean nothing. */
export interface Machine {
  readonly processors: number;
  readonly processor_model: string;
  readonly memory_gib: number;
  readonly kernel: string;
  readonly commit: string;
  readonly node: string;
  readonly workerd: string;
  /** Null where none took part. */
  readonly postgresql: string | null;
  readonly load_tool: string | null;
}

export function describeMachine(postgresql: string | null, tool: Pick<LoadTool, "name" | "version"> | null): Machine {
  return {
    processors: availableParallelism(),
    processor_model: cpus()[0]?.model.trim() ?? "unknown",
    memory_gib: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    kernel: `${type()} ${release()}`,
    commit: readCommit(),
    node: process.versions.node,
    workerd: workerdVersion(),
    postgresql,
    load_tool: tool === null ? null : `${tool.name} ${tool.version}`,
  };
}

/** The commit that is checked out, with a mark when the sources differ from it. */
function readCommit(): string {
  try {
    const git = (...args: string[]): string => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
    const isChanged = git("status", "--porcelain", "--untracked-files=no") !== "";
    return `${git("rev-parse", "--short=12", "HEAD")}${isChanged ? " with changes" : ""}`;
  } catch {
    return "unknown";
  }
}

/** The same for people. */
export function machineLines(machine: Machine): string[] {
  const { processors, processor_model: model, memory_gib: memory, kernel, commit } = machine;
  const versions = [
    `Node ${machine.node}`,
    `workerd ${machine.workerd}`,
    ...(machine.postgresql === null ? [] : [`PostgreSQL ${machine.postgresql}`]),
    ...(machine.load_tool === null ? [] : [machine.load_tool]),
  ];
  return [`${processors} × ${model}, ${memory} GiB, ${kernel}; commit ${commit}`, versions.join(", ")];
}
