import { STARTUP_DANGER_MS } from "../../bundle/measure.ts";
import type { Deployment } from "../cloudflare/control-plane.ts";
import { formatShares } from "../cloudflare/versions.ts";
import type { Journal, StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import { assertClean } from "../stages/checked-out.ts";
import { runChecks } from "../stages/project-checks.ts";
import { describeDanger, describeStartup } from "../stages/startup-limit.ts";
import { describeMigration, pendingMigrations } from "./class-migrations.ts";
import { type Companion, configOf } from "./companion.ts";
import type { CompanionPlan, CompanionPorts, Found } from "./ports.ts";

interface PreflightRun {
  readonly companion: Companion;
  readonly plan: CompanionPlan;
  readonly ports: CompanionPorts;
  readonly signal: AbortSignal;
}

/** Looks at all that a release of a companion needs before it changes anything. */
export async function runCompanionPreflight(
  { companion, plan, ports, signal }: PreflightRun,
  notes: StageNotes & Pick<Journal, "found">,
): Promise<Found> {
  const checkedOut = await ports.checkedOut();
  notes.found({ commit: checkedOut.commit });
  assertClean(checkedOut);
  notes.detail(`Commit ${checkedOut.commit}: ${checkedOut.subject}`);
  const previous = readPrevious(companion, plan, await ports.forward.deployments());
  notes.found({ previousId: previous });
  notes.detail(`Live is ${previous} at 100 %.`);
  const pending = pendingMigrations(await ports.classMigrations(), await ports.appliedTag(signal));
  notes.detail(`Class migrations that are not applied: ${pending.map(describeMigration).join(", ") || "none"}.`);
  notes.detail(await ports.looks.before(signal));
  const startupMs = Math.round(await ports.measureStartup());
  signal.throwIfAborted();
  notes.found({ startupMs });
  if (startupMs > STARTUP_DANGER_MS) throw new StageFailure([describeDanger(startupMs)]);
  notes.detail(`Starts in ${describeStartup(startupMs)}.`);
  notes.detail(await runChecks(plan, ports, checkedOut.commit, signal));
  return { checkedOut, previous, startupMs, pending };
}

function readPrevious(companion: Companion, { env, worker }: CompanionPlan, history: readonly Deployment[]): string {
  const [live] = history;
  if (live === undefined) {
    throw new StageFailure([
      `${worker} was never deployed, so there is nothing to go back to. Set it up first: ${companion.texts.setUp}.`,
    ]);
  }
  const [only, ...others] = live.versions;
  if (only !== undefined && others.length === 0 && only.percentage === 100) return only.versionId;
  const settle = `npx wrangler versions deploy ID@100% -y --config ${configOf(companion)} --env ${env}`;
  throw new StageFailure([
    `The live deployment of ${worker} is split: ${formatShares(live.versions)}. Wait until that release is over; if nobody is at it, settle it: ${settle}`,
  ]);
}
