import { and, eq, sql, type SQL } from "drizzle-orm";

import { users } from "../db/schema.ts";
import { builder, prepareStatement, type PlaceholderFor, type Statement } from "../db/statement.ts";
import type { UserPatch } from "../models/user.ts";

/*
 * Both statements make the change in a CTE and join its result with the row as it was before: no row means that
 * there is no such user, a row without a result that it has another version than expected.
 */

/** Which user is meant. */
export type TargetValues = {
  readonly id: string;
  /** An array literal of PostgreSQL; only where versions are expected. */
  readonly versions?: string;
};

/** Values of a change; of the fields only those that the statement sets. */
export type UpdateValues = TargetValues & { readonly [Name in Field]?: string | undefined } & {
  /** RFC 3339. */
  readonly updatedAt: string;
};

const FIELDS = ["username", "email", "fullName"] as const;

type Field = (typeof FIELDS)[number];

/** Which of the statements for changes is meant. */
export interface ChangeShape {
  readonly fields: readonly Field[];
  readonly isConditional: boolean;
}

export function fieldsOf(patch: UserPatch): readonly Field[] {
  return FIELDS.filter((field) => patch[field] !== undefined);
}

/** Changes the given fields of a user that has one of the expected versions. */
export function prepareUpdate({ fields, isConditional }: ChangeShape): Statement<UpdateValues> {
  return prepareStatement("users.update", (placeholder) => {
    const changes = Object.fromEntries(fields.map((field) => [field, placeholder(field)]));
    const changed = builder.$with("changed").as(
      builder
        .update(users)
        .set({ ...changes, updatedAt: notBefore(placeholder("updatedAt")), version: sql`${users.version} + 1` })
        .where(matches(placeholder, isConditional))
        .returning(),
    );
    const { id, username, email, fullName, createdAt, updatedAt, version } = changed;
    return builder
      .with(changed)
      .select({ id, username, email, fullName, createdAt, updatedAt, version })
      .from(users)
      .leftJoin(changed, eq(changed.id, users.id))
      .where(eq(users.id, placeholder("id")));
  });
}

/** Removes a user that has one of the expected versions. */
export function prepareDelete({ isConditional }: Pick<ChangeShape, "isConditional">): Statement<TargetValues> {
  return prepareStatement("users.delete", (placeholder) => {
    const removed = builder
      .$with("removed")
      .as(builder.delete(users).where(matches(placeholder, isConditional)).returning({ id: users.id }));
    return builder
      .with(removed)
      .select({ removedId: removed.id })
      .from(users)
      .leftJoin(removed, eq(removed.id, users.id))
      .where(eq(users.id, placeholder("id")));
  });
}

function matches(placeholder: PlaceholderFor<TargetValues>, isConditional: boolean): SQL | undefined {
  const isExpected = sql`${users.version} = any(${placeholder("versions")}::integer[])`;
  return and(eq(users.id, placeholder("id")), isConditional ? isExpected : undefined);
}

/** Clocks of two isolates may differ; a user's time of change must not go back. */
function notBefore(time: ReturnType<PlaceholderFor<TargetValues>>): SQL {
  return sql`greatest(${users.updatedAt}, ${time}::timestamptz)`;
}
