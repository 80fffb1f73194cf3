import { type CreateTrigStmt, type Node, parsePlPgSQLSync, parseSync } from "libpg-query";

import type { SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, namesIn, ofKind, someMember, tableKey } from "./syntax-tree.ts";

/**
 * Notes a function that can do no more, as a trigger, than record what was written: in PL/pgSQL, as its owner (whoever writes
 * may have no right to what it records in), and made of nothing but choices, NULL as its answer, and writes to tables that
 * are new. What it calls, and whether its writes can fail, is for the reviewer to see.
 */
export function noteRecorder(node: Node, text: string, schema: SchemaSoFar, isHarmless: (node: Node) => boolean): void {
  const statement = ofKind(node, "CreateFunctionStmt");
  if (statement === undefined || !namesIn(statement.returnType?.names).includes("trigger")) return;
  const options = allOfKind(statement.options, "DefElem");
  const isOwners = options.some(
    ({ defname, arg }) => defname === "security" && ofKind(arg, "Boolean")?.boolval === true,
  );
  const language = ofKind(options.find(({ defname }) => defname === "language")?.arg, "String")?.sval;
  if (language !== "plpgsql" || !isOwners || !onlyRecords(parsePlPgSQLSync(text), isHarmless)) return;
  schema.addRecorder(functionKey(statement.funcname));
}

/** Whether a trigger does nothing to what the running version writes: it runs afterwards, for each row, and records. */
export function isRecording({ timing = 0, row, isconstraint, funcname }: CreateTrigStmt, schema: SchemaSoFar): boolean {
  return timing === 0 && row === true && isconstraint !== true && schema.hasRecorder(functionKey(funcname));
}

function functionKey(names: readonly Node[] | undefined): string {
  const [relname = "", schemaname] = namesIn(names).toReversed();
  return tableKey(schemaname === undefined ? { relname } : { schemaname, relname });
}

const CHOICES: ReadonlySet<string> = new Set(["PLpgSQL_stmt_block", "PLpgSQL_stmt_if"]);

function onlyRecords(body: unknown, isHarmless: (node: Node) => boolean): boolean {
  return !someMember(body, (name, value) => {
    if (name === "exceptions") return true;
    if (!name.startsWith("PLpgSQL_stmt_") || CHOICES.has(name)) return false;
    const query = queryOf(value);
    if (name === "PLpgSQL_stmt_return") return query !== "NULL";
    return name !== "PLpgSQL_stmt_execsql" || query === null || !isOne(query, isHarmless);
  });
}

/** The SQL of a statement of PL/pgSQL; null when it has none, or more than one. */
function queryOf(statement: unknown): string | null {
  const found: string[] = [];
  someMember(statement, (name, value) => {
    if (name === "query" && typeof value === "string") found.push(value);
    return false;
  });
  return found.length === 1 ? (found[0] ?? null) : null;
}

function isOne(query: string, isHarmless: (node: Node) => boolean): boolean {
  const nodes = (parseSync(query).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
  return nodes.length === 1 && nodes.every(isHarmless);
}
