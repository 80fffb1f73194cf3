import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

import { describe, test } from "vitest";

import { type ImportEdge, readEdges } from "../../support/import-graph.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** What bench knows of the API is its bundle, its contract and its migrations, so that code can change beneath a measurement. */
function findViolations(edges: readonly ImportEdge[]): string[] {
  return edges.flatMap(({ from, to, isRelative }) => {
    if (!isRelative) return [];
    const isBench = from.startsWith("bench/");
    const isWorker = from.startsWith("bench/workers/");
    if (isWorker && !to.startsWith("bench/workers/")) return [`${from} runs in a Worker and may not import ${to}`];
    if (isBench && !/^(?:bench|tools)\//.test(to)) return [`${from} may not import ${to}`];
    if (!isBench && to.startsWith("bench/")) return [`${from} may not import ${to}`];
    return [];
  });
}

const edgesOf = (pattern: string): readonly ImportEdge[] =>
  readEdges(
    new Map(
      globSync(pattern, { cwd: ROOT })
        .filter((path) => !path.endsWith(".d.ts"))
        .map((path) => [path.split(sep).join("/"), readFileSync(join(ROOT, path), "utf8")]),
    ),
  );

describe("bench", () => {
  test("imports itself and tools, and is imported by neither tools nor src", ({ expect }) => {
    const edges = edgesOf("{bench,tools,src}/**/*.ts");
    expect(edges.filter(({ from }) => from.startsWith("bench/")).length).toBeGreaterThan(100);
    expect(findViolations(edges)).toEqual([]);
  });

  test.for([
    ["bench/run/a.ts", `import { users } from "../../src/db/schema.ts";`],
    ["bench/workers/starter/a.ts", `import type { Scenario } from "../../scenarios/scenario.ts";`],
    ["tools/a.ts", `import { medianOf } from "../bench/run/summary.ts";`],
    ["src/a.ts", `export * from "../bench/main.ts";`],
  ] as const)("the control: %s", ([path, text], { expect }) => {
    expect(findViolations(readEdges(new Map([[path, text]])))).toEqual([expect.stringContaining(path)]);
  });
});
