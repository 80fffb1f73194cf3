import { type Node, parse, type RangeVar } from "libpg-query";

/** Kinds of nodes in PostgreSQL's syntax tree: `{ DropStmt: { … } }` is one of the kind `DropStmt`. */
export type NodeKind = Node extends infer Each ? (Each extends unknown ? keyof Each : never) : never;
export type NodeOf<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind];

/** One statement as PostgreSQL reads it. */
export interface Statement {
  readonly node: Node;
  /** As it was written. */
  readonly text: string;
}

/**
 * Reads SQL with PostgreSQL's own parser, compiled to WebAssembly.
 * @throws Error in PostgreSQL's words when it is none
 */
export async function readStatements(sql: string): Promise<readonly Statement[]> {
  // The parser refuses nothing at all.
  if (sql.trim() === "") return [];
  const { stmts = [] } = await parse(sql);
  // It counts bytes.
  const bytes = Buffer.from(sql);
  return stmts.flatMap(({ stmt: node, stmt_location: start = 0, stmt_len: length }) => {
    const end = length === undefined ? bytes.length : start + length;
    return node === undefined ? [] : [{ node, text: bytes.subarray(start, end).toString() }];
  });
}

export function kindOf(node: Node): NodeKind {
  // A node has one member, whose name is its kind; Object.keys does not say so.
  return Object.keys(node)[0] as NodeKind;
}

/** What a node holds, if it is of this kind. */
export function ofKind<Kind extends NodeKind>(node: Node | undefined, kind: Kind): NodeOf<Kind> | undefined {
  // Nodes of other kinds have no such member; the compiler cannot narrow a union by a type parameter.
  const held: NodeOf<Kind> | undefined = node === undefined ? undefined : Reflect.get(node, kind);
  return held;
}

export function allOfKind<Kind extends NodeKind>(nodes: readonly Node[] | undefined, kind: Kind): NodeOf<Kind>[] {
  return (nodes ?? []).flatMap((node) => ofKind(node, kind) ?? []);
}

/** The names in a list, as PostgreSQL stores them. */
export function namesIn(nodes: readonly Node[] | undefined): readonly string[] {
  return allOfKind(nodes, "String").map(({ sval = "" }) => sval);
}

/** Whether a member fits, at any depth of the tree. */
export function someMember(tree: unknown, fits: (name: string, value: unknown) => boolean): boolean {
  if (typeof tree !== "object" || tree === null) return false;
  return Object.entries(tree).some(([name, value]) => fits(name, value) || someMember(value, fits));
}

/** A table as one key, with its schema: `public` when none is written. */
export function tableKey(table: Pick<RangeVar, "schemaname" | "relname"> | undefined): string {
  return JSON.stringify([table?.schemaname ?? "public", table?.relname ?? ""]);
}
