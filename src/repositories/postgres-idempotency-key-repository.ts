import { lt } from "drizzle-orm";

import type { QueryRunner } from "../db/query-runner.ts";
import { idempotencyKeys } from "../db/schema.ts";
import { builder, prepareStatement } from "../db/statement.ts";
import type { IdempotencyKeyRepository } from "../models/idempotency.ts";

/** `time` is RFC 3339. */
const deleteExpired = prepareStatement<{ readonly time: string }>(
  "idempotency_keys.delete_expired",
  "repeatable-write",
  (value) => builder.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, value("time"))),
);

export function createPostgresIdempotencyKeyRepository({
  queries,
}: {
  readonly queries: QueryRunner;
}): IdempotencyKeyRepository {
  return {
    deleteExpired: (time, context) =>
      queries.run(context, {
        statement: deleteExpired,
        values: { time: time.toISOString() },
        read: ({ rowCount }) => rowCount,
      }),
  };
}
