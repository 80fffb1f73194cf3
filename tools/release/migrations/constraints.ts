import type { AlterTableStmt, Constraint, Node } from "libpg-query";

import type { SchemaSoFar } from "./schema-so-far.ts";
import { allOfKind, ofKind, tableKey } from "./syntax-tree.ts";

/** Notes which constraints are CHECKs, by name, as a statement leaves them; one without a name is not noted. */
export function noteConstraints(node: Node, schema: SchemaSoFar): void {
  const [created, altered, renamed] = [
    ofKind(node, "CreateStmt"),
    ofKind(node, "AlterTableStmt"),
    ofKind(node, "RenameStmt"),
  ];
  if (created !== undefined) {
    const ofColumns = allOfKind(created.tableElts, "ColumnDef").flatMap(({ constraints }) =>
      allOfKind(constraints, "Constraint"),
    );
    note(tableKey(created.relation), [...ofColumns, ...allOfKind(created.tableElts, "Constraint")], schema);
  }
  if (altered !== undefined) noteActions(altered, schema);
  // Not worth following: a constraint that has got another name is not known any more.
  if (renamed?.renameType === "OBJECT_TABCONSTRAINT")
    schema.setCheck(tableKey(renamed.relation), renamed.subname ?? "", false);
}

/** Drops come first, as PostgreSQL does them. */
function noteActions({ relation, cmds }: AlterTableStmt, schema: SchemaSoFar): void {
  const [table, actions] = [tableKey(relation), allOfKind(cmds, "AlterTableCmd")];
  for (const { subtype, name = "" } of actions)
    if (subtype === "AT_DropConstraint") schema.setCheck(table, name, false);
  const added = actions.flatMap(({ def }) => {
    const column = ofKind(def, "ColumnDef");
    return column === undefined ? (ofKind(def, "Constraint") ?? []) : allOfKind(column.constraints, "Constraint");
  });
  note(table, added, schema);
}

function note(table: string, constraints: readonly Constraint[], schema: SchemaSoFar): void {
  for (const { conname, contype } of constraints)
    if (conname !== undefined) schema.setCheck(table, conname, contype === "CONSTR_CHECK");
}

/** Names of the CHECKs that a statement drops and adds again under their names: what refers to them by name still does. */
export function replacedChecks({ relation, cmds }: AlterTableStmt, schema: SchemaSoFar): ReadonlySet<string> {
  const actions = allOfKind(cmds, "AlterTableCmd");
  const added = actions.flatMap(({ subtype, def }) =>
    subtype === "AT_AddConstraint" ? (ofKind(def, "Constraint") ?? []) : [],
  );
  const names = added.flatMap(({ conname, contype }) => (contype === "CONSTR_CHECK" ? (conname ?? []) : []));
  return new Set(names.filter((name) => schema.isCheck(tableKey(relation), name)));
}
