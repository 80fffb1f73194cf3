import type { Deployment } from "../cloudflare/control-plane.ts";
import { FULL_ID } from "../cloudflare/versions.ts";
import { StageFailure } from "../stage-failure.ts";
import { rejectedBy } from "./message.ts";

/**
 * The version that served well before the live one; null when the history shows none. A deployment vouches for the version
 * that has everything and is listed last: that is one alone, or the old one beside a new one at 0 %. Versions that a rollback
 * took away since do not count, so that two rollbacks in a row never swing back to the bad one.
 * @param history newest first, the live one first
 */
export function chooseRollbackTarget(history: readonly Deployment[]): string | null {
  const [live, ...earlier] = history;
  if (live === undefined) return null;
  const liveIds = live.versions.map(({ versionId }) => versionId);
  if (liveIds.length > 1) return chooseFromSplit(live, earlier);
  const rejected = new Set([rejectedBy(live.message)]);
  for (const deployment of earlier) {
    const proven = provenBy(deployment);
    if (proven !== null && !liveIds.includes(proven) && !rejected.has(proven)) return proven;
    rejected.add(rejectedBy(deployment.message));
  }
  return null;
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
