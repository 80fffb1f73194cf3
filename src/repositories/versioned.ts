import { and, eq, sql, type AnyColumn, type SQL } from "drizzle-orm";

import type { PlaceholderFor } from "../db/statement.ts";
import type { ExpectedVersions } from "../models/user.ts";

/* What statements share that change one row with an id and a version. */

/** Which row is meant. */
export type TargetValues = {
  readonly id: string;
  /** An array literal of PostgreSQL; only where versions are expected. */
  readonly versions?: string;
};

export function targetValues(id: string, expected: ExpectedVersions): TargetValues {
  return expected === null ? { id } : { id, versions: `{${expected.join(",")}}` };
}

/** The row with the id, and with one of the expected versions. */
export function isTarget(
  { id, version }: { readonly id: AnyColumn; readonly version: AnyColumn },
  value: PlaceholderFor<TargetValues>,
  isConditional: boolean,
): SQL | undefined {
  const isExpected = sql`${version} = any(${value("versions")}::integer[])`;
  return and(eq(id, value("id")), isConditional ? isExpected : undefined);
}

/** Clocks of two isolates may differ; a row's time of change must not go back. */
export function notBefore(updatedAt: AnyColumn, time: ReturnType<PlaceholderFor<TargetValues>>): SQL {
  return sql`greatest(${updatedAt}, ${time}::timestamptz)`;
}
