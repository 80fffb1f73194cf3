import type { VersionShare } from "./cloudflare/control-plane.ts";
import type { ReleaseParts, ReleasePlan } from "./parts.ts";
import type { Journal } from "./report/journal.ts";
import { formatPlan } from "./report/plan.ts";
import type { ReleaseReport } from "./report/report.ts";
import { ForeignDeploymentError, reasonsOf, StageFailure } from "./stage-failure.ts";
import { assertUnchanged } from "./stages/checked-out.ts";
import { completeRelease } from "./stages/complete.ts";
import { joinAtZero } from "./stages/join.ts";
import { applyMigrations, checkMigrations } from "./stages/migrate.ts";
import { type Preflight, runPreflight } from "./stages/preflight.ts";
import { rollBack } from "./stages/roll-back.ts";
import { smokeTest } from "./stages/smoke.ts";
import { takeStep } from "./stages/step.ts";
import { uploadVersion } from "./stages/upload.ts";
import { createTraffic, type Traffic } from "./traffic/traffic.ts";

export interface ReleaseRun {
  readonly plan: ReleasePlan;
  readonly parts: ReleaseParts;
  readonly journal: Journal;
  /** Interrupts the release: it then leaves a safe state. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Told what is live, whenever that changes. */
  readonly onTraffic: (shares: readonly VersionShare[], release: Pick<Preflight, "previous">) => void;
}

/** Releases what is checked out, or leaves everything as it was; the report says which. Never throws because of what it meets. */
export async function runRelease(run: ReleaseRun): Promise<ReleaseReport> {
  const { plan, parts, journal, signal } = run;
  let traffic: Traffic | null = null;
  try {
    const { checkedOut, previous } = await prepare(run);
    if (plan.isDryRun) return journal.report("checked", []);
    const candidate = await journal.stage({ name: "upload", signal }, async (notes) => {
      signal.throwIfAborted();
      return await uploadVersion(parts, checkedOut, notes);
    });
    journal.found({ newId: candidate });
    traffic = openTraffic(run, previous, candidate);
    await rollOut(run, traffic);
    return journal.report("released", []);
  } catch (error) {
    return await settle(run, traffic, error);
  }
}

/** Up to the point where the deployment begins to change. */
async function prepare({ plan, parts, journal, signal }: ReleaseRun): Promise<Preflight> {
  const found = await journal.stage({ name: "preflight", signal }, (notes) =>
    runPreflight(plan, parts, { ...notes, found: (one) => journal.found(one) }, signal),
  );
  await journal.stage({ name: "migrate", signal }, async (notes) => {
    const pending = await checkMigrations(parts, notes, signal);
    const text = formatPlan(
      plan,
      found,
      pending.map(({ name }) => name),
    );
    if (plan.isDryRun) {
      await dryRun(parts, notes, text);
      return;
    }
    if (!(await parts.confirm(text, signal))) throw new StageFailure(["Not confirmed."]);
    signal.throwIfAborted();
    await assertUnchanged(parts, found.checkedOut);
    if (pending.length > 0) journal.found({ migrations: await applyMigrations(parts, pending, notes) });
  });
  return found;
}

async function dryRun({ tryBuild }: ReleaseParts, notes: { detail(text: string): void }, text: string): Promise<void> {
  await tryBuild();
  notes.detail("The version builds.");
  notes.detail(text);
}

function openTraffic({ parts, signal, note, onTraffic }: ReleaseRun, previous: string, candidate: string): Traffic {
  const { forward, recovery, clock } = parts;
  const onChange = (shares: readonly VersionShare[]): void => onTraffic(shares, { previous });
  return createTraffic({ forward, recovery, previous, candidate, clock, signal, note, onChange });
}

async function rollOut({ plan, parts, journal, signal }: ReleaseRun, traffic: Traffic): Promise<void> {
  await journal.stage({ name: "0 %", percentage: 0, signal }, (notes) => joinAtZero(traffic, parts, notes, signal));
  await journal.stage({ name: "smoke", signal }, (notes) => smokeTest(parts, traffic.candidate, notes, signal));
  for (const percentage of plan.steps) {
    const step = { percentage, bakeMs: plan.bakeMs };
    await journal.stage({ name: `${percentage} %`, percentage, signal }, (notes) =>
      takeStep(step, traffic, parts, notes, signal),
    );
  }
  await journal.stage({ name: "complete", percentage: 100, signal }, (notes) => completeRelease(traffic, parts, notes));
}

/** After a failure or an interruption: leaves the previous version with all the traffic, or says that it could not. */
async function settle(
  { parts, journal, signal }: ReleaseRun,
  traffic: Traffic | null,
  error: unknown,
): Promise<ReleaseReport> {
  const reasons = signal.aborted ? [] : reasonsOf(error);
  if (traffic === null || !traffic.mayHaveChanged())
    return journal.report(signal.aborted ? "interrupted" : "stopped", reasons);
  const startedAt = parts.today().toISOString();
  const startMs = parts.clock.now();
  const record = () => ({ startedAt, ms: Math.round(parts.clock.now() - startMs) });
  const never = new AbortController().signal;
  try {
    const by = await journal.stage({ name: "rollback", signal: never }, (notes) => rollBack(traffic, parts, notes));
    journal.found({ rollback: { ...record(), verified: true, by } });
    return journal.report(signal.aborted ? "interrupted" : "rolled-back", reasons);
  } catch (failure) {
    const by = failure instanceof ForeignDeploymentError ? "someone else" : null;
    journal.found({ rollback: { ...record(), verified: false, by } });
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
}
