import type { VersionShare } from "../../model.ts";
import { badRequest, refuse, versionNotFound } from "../http/api-error.ts";
import type { ScriptRecord, VersionRecord } from "../state/records.ts";
import { changedSecrets } from "./secrets.ts";

const MAX_VERSIONS = 2;
/** So many of the newest versions can be deployed. */
const DEPLOYABLE_VERSIONS = 100;
/** Shares may have decimals, whose sum is seldom exact. */
const SUM_TOLERANCE = 1e-9;

/** Newest first. */
export function deployableVersions({ versions }: ScriptRecord): readonly VersionRecord[] {
  return versions.slice(-DEPLOYABLE_VERSIONS).toReversed();
}

/** @throws ApiError that names the rule that these shares break */
export function checkShares(script: ScriptRecord, shares: readonly VersionShare[]): void {
  if (shares.length < 1 || shares.length > MAX_VERSIONS) {
    throw badRequest(`A deployment has one or two versions, not ${shares.length}.`);
  }
  if (new Set(shares.map(({ versionId }) => versionId)).size < shares.length) {
    throw badRequest("A deployment names each version once.");
  }
  const wrong = shares.find(({ percentage }) => !(percentage >= 0 && percentage <= 100));
  if (wrong !== undefined) throw badRequest(`A percentage is 0 to 100, not ${wrong.percentage}.`);
  const sum = shares.reduce((total, { percentage }) => total + percentage, 0);
  if (Math.abs(sum - 100) > SUM_TOLERANCE) throw badRequest(`The percentages sum to ${sum} instead of 100.`);
  for (const { versionId } of shares) checkDeployable(script, versionId);
}

/**
 * A rollback takes all traffic back from a newer version to an older one. Its secrets would change with it, silently.
 * @throws ApiError 10220 that lists them
 */
export function checkRollbackSecrets(script: ScriptRecord, shares: readonly VersionShare[]): void {
  const target = script.versions.find(({ id }) =>
    shares.some(({ versionId, percentage }) => versionId === id && percentage === 100),
  );
  const newestLive = newestLiveVersion(script);
  if (target === undefined || newestLive === undefined || target.number >= newestLive.number) return;
  const names = changedSecrets(newestLive.bindings, target.bindings);
  if (names.length === 0) return;
  const message = `Rolling back to version ${target.id} changes its secrets. The following secrets have changed: ${names.join(", ")}`;
  throw refuse(400, "secretsChanged", message);
}

function newestLiveVersion({ versions, deployments }: ScriptRecord): VersionRecord | undefined {
  const live = new Set(deployments[0]?.versions.map(({ versionId }) => versionId));
  return versions.findLast(({ id }) => live.has(id));
}

function checkDeployable(script: ScriptRecord, versionId: string): void {
  const found = deployableVersions(script).find(({ id }) => id === versionId);
  if (found !== undefined) return checkMigration(script, found);
  if (!script.versions.some(({ id }) => id === versionId)) throw versionNotFound(versionId);
  throw refuse(
    400,
    "versionTooOld",
    `Only the newest ${DEPLOYABLE_VERSIONS} versions can be deployed; ${versionId} is older.`,
  );
}

/** Classes of objects change for the whole script, at once and for good: versions from before do not fit them any more. */
function checkMigration({ migrationTag }: ScriptRecord, version: VersionRecord): void {
  if (version.migrationTag === migrationTag) return;
  const message = `Version ${version.id} was uploaded before the Durable Object migration ${migrationTag}: it cannot be deployed any more.`;
  throw refuse(400, "migratedSince", message);
}
