import type { VersionShare } from "../cloudflare/control-plane.ts";
import type { Journal } from "../report/journal.ts";
import type { ReleaseReport } from "../report/report.ts";
import { StageFailure, reasonsOf } from "../stage-failure.ts";
import { assertUnchanged } from "../stages/checked-out.ts";
import { uploadVersion } from "../stages/upload.ts";
import { createTraffic, type Traffic } from "../traffic/traffic.ts";
import type { Counts } from "./metrics.ts";
import { formatTelemetryPlan } from "./plan.ts";
import type { Found, TelemetryPlan, TelemetryPorts } from "./ports.ts";
import { runTelemetryPreflight } from "./preflight.ts";
import { smokeTelemetry } from "./smoke.ts";

export interface TelemetryRun {
  readonly plan: TelemetryPlan;
  readonly ports: TelemetryPorts;
  readonly journal: Journal;
  /** Interrupts the release: it then leaves a safe state. */
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Told what is live, whenever that changes. */
  readonly onTraffic: (shares: readonly VersionShare[], release: Pick<Found, "previous">) => void;
}

type Prepared = Found & { readonly before: Counts };

/** What has been changed, so that a failure knows what there is to take back. */
interface Progress {
  traffic: Traffic | null;
  /** The version with a class migration has everything: nothing leads back. */
  isPastMigration: boolean;
}

const TAG_LENGTH = 12;

/** Releases telemetry as it is checked out, or leaves what was live; the report says which. Never throws because of what it meets. */
export async function runTelemetryRelease(run: TelemetryRun): Promise<ReleaseReport> {
  const { plan, ports, journal, signal } = run;
  const progress: Progress = { traffic: null, isPastMigration: false };
  try {
    const prepared = await journal.stage({ name: "preflight", signal }, async (notes) => {
      const found = await runTelemetryPreflight(plan, ports, { ...notes, found: (one) => journal.found(one) }, signal);
      if (plan.isDryRun) notes.detail(formatTelemetryPlan(plan, found));
      else if (!(await ports.confirm(formatTelemetryPlan(plan, found), signal)))
        throw new StageFailure(["Not confirmed."]);
      signal.throwIfAborted();
      return found;
    });
    if (plan.isDryRun) return journal.report("checked", []);
    if (prepared.pending.length > 0) await deployAtOnce(run, prepared, progress);
    else await releaseVersion(run, prepared, progress);
    return journal.report("released", []);
  } catch (error) {
    return await settle(run, progress, error);
  }
}

/** A version without class migration: looked at before it gets anything. */
async function releaseVersion(run: TelemetryRun, prepared: Prepared, progress: Progress): Promise<void> {
  const { ports, journal, signal, note, onTraffic } = run;
  const { forward, recovery, clock } = ports;
  const { previous } = prepared;
  const candidate = await journal.stage({ name: "upload", signal }, (notes) =>
    uploadVersion(ports, prepared, notes, signal),
  );
  journal.found({ newId: candidate });
  const onChange = (shares: readonly VersionShare[]): void => onTraffic(shares, { previous });
  const traffic = createTraffic({ forward, recovery, previous, candidate, clock, signal, note, onChange });
  progress.traffic = traffic;
  const look = { metrics: ports.metrics, versionId: candidate, clock, signal };
  const before = await journal.stage({ name: "0 %", percentage: 0, signal }, async (notes) => {
    await traffic.shift(0);
    await ports.waitForVersion({ versionId: candidate, usesOverride: true, signal });
    const counts = await smokeTelemetry({ ...look, usesOverride: true, before: prepared.before });
    notes.detail(`/metrics of the new version tells of ${counts.size} counters, none lower than before.`);
    return counts;
  });
  await journal.stage({ name: "100 %", percentage: 100, signal }, async (notes) => {
    await traffic.complete();
    await ports.waitForVersion({ versionId: candidate, usesOverride: false, takenOut: previous, signal });
    const counts = await smokeTelemetry({ ...look, usesOverride: false, before });
    notes.detail(`/metrics tells of ${counts.size} counters, none lower than before.`);
  });
}

/** A version with class migrations: one step, which nothing takes back. */
async function deployAtOnce(run: TelemetryRun, prepared: Prepared, progress: Progress): Promise<void> {
  const { ports, journal, signal, onTraffic } = run;
  const { checkedOut, previous, before } = prepared;
  const versionId = await journal.stage({ name: "deploy", percentage: 100, signal }, async (notes) => {
    await assertUnchanged(ports, checkedOut);
    signal.throwIfAborted();
    progress.isPastMigration = true;
    const id = await ports.deployMigrated({ tag: checkedOut.commit.slice(0, TAG_LENGTH), message: checkedOut.subject });
    onTraffic([{ versionId: id, percentage: 100 }], { previous });
    journal.found({ newId: id });
    notes.detail(`Deployed ${id} with its class migrations.`);
    return id;
  });
  await journal.stage({ name: "smoke", signal }, async (notes) => {
    await ports.waitForVersion({ versionId, usesOverride: false, signal });
    const counts = await smokeTelemetry({
      metrics: ports.metrics,
      versionId,
      usesOverride: false,
      before,
      clock: ports.clock,
      signal,
    });
    notes.detail(`/metrics tells of ${counts.size} counters, none lower than before.`);
  });
}

/** After a failure or an interruption. */
async function settle(
  { plan, ports, journal, signal }: TelemetryRun,
  { traffic, isPastMigration }: Progress,
  error: unknown,
): Promise<ReleaseReport> {
  const reasons = signal.aborted ? [] : reasonsOf(error);
  if (isPastMigration) return await settleMigrated({ plan, ports, journal }, reasons);
  if (traffic === null || !traffic.mayHaveChanged()) {
    return journal.report(signal.aborted ? "interrupted" : "stopped", reasons);
  }
  const startedAt = ports.today().toISOString();
  const startMs = ports.clock.now();
  const record = () => ({ startedAt, ms: Math.round(ports.clock.now() - startMs) });
  const never = new AbortController().signal;
  try {
    const by = await journal.stage({ name: "rollback", signal: never }, async (notes) => {
      const who = await traffic.giveBack();
      const { previous: versionId, candidate: takenOut } = traffic;
      await ports.waitForVersion({ versionId, usesOverride: false, takenOut, signal: never });
      notes.detail(`All answers come from ${versionId}.`);
      return who;
    });
    journal.found({ rollback: { ...record(), verified: true, by } });
    return journal.report(signal.aborted ? "interrupted" : "rolled-back", reasons);
  } catch (failure) {
    journal.found({ rollback: { ...record(), verified: false, by: null } });
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
}

/** Wrangler may have failed before the migration, or after it: the tag tells. */
async function settleMigrated(
  { plan, ports, journal }: Pick<TelemetryRun, "plan" | "ports" | "journal">,
  reasons: readonly string[],
): Promise<ReleaseReport> {
  try {
    const tag = await ports.appliedTag(new AbortController().signal);
    if (tag !== (ports.classMigrations().at(-1)?.tag ?? null)) return journal.report("stopped", reasons);
  } catch (failure) {
    return journal.report("unverified", [...reasons, ...reasonsOf(failure)]);
  }
  return journal.report("unverified", [
    ...reasons,
    `The class migration is applied, so ${plan.worker} cannot go back to the version before. Mend what is wrong, commit, and release again: ` +
      `npm run release -- --worker telemetry --env ${plan.env}. Until then the API keeps what telemetry does not acknowledge, for half an hour.`,
  ]);
}
