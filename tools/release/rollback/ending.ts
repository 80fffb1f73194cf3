import { describeWayOut, toItem, type WayOut } from "../report/ending.ts";
import type { ReleaseReport } from "../report/report.ts";

/**
 * The last lines of a rollback; `newId` of its report is the version gone back to.
 * @param wayOut for another Worker than the API
 */
export function describeRollbackEnding(report: ReleaseReport, wayOut: WayOut = describeWayOut): string {
  const { outcome, worker, newId, env } = report;
  const reasons = report.reasons.map(toItem);
  switch (outcome) {
    case "released":
      return `Rolled back: ${newId ?? ""} serves all of ${worker}; verified.`;
    case "stopped":
      return ["Nothing was changed.", ...reasons].join("\n");
    case "interrupted":
      return "Interrupted: nothing was changed.";
    case "checked":
    case "rolled-back":
    case "unverified":
      return [
        `NOT VERIFIED: what serves ${worker} is not certain.`,
        ...reasons,
        ...wayOut({ env, previousId: newId }),
      ].join("\n");
  }
}
