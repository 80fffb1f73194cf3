import type { Constraint } from "libpg-query";

import { BLOCKS_DELETE } from "./reasons.ts";
import type { SchemaSoFar } from "./schema-so-far.ts";
import { tableKey } from "./syntax-tree.ts";

/** As PostgreSQL abbreviates ON DELETE CASCADE and ON DELETE SET NULL. */
const [CASCADE, SET_NULL] = ["c", "n"];

/**
 * A row that is referred to cannot be deleted unless the reference says what then becomes of its own row.
 * @param constraints those of `table`, or of a column of it
 * @param isRequired whether a column with this constraint cannot be set to NULL
 */
export function findReferenceDanger(
  constraints: readonly Constraint[],
  table: string,
  schema: SchemaSoFar,
  isRequired: (constraint: Constraint) => boolean,
): string | null {
  const isDangerous = constraints.some((constraint) => {
    if (constraint.contype !== "CONSTR_FOREIGN") return false;
    const target = tableKey(constraint.pktable);
    if (target === table || schema.hasTable(target)) return false;
    const { fk_del_action: onDelete } = constraint;
    return onDelete !== CASCADE && (onDelete !== SET_NULL || isRequired(constraint));
  });
  return isDangerous ? BLOCKS_DELETE : null;
}
