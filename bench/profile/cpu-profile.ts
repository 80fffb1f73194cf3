import type { CallFrame, Spent } from "./ranking.ts";
import { groupOf, type SourceFinder } from "./sources.ts";

/** A CPU profile of V8, the fields that are read here. */
export interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Time spent in itself by one function, in microseconds. */
export interface SelfTime extends Spent {
  /** Package or folder; of the runtime's own work, its name. */
  readonly group: string;
}

/** Self time by function, waiting left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, findSource: SourceFinder): readonly SelfTime[] {
  const perNode = new Map<number, number>();
  samples.forEach((id, place) => perNode.set(id, (perNode.get(id) ?? 0) + (timeDeltas[place] ?? 0)));
  return nodes.flatMap(({ id, callFrame }) => {
    const amount = perNode.get(id) ?? 0;
    return amount === 0 || callFrame.functionName === "(idle)" ? [] : [{ ...describe(callFrame, findSource), amount }];
  });
}

/** A function's name with its file, and what the file belongs to. */
export function describe(
  { functionName, url, lineNumber }: CallFrame,
  findSource: SourceFinder,
): { readonly name: string; readonly group: string } {
  const file = url === "" ? null : findSource(lineNumber);
  if (functionName.startsWith("(")) return { name: functionName, group: functionName };
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (file === null) return { name: `${name}  (runtime)`, group: "(runtime)" };
  return { name: `${name}  ${file.replace(/^.*node_modules\//, "")}:${lineNumber + 1}`, group: groupOf(file) };
}
