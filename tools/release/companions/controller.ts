import type { VersionShare } from "../cloudflare/control-plane.ts";
import type { ReleaseReport } from "../report/report.ts";
import { StageFailure } from "../stage-failure.ts";
import { assertUnchanged } from "../stages/checked-out.ts";
import { uploadVersion } from "../stages/upload.ts";
import { createTraffic } from "../traffic/traffic.ts";
import { formatCompanionPlan } from "./plan.ts";
import { type CompanionRun, type Found, TRIGGERS } from "./ports.ts";
import { runCompanionPreflight } from "./preflight.ts";
import { type Progress, settle } from "./settle.ts";

const TAG_LENGTH = 12;

/**
 * Releases a Worker beside the API as it is checked out, or leaves what was live; the report says which. Never throws because of what
 * it meets.
 */
export async function runCompanionRelease(run: CompanionRun): Promise<ReleaseReport> {
  const { plan, journal } = run;
  const progress: Progress = { traffic: null, isPastMigration: false, isSound: false };
  try {
    const found = await prepare(run);
    if (plan.isDryRun) return journal.report("checked", []);
    if (found.pending.length > 0) await deployMigrated(run, found, progress);
    else await releaseVersion(run, found, progress);
    return journal.report("released", []);
  } catch (error) {
    return await settle(run, progress, error);
  }
}

async function prepare(run: CompanionRun): Promise<Found> {
  const { companion, plan, ports, journal, signal } = run;
  return await journal.stage({ name: "preflight", signal }, async (notes) => {
    const found = await runCompanionPreflight(run, { ...notes, found: (one) => journal.found(one) });
    const text = formatCompanionPlan(companion, plan, found);
    if (plan.isDryRun) notes.detail(text);
    else if (!(await ports.confirm(text, signal))) throw new StageFailure(["Not confirmed."]);
    signal.throwIfAborted();
    return found;
  });
}

/** A version without class migration: looked at before it gets anything, where something reaches it then. */
async function releaseVersion(run: CompanionRun, found: Found, progress: Progress): Promise<void> {
  const { ports, journal, signal, note, onTraffic } = run;
  const { forward, recovery, clock, waitForVersion, looks } = ports;
  const { previous } = found;
  const candidate = await journal.stage({ name: "upload", signal }, (notes) =>
    uploadVersion(ports, found, notes, signal),
  );
  journal.found({ newId: candidate });
  const onChange = (shares: readonly VersionShare[]): void => onTraffic(shares, { previous });
  const traffic = createTraffic({ forward, recovery, previous, candidate, clock, signal, note, onChange });
  progress.traffic = traffic;
  if (waitForVersion !== null) {
    await journal.stage({ name: "0 %", percentage: 0, signal }, async (notes) => {
      await traffic.shift(0);
      await waitForVersion({ versionId: candidate, usesOverride: true, signal });
      notes.detail(await looks.at({ versionId: candidate, usesOverride: true }, signal));
    });
  }
  await journal.stage({ name: "100 %", percentage: 100, signal }, async (notes) => {
    await traffic.complete();
    await waitForVersion?.({ versionId: candidate, usesOverride: false, takenOut: previous, signal });
    notes.detail(await looks.at({ versionId: candidate, usesOverride: false }, signal));
  });
  progress.isSound = true;
  await deployTriggers(run, found);
}

/** Behind the version, so that no trigger meets code that does not know it; not cut in half by an interruption. */
async function deployTriggers({ companion, ports, journal }: CompanionRun, { checkedOut }: Found): Promise<void> {
  const { deployTriggers: deploy } = ports;
  if (deploy === null) return;
  await journal.stage({ name: TRIGGERS, signal: new AbortController().signal }, async (notes) => {
    await assertUnchanged(ports, checkedOut);
    await deploy();
    notes.detail(`Triggers are as in ${companion.name}/wrangler.toml.`);
  });
}

/** A version with class migrations: one step, which nothing takes back. */
async function deployMigrated(run: CompanionRun, found: Found, progress: Progress): Promise<void> {
  const { ports, journal, signal, onTraffic } = run;
  const { checkedOut, previous } = found;
  const versionId = await journal.stage({ name: "deploy", percentage: 100, signal }, async (notes) => {
    await assertUnchanged(ports, checkedOut);
    signal.throwIfAborted();
    progress.isPastMigration = true;
    const id = await ports.deployAtOnce({ tag: checkedOut.commit.slice(0, TAG_LENGTH), message: checkedOut.subject });
    onTraffic([{ versionId: id, percentage: 100 }], { previous });
    journal.found({ newId: id });
    notes.detail(`Deployed ${id} with its class migrations.`);
    return id;
  });
  await journal.stage({ name: "smoke", signal }, async (notes) => {
    await ports.waitForVersion?.({ versionId, usesOverride: false, signal });
    notes.detail(await ports.looks.at({ versionId, usesOverride: false }, signal));
  });
}
