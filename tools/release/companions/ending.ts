import { toItem } from "../report/ending.ts";
import type { Outcome } from "../report/outcome.ts";
import type { ReleaseReport } from "../report/report.ts";
import { type Companion, describeCompanionWayOut } from "./companion.ts";
import { TRIGGERS } from "./ports.ts";

/** The last lines of a release of a companion. */
export function describeCompanionEnding(companion: Companion, report: ReleaseReport): string {
  if (report.failedStage === TRIGGERS) return [describeOldTriggers(report), ...report.reasons.map(toItem)].join("\n");
  const lines = [HEADS[report.outcome](report, companion), ...report.reasons.map(toItem)];
  return [...lines, ...(report.outcome === "unverified" ? describeCompanionWayOut(companion, report) : [])].join("\n");
}

/** The version is as it has to be, and nothing is to be taken back. */
function describeOldTriggers({ newId, worker }: ReleaseReport): string {
  return `NOT VERIFIED: ${newId ?? ""} serves all of ${worker} and works, but what triggers it may be as it was before.`;
}

const HEADS: Readonly<Record<Outcome, (report: ReleaseReport, companion: Companion) => string>> = {
  released: ({ newId, worker, ms }, { texts }) =>
    `Released: ${newId ?? ""} serves all of ${worker} after ${(ms / 1000).toFixed(1)} s, ${texts.shown}.`,
  checked: () => "Dry run: everything is ready; nothing was changed.",
  stopped: ({ failedStage, previousId }) =>
    `Stopped at ${failedStage ?? "the start"}: nothing was changed, ${previousId ?? "what was live"} serves as before.`,
  interrupted: ({ failedStage, rollback, previousId }) =>
    `Interrupted at ${failedStage ?? "the start"}: ${rollback === null ? "nothing was changed" : `rolled back, ${previousId ?? ""} serves everything; verified`}.`,
  "rolled-back": ({ failedStage, previousId, worker }) =>
    `Rejected at ${failedStage ?? ""} and rolled back: ${previousId ?? ""} serves all of ${worker}; verified.`,
  unverified: ({ worker }) => `NOT VERIFIED: ${worker} may serve the wrong version, or a bad one.`,
};
