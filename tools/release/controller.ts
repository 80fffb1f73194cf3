import type { VersionShare } from "./cloudflare/control-plane.ts";
import type { ReleasePorts, ReleasePlan } from "./ports.ts";
import type { Journal } from "./report/journal.ts";
import { formatPlan } from "./report/plan.ts";
import type { ReleaseReport } from "./report/report.ts";
import { rollBackRelease } from "./rollback/automatic-rollback.ts";
import { ForeignDeploymentError, reasonsOf, StageFailure } from "./stage-failure.ts";
import { assertUnchanged } from "./stages/checked-out.ts";
import { completeRelease } from "./stages/complete.ts";
import { joinAtZero } from "./stages/join.ts";
import { applyMigrations, checkMigrations } from "./stages/migrate.ts";
import { type Preflight, runPreflight } from "./stages/preflight.ts";
import { smokeTest } from "./stages/smoke.ts";
import { takeStep } from "./stages/step.ts";
import { uploadVersion } from "./stages/upload.ts";
import { createTraffic, type Traffic } from "./traffic/traffic.ts";

export interface ReleaseRun {
  readonly plan: ReleasePlan;
  readonly ports: ReleasePorts;
  readonly journal: Journal;
  /** Interrupts the release: it then leaves a safe state. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Told what is live, whenever that changes. */
  readonly onTraffic: (shares: readonly VersionShare[], release: Pick<Preflight, "previous">) => void;
}

/** Releases what is checked out, or leaves everything as it was; the report says which. Never throws because of what it meets. */
export async function runRelease(run: ReleaseRun): Promise<ReleaseReport> {
  const { plan, ports, journal, signal } = run;
  let traffic: Traffic | null = null;
  try {
    const prepared = await prepare(run);
    if (plan.isDryRun) return journal.report("checked", []);
    const candidate = await journal.stage({ name: "upload", signal }, async (notes) => {
      signal.throwIfAborted();
      return await uploadVersion(ports, prepared, notes, signal);
    });
    journal.found({ newId: candidate });
    traffic = openTraffic(run, prepared.previous, candidate);
    await rollOut(run, traffic);
    return journal.report("released", []);
  } catch (error) {
    return await settle(run, traffic, error);
  }
}

/** Up to the point where the deployment begins to change. */
async function prepare({ plan, ports, journal, signal }: ReleaseRun): Promise<Preflight> {
  const found = await journal.stage({ name: "preflight", signal }, (notes) =>
    runPreflight(plan, ports, { ...notes, found: (one) => journal.found(one) }, signal),
  );
  await journal.stage({ name: "migrate", signal }, async (notes) => {
    const pending = await checkMigrations(ports, notes, signal);
    const text = formatPlan(
      plan,
      found,
      pending.map(({ name }) => name),
    );
    if (plan.isDryRun) {
      notes.detail(text);
      return;
    }
    if (!(await ports.confirm(text, signal))) throw new StageFailure(["Not confirmed."]);
    signal.throwIfAborted();
    await assertUnchanged(ports, found.checkedOut);
    if (pending.length > 0) journal.found({ migrations: await applyMigrations(ports, pending, notes) });
  });
  return found;
}

function openTraffic({ ports, signal, note, onTraffic }: ReleaseRun, previous: string, candidate: string): Traffic {
  const { forward, recovery, clock } = ports;
  const onChange = (shares: readonly VersionShare[]): void => onTraffic(shares, { previous });
  return createTraffic({ forward, recovery, previous, candidate, clock, signal, note, onChange });
}

async function rollOut(run: ReleaseRun, traffic: Traffic): Promise<void> {
  const { ports, journal, signal } = run;
  await journal.stage({ name: "0 %", percentage: 0, signal }, (notes) => joinAtZero(traffic, ports, notes, signal));
  await journal.stage({ name: "smoke", signal }, (notes) => smokeTest(ports, traffic.candidate, notes, signal));
  await takeSteps(run, traffic);
  await journal.stage({ name: "complete", percentage: 100, signal }, (notes) => completeRelease(traffic, ports, notes));
}

/** The metrics are read all the while, so that a fault too rare for one step may show in several. */
async function takeSteps({ plan, ports, journal, signal }: ReleaseRun, traffic: Traffic): Promise<void> {
  const stop = new AbortController();
  const { candidate, previous: baseline } = traffic;
  const metrics = ports.metrics?.watch({ candidate, baseline, signal: AbortSignal.any([signal, stop.signal]) }) ?? null;
  try {
    for (const [place, percentage] of plan.steps.entries()) {
      const step = { ...plan, percentage, isFirst: place === 0, metrics };
      await journal.stage({ name: `${percentage} %`, percentage, signal }, (notes) =>
        takeStep(step, traffic, ports, notes, signal),
      );
    }
  } finally {
    stop.abort();
  }
}

/** After a failure or an interruption: leaves the previous version with all the traffic, or says that it could not. */
async function settle(
  { ports, journal, signal }: ReleaseRun,
  traffic: Traffic | null,
  error: unknown,
): Promise<ReleaseReport> {
  const reasons = signal.aborted ? [] : reasonsOf(error);
  if (traffic === null || !traffic.mayHaveChanged())
    return journal.report(signal.aborted ? "interrupted" : "stopped", reasons);
  const startedAt = ports.today().toISOString();
  const startMs = ports.clock.now();
  const record = () => ({ startedAt, ms: Math.round(ports.clock.now() - startMs) });
  const never = new AbortController().signal;
  try {
    const by = await journal.stage({ name: "rollback", signal: never }, (notes) =>
      rollBackRelease(traffic, ports, notes),
    );
    journal.found({ rollback: { ...record(), verified: true, by } });
    return journal.report(signal.aborted ? "interrupted" : "rolled-back", reasons);
  } catch (failure) {
    const by = failure instanceof ForeignDeploymentError ? "someone else" : null;
    journal.found({ rollback: { ...record(), verified: false, by } });
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
}
