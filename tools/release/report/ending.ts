import type { Outcome } from "./outcome.ts";
import type { ReleaseReport } from "./report.ts";

/** The last lines of a release: what is live now, why, and what to do if that is not certain. */
export function describeEnding(report: ReleaseReport, wasInterrupted: boolean): string {
  const lines = [HEADS[report.outcome](report), ...listReasons(report)];
  if (report.outcome === "released" && wasInterrupted) lines.push("The interruption came too late to stop it.");
  if (report.migrations.length > 0) lines.push(MIGRATIONS_STAY);
  if (report.outcome === "unverified")
    lines.push(...(isTheirs(report) ? describeTheirs(report) : describeWayOut(report)));
  return lines.join("\n");
}

/** Whatever became of the version. */
const MIGRATIONS_STAY =
  "Migrations were applied, which nobody may edit from now on: npm run db:release notes them; commit it.";

const HEADS: Readonly<Record<Outcome, (report: ReleaseReport) => string>> = {
  released: ({ newId, worker, ms }) =>
    `Released: ${newId ?? ""} serves all of ${worker} after ${(ms / 1000).toFixed(1)} s.`,
  checked: () => "Dry run: everything is ready; nothing was changed.",
  stopped: ({ failedStage, previousId }) =>
    `Stopped at ${failedStage ?? "the start"}: no deployment was changed, ${previousId ?? "what was live"} serves as before.`,
  interrupted: (report) => `Interrupted at ${report.failedStage ?? "the start"}: ${describeInterrupted(report)}`,
  "rolled-back": ({ failedStage, previousId, worker }) =>
    `Rejected at ${failedStage ?? ""} and rolled back: ${previousId ?? ""} serves all of ${worker}; verified.`,
  unverified: ({ worker }) => `NOT VERIFIED: ${worker} may be split between two versions, or serve the wrong one.`,
};

function describeInterrupted({ rollback, previousId, worker, migrations }: ReleaseReport): string {
  if (rollback !== null) return `rolled back, ${previousId ?? ""} serves all of ${worker}; verified.`;
  if (migrations.length === 0) return "no deployment was changed.";
  return `no deployment was changed. These migrations stay, which is safe because they only expand: ${migrations.join(", ")}.`;
}

const SHOWN_REASONS = 5;

/** All of them stand above, where their stage has ended; but what an operator must look at is not left out. */
function listReasons({ outcome, reasons }: ReleaseReport): readonly string[] {
  if (outcome === "unverified" || reasons.length <= SHOWN_REASONS) return reasons.map(toItem);
  return [...reasons.slice(0, SHOWN_REASONS).map(toItem), `  and ${reasons.length - SHOWN_REASONS} more, above`];
}

export function toItem(reason: string): string {
  return `  - ${reason.replaceAll("\n", "\n    ")}`;
}

function isTheirs({ rollback }: ReleaseReport): boolean {
  return rollback?.by === "someone else" && !rollback.verified;
}

/** Somebody else may have had a reason: theirs is not to be overwritten unseen. */
function describeTheirs({ env, previousId }: Pick<ReleaseReport, "env" | "previousId">): readonly string[] {
  const [, list = "", , command = ""] = describeWayOut({ env, previousId });
  return [
    "It was left as they have made it, and is theirs now. Look first, and ask who has done it:",
    list,
    "Only if nobody is at it and it is wrong, give all traffic back to what served before:",
    command,
  ];
}

/** Gives commands for the operator. */
export type WayOut = (report: Pick<ReleaseReport, "env" | "previousId">) => readonly string[];

/** Those of the API, with the id, because a rollback without one may go to the bad version. */
export function describeWayOut({ env, previousId }: Pick<ReleaseReport, "env" | "previousId">): readonly string[] {
  return [
    "Look what is live:",
    `  npx wrangler deployments list --env ${env}`,
    "Give all traffic to the version that is known to be good:",
    `  npm run rollback -- --env ${env}${previousId === null ? "" : ` --to ${previousId}`}`,
  ];
}
