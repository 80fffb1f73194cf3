import type { Deployment, VersionShare } from "./control-plane.ts";

/** A version's whole id. */
export const FULL_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** With full ids, because they are needed to act on it. */
export function formatShares(shares: readonly VersionShare[]): string {
  return shares.map(({ versionId, percentage }) => `${versionId} at ${percentage} %`).join(", ") || "nothing";
}

/** In any order: only affinity knows the difference. */
export function isSameSplit(left: readonly VersionShare[], right: readonly VersionShare[]): boolean {
  return (
    left.length === right.length &&
    left.every((share) =>
      right.some(({ versionId, percentage }) => versionId === share.versionId && percentage === share.percentage),
    )
  );
}

/** Whether the version is alone and has all the traffic. */
export function isOnly(deployment: Pick<Deployment, "versions"> | undefined, versionId: string): boolean {
  return deployment !== undefined && isSameSplit(deployment.versions, [{ versionId, percentage: 100 }]);
}
