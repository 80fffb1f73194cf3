import { posix } from "node:path";

import { parseAst } from "vitest/node";

/** One import as written: the target is a project path when relative, else the package's name. */
export interface ImportEdge {
  readonly from: string;
  readonly specifier: string;
  readonly to: string;
  readonly isRelative: boolean;
  readonly isTypeOnly: boolean;
}

interface AstNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

type FoundImport = Pick<ImportEdge, "specifier" | "isTypeOnly">;

/** Stands for `import(expression)`: nobody can say where it leads, so no rule lets it pass. */
export const COMPUTED_SPECIFIER = "(computed)";

const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

const literalValue = (node: unknown): string =>
  isNode(node) && node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : COMPUTED_SPECIFIER;

function importOf(node: AstNode): FoundImport | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return { specifier: literalValue(node["source"]), isTypeOnly: node["importKind"] === "type" };
    case "ExportAllDeclaration":
      return { specifier: literalValue(node["source"]), isTypeOnly: node["exportKind"] === "type" };
    case "ExportNamedDeclaration":
      if (!isNode(node["source"])) return undefined;
      return { specifier: literalValue(node["source"]), isTypeOnly: node["exportKind"] === "type" };
    case "ImportExpression":
      return { specifier: literalValue(node["source"]), isTypeOnly: false };
    case "TSImportType":
      return { specifier: literalValue(node["source"]), isTypeOnly: true };
    default:
      return undefined;
  }
}

/** Every import of a module: static, dynamic, type-only, re-exported, and `import("…")` in a type. */
export function readImports(source: string): FoundImport[] {
  const found: FoundImport[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isNode(value)) {
      const entry = importOf(value);
      if (entry) found.push(entry);
      Object.values(value).forEach(visit);
    }
  };
  visit(parseAst(source, { lang: "ts" }));
  return found;
}

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** All imports of the given files (project path to text), each resolved to the path or package it names. */
export function readEdges(files: ReadonlyMap<string, string>): ImportEdge[] {
  return [...files].flatMap(([from, text]) =>
    readImports(text).map(({ specifier, isTypeOnly }) => {
      const isRelative = specifier.startsWith(".");
      const to = isRelative ? posix.join(posix.dirname(from), specifier) : packageName(specifier);
      return { from, specifier, to, isRelative, isTypeOnly };
    }),
  );
}

/** One closed path for each import that leads back to a module being visited; types count too. */
export function findCycles(edges: readonly ImportEdge[]): string[][] {
  const next = Map.groupBy(
    edges.filter(({ isRelative }) => isRelative),
    ({ from }) => from,
  );
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path]);
    if (start >= 0 || done.has(path)) return;
    for (const { to } of next.get(path) ?? []) visit(to, [...trail, path]);
    done.add(path);
  };
  for (const path of next.keys()) visit(path, []);
  return cycles;
}
