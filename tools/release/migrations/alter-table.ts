import type { AlterTableCmd, AlterTableStmt, AlterTableType, Constraint, Node } from "libpg-query";

import { replacedChecks } from "./constraints.ts";
import { findColumnReferenceDanger, findNewColumnDanger, mayBeNull } from "./new-column.ts";
import { BREAKS_CONSTRAINT, CHANGES_TYPE, SHARES_ROWS, UNKNOWN } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { NewColumn, SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, namesIn, ofKind, tableKey } from "./syntax-tree.ts";

/** Why the running version may not survive this ALTER TABLE; null when it will. */
export function findAlterTableDanger(statement: AlterTableStmt, schema: SchemaSoFar): string | null {
  const { relation, cmds, objtype } = statement;
  if (objtype !== "OBJECT_TABLE") return objtype === "OBJECT_TYPE" ? CHANGES_TYPE : UNKNOWN;
  const table = tableKey(relation);
  const findDanger = schema.hasTable(table) ? findNewTableDanger : findActionDanger;
  const replaced = replacedChecks(statement, schema);
  for (const action of allOfKind(cmds, "AlterTableCmd")) {
    // That the new rule allows what the running version writes is what its author has thought about.
    if (action.subtype === "AT_DropConstraint" && replaced.has(action.name ?? "")) continue;
    const danger = findDanger(action, table, schema);
    if (danger !== null) return danger;
  }
  return null;
}

type ActionRule = (action: AlterTableCmd, table: string, schema: SchemaSoFar) => string | null;

/** A new table may be changed at will, as long as no table that is in use feels it. */
const findNewTableDanger: ActionRule = ({ def }, table, schema) => {
  const joined = ofKind(def, "PartitionCmd")?.name ?? ofKind(def, "RangeVar");
  if (joined !== undefined && !schema.hasTable(tableKey(joined))) return SHARES_ROWS;
  const [column, constraint] = [ofKind(def, "ColumnDef"), ofKind(def, "Constraint")];
  if (column !== undefined) return findColumnReferenceDanger(column, table, schema);
  return constraint === undefined ? null : findReferenceDanger([constraint], table, schema, () => false);
};

const HARMLESS: ActionRule = () => null;
const LEFT_EMPTY = "the running version may leave the column empty";
const RELIES_ON_DEFAULT = "the running version may rely on the default";

/** What each action may do to a table that is in use; any other is refused. */
const ACTIONS: { readonly [Type in AlterTableType]?: ActionRule } = {
  AT_AddColumn({ def, missing_ok: mayExist = false }, table, schema) {
    const column = ofKind(def, "ColumnDef");
    return column === undefined ? UNKNOWN : findNewColumnDanger(column, { table, mayExist, schema });
  },
  AT_AddConstraint({ def }, table, schema) {
    const constraint = ofKind(def, "Constraint");
    return constraint === undefined ? UNKNOWN : findConstraintDanger(constraint, table, schema);
  },
  AT_AlterColumnType: ({ name = "" }, table, schema) =>
    schema.column(table, name) === undefined ? "the running version expects the old type" : null,
  AT_ColumnDefault: ({ def, name = "" }, table, schema) => findDefaultDanger(def, schema.column(table, name)),
  AT_DropColumn: ({ name = "" }, table, schema) =>
    schema.hasColumn(table, name) ? null : "the running version may still use the column",
  AT_DropConstraint: () => "the running version may rely on the constraint",
  AT_DropNotNull: HARMLESS,
  AT_ResetRelOptions: HARMLESS,
  AT_SetCompression: HARMLESS,
  AT_SetNotNull: () => LEFT_EMPTY,
  AT_SetRelOptions: HARMLESS,
  AT_SetStatistics: HARMLESS,
  AT_SetStorage: HARMLESS,
  AT_ValidateConstraint: HARMLESS,
};

const findActionDanger: ActionRule = (action, table, schema) => {
  const rule = action.subtype === undefined ? undefined : ACTIONS[action.subtype];
  return rule === undefined ? UNKNOWN : rule(action, table, schema);
};

/** NOT VALID spares the old rows and the lock; that the running code keeps the rule is what its author has thought about. */
function findConstraintDanger(constraint: Constraint, table: string, schema: SchemaSoFar): string | null {
  const { contype, keys, fk_attrs: references } = constraint;
  if (contype === "CONSTR_NOTNULL") return LEFT_EMPTY;
  if (constraint.skip_validation === true) return null;
  const isOverNames = contype === "CONSTR_UNIQUE" || contype === "CONSTR_FOREIGN";
  const isKnown = isOverNames && constraint.indexname === undefined && constraint.nulls_not_distinct !== true;
  if (!isKnown || !schema.bind(table, namesIn(references ?? keys))) return BREAKS_CONSTRAINT;
  return findReferenceDanger([constraint], table, schema, () => false);
}

/** What the running version does not name it fills by the default. */
function findDefaultDanger(expression: Node | undefined, column: NewColumn | undefined): string | null {
  if (expression === undefined || column === undefined || mayBeNull(expression)) return RELIES_ON_DEFAULT;
  column.isFilled = true;
  return column.isBound ? BREAKS_CONSTRAINT : null;
}
