import type { Deployment } from "../cloudflare/control-plane.ts";
import { FULL_ID } from "../cloudflare/versions.ts";
import { StageFailure } from "../stage-failure.ts";
import { parseRollback, type Rollback } from "./message.ts";

/**
 * The version that served well before the live one; null when the history shows none. A deployment vouches for the version
 * that has everything and is listed last: that is one alone, or the old one beside a new one at 0 %. Versions that a rollback
 * took away since do not count, nor those that it went past, so that rollbacks in a row never swing back to a bad one.
 * @param history newest first, the live one first
 */
export function chooseRollbackTarget(history: readonly Deployment[]): string | null {
  const [live, ...earlier] = history;
  if (live === undefined) return null;
  const liveIds = live.versions.map(({ versionId }) => versionId);
  if (liveIds.length > 1) return chooseFromSplit(live, earlier);
  const [only] = liveIds;
  return only === undefined ? null : walkBack(only, parseRollback(live.message), earlier);
}

/** @param rollback the one that has made the live deployment */
function walkBack(liveId: string, rollback: Rollback | null, earlier: readonly Deployment[]): string | null {
  const unfit = new Set([liveId, rollback?.from]);
  let last = rollback;
  for (const deployment of earlier) {
    const proven = provenBy(deployment);
    const made = parseRollback(deployment.message);
    unfit.add(made?.from);
    // What lies between a rollback and the place it went to was gone past.
    if (last !== null && last.to !== proven) continue;
    if (proven !== null && !unfit.has(proven)) return proven;
    last = made;
  }
  return null;
}

/**
 * Whether giving everything to the version completes a split instead of taking it back: it is part of the live deployment,
 * but not its old version, and never had everything before.
 */
export function isForward(target: string, history: readonly Deployment[]): boolean {
  const live = history[0]?.versions ?? [];
  if (live.length < 2 || !live.some(({ versionId }) => versionId === target)) return false;
  return chooseRollbackTarget(history) !== target && !history.some((deployment) => provenBy(deployment) === target);
}

/** Of two live versions, the one that had everything before; else the one listed last, as our releases list the old one. */
function chooseFromSplit(live: Deployment, earlier: readonly Deployment[]): string | null {
  const isLive = (id: string): boolean => live.versions.some(({ versionId }) => versionId === id);
  const proven = earlier.map(provenBy).find((id) => id !== null && isLive(id));
  return proven ?? live.versions.at(-1)?.versionId ?? null;
}

function provenBy({ versions }: Deployment): string | null {
  const last = versions.at(-1);
  return last?.percentage === 100 ? last.versionId : null;
}

/**
 * The version that `--to` means: a full id, which Cloudflare itself checks, or a prefix that only one id of the history has.
 * @throws StageFailure
 */
export function resolveVersion(text: string, history: readonly Deployment[]): string {
  if (FULL_ID.test(text)) return text;
  const known = new Set(history.flatMap(({ versions }) => versions.map(({ versionId }) => versionId)));
  const fitting = [...known].filter((id) => id.startsWith(text));
  const [only, ...others] = fitting;
  if (only !== undefined && others.length === 0) return only;
  const found = fitting.length > 0 ? fitting.join(", ") : `none of ${[...known].join(", ")}`;
  throw new StageFailure([
    `--to ${text} must fit one version of the last deployments; it fits ${found}. Give the full id.`,
  ]);
}
