import { lt } from "drizzle-orm";

import type { QueryRunner } from "../db/query-runner.ts";
import { idempotencyKeys } from "../db/schema.ts";
import type { IdempotencyKeyRepository } from "../models/idempotency.ts";

export function createPostgresIdempotencyKeyRepository({
  queries,
}: {
  readonly queries: QueryRunner;
}): IdempotencyKeyRepository {
  return {
    async deleteExpired(time) {
      const result = await queries.run("idempotency_keys.delete_expired", (db) =>
        db.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, time)),
      );
      return result.rowCount;
    },
  };
}
