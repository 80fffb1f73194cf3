import { existsSync, readFileSync } from "node:fs";

import { z } from "zod";

/** The part of the release command's report that the rehearsal looks at. */
const schema = z.object({
  failedStage: z.string().nullable(),
  reasons: z.array(z.string()),
  stages: z.array(
    z.object({
      name: z.string(),
      startedAt: z.string(),
      ms: z.number(),
      outcome: z.string(),
      foundBy: z.array(z.string()).optional(),
    }),
  ),
  rollback: z.object({ startedAt: z.string(), ms: z.number(), verified: z.boolean() }).nullable(),
});

export type ReleaseSummary = z.infer<typeof schema>;

/** Null when the command has not written one. Throws when it is not what a report looks like. */
export function readReleaseReport(file: string): ReleaseSummary | null {
  return existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, "utf8"))) : null;
}

/** The sources that spoke against the version; none when it was not measurements that stopped it. */
export function sourcesOf(report: ReleaseSummary | null): readonly string[] {
  return report?.stages.find(({ name }) => name === report.failedStage)?.foundBy ?? [];
}

/** When the rollback was verified, and when the stage that was not passed began: milliseconds since 1970. */
export function rollbackTimes(report: ReleaseSummary | null): { failedAt: number | null; verifiedAt: number | null } {
  const failed = report?.stages.find(({ name }) => name === report.failedStage);
  const rollback = report?.rollback ?? null;
  return {
    failedAt: failed === undefined ? null : Date.parse(failed.startedAt),
    verifiedAt: rollback?.verified === true ? Date.parse(rollback.startedAt) + rollback.ms : null,
  };
}
