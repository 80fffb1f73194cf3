import type {
  AlterEnumStmt,
  AlterObjectSchemaStmt,
  AlterOwnerStmt,
  CreateTrigStmt,
  DropStmt,
  Node,
  RenameStmt,
  VariableSetStmt,
} from "libpg-query";

import { findAlterTableDanger } from "./alter-table.ts";
import {
  findDefinitionDanger,
  findIndexDanger,
  findSchemaDanger,
  findTableAsDanger,
  findTableDanger,
} from "./create.ts";
import { findBlockDanger } from "./do-block.ts";
import { CHANGES_TYPE, REMOVES_ROWS, UNKNOWN } from "./reasons.ts";
import { isRecording } from "./recorders.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, kindOf, namesIn, type NodeKind, type NodeOf, ofKind, someMember, tableKey } from "./syntax-tree.ts";
import { findInsertDanger, findUpdateDanger } from "./writes.ts";

type Rule<Kind extends NodeKind> = (statement: NodeOf<Kind>, schema: SchemaSoFar) => string | null;

const HARMLESS = (): null => null;
const refuse = (reason: string) => (): string => reason;
const STILL_USED = "the running version may still use it";

/** By kind of statement; any other is refused. */
const RULES: { readonly [Kind in NodeKind]?: Rule<Kind> } = {
  CreateStmt: findTableDanger,
  CreateTableAsStmt: findTableAsDanger,
  CreateTrigStmt: findTriggerDanger,
  CreateSchemaStmt: findSchemaDanger,
  IndexStmt: findIndexDanger,
  DefineStmt: findDefinitionDanger,
  CompositeTypeStmt: HARMLESS,
  CreateDomainStmt: HARMLESS,
  CreateEnumStmt: HARMLESS,
  CreateExtensionStmt: HARMLESS,
  CreateFunctionStmt: HARMLESS,
  CreateRangeStmt: HARMLESS,
  CreateSeqStmt: HARMLESS,
  CreateStatsStmt: HARMLESS,
  ViewStmt: HARMLESS,
  AlterTableStmt: findAlterTableDanger,
  AlterEnumStmt: findEnumDanger,
  AlterObjectSchemaStmt: findMoveDanger,
  AlterOwnerStmt: findOwnerDanger,
  AlterTypeStmt: refuse(CHANGES_TYPE),
  RenameStmt: findRenameDanger,
  DropStmt: findDropDanger,
  TruncateStmt: refuse("it removes rows that are in use"),
  DeleteStmt: refuse(REMOVES_ROWS),
  InsertStmt: findInsertDanger,
  UpdateStmt: findUpdateDanger,
  CommentStmt: HARMLESS,
  GrantStmt: findGrantDanger,
  GrantRoleStmt: findGrantDanger,
  VacuumStmt: ({ is_vacuumcmd: isVacuum }) => (isVacuum === true ? UNKNOWN : null),
  VariableSetStmt: findSettingDanger,
  DoStmt: findBlockDanger,
  CallStmt: refuse("what such a block does cannot be seen here"),
};

/** Why the running version may not survive a statement; null when it will. */
export function findStatementDanger(node: Node, schema: SchemaSoFar): string | null {
  if (someMember(node, (name, value) => name === "relpersistence" && value === "t"))
    return "what is temporary can hide a table of the same name from the checks here";
  if (someMember(node, (name, value) => name === "replace" && value === true))
    return "the running version may use what is replaced; create it under a new name";
  return applyRule(kindOf(node), node, schema);
}

function applyRule<Kind extends NodeKind>(kind: Kind, node: Node, schema: SchemaSoFar): string | null {
  const [rule, statement] = [RULES[kind], ofKind(node, kind)];
  if (kind.startsWith("Drop") && rule === undefined) return STILL_USED;
  if (rule === undefined || statement === undefined) return UNKNOWN;
  return rule(statement, schema);
}

/** Others than those that only record may change or refuse what the running version writes. */
function findTriggerDanger(statement: CreateTrigStmt, schema: SchemaSoFar): string | null {
  if (schema.hasTable(tableKey(statement.relation)) || isRecording(statement, schema)) return null;
  return "the trigger acts on what the running version writes";
}

function findEnumDanger({ oldVal: renamed }: AlterEnumStmt): string | null {
  return renamed === undefined ? null : CHANGES_TYPE;
}

function findMoveDanger({ objectType, relation }: AlterObjectSchemaStmt, schema: SchemaSoFar): string | null {
  if (objectType === "OBJECT_TYPE") return CHANGES_TYPE;
  if (objectType !== "OBJECT_TABLE") return UNKNOWN;
  return schema.hasTable(tableKey(relation)) ? null : "the running version looks for the table where it was";
}

function findOwnerDanger({ objectType }: AlterOwnerStmt): string {
  return objectType === "OBJECT_TYPE" ? CHANGES_TYPE : UNKNOWN;
}

function findRenameDanger({ renameType, relationType, relation }: RenameStmt, schema: SchemaSoFar): string | null {
  if (renameType === "OBJECT_TYPE" || renameType === "OBJECT_ATTRIBUTE") return CHANGES_TYPE;
  const isOfTable =
    renameType === "OBJECT_TABLE" ||
    renameType === "OBJECT_TABCONSTRAINT" ||
    (renameType === "OBJECT_COLUMN" && relationType === "OBJECT_TABLE");
  if (!isOfTable) return UNKNOWN;
  return schema.hasTable(tableKey(relation)) ? null : "the running version still uses the old name";
}

function findDropDanger({ removeType, objects }: DropStmt, schema: SchemaSoFar): string | null {
  if (removeType === "OBJECT_INDEX") return "the running version may rely on the index, for speed or for ON CONFLICT";
  if (removeType !== "OBJECT_TABLE") return STILL_USED;
  const tables = allOfKind(objects, "List").map(({ items }) => {
    const [relname = "", schemaname] = namesIn(items).toReversed();
    return tableKey(schemaname === undefined ? { relname } : { schemaname, relname });
  });
  return tables.every((table) => schema.hasTable(table)) ? null : "the running version may still use the table";
}

function findGrantDanger({ is_grant: isGiven }: { readonly is_grant?: boolean }): string | null {
  return isGiven === true ? null : UNKNOWN;
}

const SETTINGS: ReadonlySet<string> = new Set([
  "lock_timeout",
  "statement_timeout",
  "transaction_timeout",
  "maintenance_work_mem",
  "work_mem",
  "client_min_messages",
]);

/** Another search path, for one, would give every name here another meaning. */
function findSettingDanger({ kind, name = "" }: VariableSetStmt): string | null {
  const isReset = kind === "VAR_RESET" || kind === "VAR_RESET_ALL";
  return isReset || SETTINGS.has(name.toLowerCase()) ? null : UNKNOWN;
}
