import { STARTUP_DANGER_MS } from "../../bundle/measure.ts";
import type { Deployment } from "../cloudflare/control-plane.ts";
import { formatShares } from "../cloudflare/versions.ts";
import type { Journal, StageNotes } from "../report/journal.ts";
import { StageFailure } from "../stage-failure.ts";
import { assertClean } from "../stages/checked-out.ts";
import { describeDanger, describeStartup } from "../stages/startup-limit.ts";
import { describeMigration, pendingMigrations } from "./class-migrations.ts";
import { type Counts, readMetrics } from "./metrics.ts";
import type { Found, TelemetryPlan, TelemetryPorts } from "./ports.ts";

/** Looks at all that a release of telemetry needs before it changes anything. */
export async function runTelemetryPreflight(
  plan: TelemetryPlan,
  ports: TelemetryPorts,
  notes: StageNotes & Pick<Journal, "found">,
  signal: AbortSignal,
): Promise<Found & { readonly before: Counts }> {
  const checkedOut = await ports.checkedOut();
  notes.found({ commit: checkedOut.commit });
  assertClean(checkedOut);
  notes.detail(`Commit ${checkedOut.commit}: ${checkedOut.subject}`);
  const previous = readPrevious(plan, await ports.forward.deployments());
  notes.found({ previousId: previous });
  notes.detail(`Live is ${previous} at 100 %.`);
  const pending = pendingMigrations(ports.classMigrations(), await ports.appliedTag(signal));
  notes.detail(`Class migrations that are not applied: ${pending.map(describeMigration).join(", ") || "none"}.`);
  const before = await readBefore(plan, ports, signal);
  notes.detail(`/metrics tells of ${before.size} counters.`);
  const startupMs = Math.round(await ports.measureStartup());
  signal.throwIfAborted();
  notes.found({ startupMs });
  if (startupMs > STARTUP_DANGER_MS) throw new StageFailure([describeDanger(startupMs)]);
  notes.detail(`Starts in ${describeStartup(startupMs)}.`);
  notes.detail(await runChecks(plan, ports, checkedOut.commit, signal));
  return { checkedOut, previous, startupMs, pending, before };
}

function readPrevious({ env, worker }: TelemetryPlan, history: readonly Deployment[]): string {
  const [live] = history;
  if (live === undefined) {
    throw new StageFailure([
      `${worker} was never deployed, so there is nothing to go back to. Set it up first: docs/observability.md, Turn it on.`,
    ]);
  }
  const [only, ...others] = live.versions;
  if (only !== undefined && others.length === 0 && only.percentage === 100) return only.versionId;
  const settle = `npx wrangler versions deploy ID@100% -y --config telemetry/wrangler.toml --env ${env}`;
  throw new StageFailure([
    `The live deployment of ${worker} is split: ${formatShares(live.versions)}. Wait until that release is over; if nobody is at it, settle it: ${settle}`,
  ]);
}

/** Also shows that the address is that Worker's, and that the token is right. */
async function readBefore({ url }: TelemetryPlan, { metrics }: TelemetryPorts, signal: AbortSignal): Promise<Counts> {
  const { status, counts, words } = await readMetrics(metrics, null, signal);
  if (status === 200) return counts;
  const advice = status === 403 ? " Check METRICS_TOKEN." : " Check TELEMETRY_URL.";
  throw new StageFailure([`${url}/metrics gives ${status ?? "no answer"}: ${words || "nothing more"}.${advice}`]);
}

async function runChecks(
  { verifiedCommit }: TelemetryPlan,
  { findCheckFailure }: TelemetryPorts,
  commit: string,
  signal: AbortSignal,
): Promise<string> {
  if (verifiedCommit === commit) return "The checks of this commit have passed elsewhere.";
  const failure = await findCheckFailure(signal);
  signal.throwIfAborted();
  if (failure !== null) throw new StageFailure([`The checks fail (npm run verify):\n${failure}`]);
  return "The checks pass.";
}
