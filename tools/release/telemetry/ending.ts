import { toItem } from "../report/ending.ts";
import type { Outcome } from "../report/outcome.ts";
import type { ReleaseReport } from "../report/report.ts";

/** The last lines of a release of telemetry. */
export function describeTelemetryEnding(report: ReleaseReport): string {
  const lines = [HEADS[report.outcome](report), ...report.reasons.map(toItem)];
  return [...lines, ...(report.outcome === "unverified" ? describeTelemetryWayOut(report.env) : [])].join("\n");
}

const HEADS: Readonly<Record<Outcome, (report: ReleaseReport) => string>> = {
  released: ({ newId, worker, ms }) =>
    `Released: ${newId ?? ""} serves all of ${worker} after ${(ms / 1000).toFixed(1)} s, and counts no less than before.`,
  checked: () => "Dry run: everything is ready; nothing was changed.",
  stopped: ({ failedStage, previousId }) =>
    `Stopped at ${failedStage ?? "the start"}: nothing was changed, ${previousId ?? "what was live"} serves as before.`,
  interrupted: ({ failedStage, rollback, previousId }) =>
    `Interrupted at ${failedStage ?? "the start"}: ${rollback === null ? "nothing was changed" : `rolled back, ${previousId ?? ""} serves everything; verified`}.`,
  "rolled-back": ({ failedStage, previousId, worker }) =>
    `Rejected at ${failedStage ?? ""} and rolled back: ${previousId ?? ""} serves all of ${worker}; verified.`,
  unverified: ({ worker }) => `NOT VERIFIED: ${worker} may serve the wrong version, or a bad one.`,
};

/** Commands for the operator. */
export function describeTelemetryWayOut(env: string): readonly string[] {
  const target = `--config telemetry/wrangler.toml --env ${env}`;
  return [
    "Look what is live:",
    `  npx wrangler deployments list ${target}`,
    "Unless a class migration lies between, give all traffic to the version that is known to be good:",
    `  npx wrangler rollback ID -y ${target}`,
  ];
}
