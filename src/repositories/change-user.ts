import { sql } from "drizzle-orm";

import { users } from "../db/schema.ts";
import { builder, prepareStatement, type Statement } from "../db/statement.ts";
import type { UserPatch } from "../models/user.ts";
import { isTarget, notBefore, type TargetValues } from "./versioned.ts";

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

export function changedFields(patch: UserPatch): readonly Field[] {
  return FIELDS.filter((field) => patch[field] !== undefined);
}

/** Changes the given fields of a user that has one of the expected versions; gives the user, or no row. */
export function prepareUpdate({ fields, isConditional }: ChangeShape): Statement<UpdateValues> {
  return prepareStatement("users.update", "write", (placeholder) => {
    const changes = Object.fromEntries(fields.map((field) => [field, placeholder(field)]));
    return builder
      .update(users)
      .set({
        ...changes,
        updatedAt: notBefore(users.updatedAt, placeholder("updatedAt")),
        version: sql`${users.version} + 1`,
      })
      .where(isTarget(users, placeholder, isConditional))
      .returning();
  });
}

/** Removes a user that has one of the expected versions; whoever expects one would miss it if the removal were repeated. */
export function prepareDelete({ isConditional }: Pick<ChangeShape, "isConditional">): Statement<TargetValues> {
  return prepareStatement("users.delete", isConditional ? "write" : "repeatable-write", (placeholder) =>
    builder.delete(users).where(isTarget(users, placeholder, isConditional)),
  );
}
