import { describe } from "./cpu-profile.ts";
import type { CallFrame, Spent } from "./ranking.ts";
import type { SourceFinder } from "./sources.ts";

/** A node of V8's sampling heap profile. */
export interface HeapNode {
  readonly callFrame: CallFrame;
  /** Bytes that the function itself has allocated. */
  readonly selfSize: number;
  readonly children: readonly HeapNode[];
}

export interface HeapProfile {
  readonly head: HeapNode;
}

/** Allocated bytes by function. */
export function allocations(
  { head }: HeapProfile,
  findSource: SourceFinder,
): readonly (Spent & { readonly group: string })[] {
  return flatten(head).flatMap(({ callFrame, selfSize }) =>
    selfSize === 0 ? [] : [{ ...describe(callFrame, findSource), amount: selfSize }],
  );
}

function flatten(node: HeapNode): readonly HeapNode[] {
  return [node, ...node.children.flatMap(flatten)];
}
