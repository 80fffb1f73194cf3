import type { ColumnDef, Constraint, ConstrType, Node, TypeName } from "libpg-query";

import { BREAKS_CONSTRAINT } from "./reasons.ts";
import { findReferenceDanger } from "./references.ts";
import type { NewColumn, SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, namesIn, someMember } from "./syntax-tree.ts";

/** A column's definition, sorted by what it says. */
interface Definition {
  readonly constraints: readonly Constraint[];
  readonly has: (...types: readonly ConstrType[]) => boolean;
  readonly isSerial: boolean;
}

/** Why the running version may not survive a new column, which it does not know, in a table that it uses. */
export function findNewColumnDanger(
  column: ColumnDef,
  { table, mayExist, schema }: { readonly table: string; readonly mayExist: boolean; readonly schema: SchemaSoFar },
): string | null {
  const definition = readDefinition(column);
  const state: NewColumn = {
    isFilled: definition.isSerial || definition.has("CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"),
    isBound: definition.has("CONSTR_UNIQUE", "CONSTR_PRIMARY", "CONSTR_FOREIGN"),
  };
  // A column that may be there already may be in use.
  if (!mayExist) schema.addColumn(table, column.colname ?? "", state);
  return (
    findValueDanger(definition, state) ??
    findRuleDanger(definition, state) ??
    findColumnReferenceDanger(column, table, schema)
  );
}

/** A reference in the definition of a column. */
export function findColumnReferenceDanger(column: ColumnDef, table: string, schema: SchemaSoFar): string | null {
  const { constraints } = readDefinition(column);
  return findReferenceDanger(constraints, table, schema, () => isRequiredColumn(column));
}

/** Whether its definition does not allow NULL. */
export function isRequiredColumn(column: ColumnDef): boolean {
  return readDefinition(column).has("CONSTR_NOTNULL", "CONSTR_PRIMARY");
}

/** Whether an expression may be NULL by what is written in it. */
export function mayBeNull(expression: Node | undefined): boolean {
  return someMember(
    expression,
    (name, value) =>
      (name === "isnull" && value === true) ||
      value === "AEXPR_NULLIF" ||
      (name === "CaseExpr" && !(typeof value === "object" && value !== null && "defresult" in value)),
  );
}

function readDefinition({ constraints: nodes, typeName }: ColumnDef): Definition {
  const constraints = allOfKind(nodes, "Constraint");
  return {
    constraints,
    has: (...types) => constraints.some(({ contype }) => contype !== undefined && types.includes(contype)),
    isSerial: isSerial(typeName),
  };
}

function findValueDanger({ constraints, has }: Definition, { isFilled }: NewColumn): string | null {
  const isEmpty =
    !isFilled || constraints.some(({ contype, raw_expr: value }) => contype === "CONSTR_DEFAULT" && mayBeNull(value));
  if (has("CONSTR_NOTNULL", "CONSTR_PRIMARY") && isEmpty)
    return "the running version does not fill the new required column";
  return has("CONSTR_GENERATED") ? "what the running version writes may not allow to compute the new column" : null;
}

/** NULL is unique and refers to nothing, and so are the numbers of a sequence unique; a default is neither. */
function findRuleDanger({ constraints, has }: Definition, { isFilled, isBound }: NewColumn): string | null {
  const isBroken =
    has("CONSTR_CHECK") ||
    constraints.some(({ nulls_not_distinct: countsNulls }) => countsNulls === true) ||
    (isBound && has("CONSTR_DEFAULT")) ||
    (isFilled && has("CONSTR_FOREIGN"));
  return isBroken ? BREAKS_CONSTRAINT : null;
}

const SERIAL_TYPES = new Set(["serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"]);

function isSerial(type: TypeName | undefined): boolean {
  const [name = "", ...others] = namesIn(type?.names);
  return others.length === 0 && SERIAL_TYPES.has(name);
}
