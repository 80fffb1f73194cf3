import type { Deployment, VersionShare } from "../cloudflare/control-plane.ts";
import { isSameSplit } from "../cloudflare/versions.ts";
import { ForeignDeploymentError } from "../stage-failure.ts";

/** What one release has made of the live deployment, so that it can tell its own changes from those of others. */
export interface TrafficLedger {
  /** The split that is known to be live. */
  written(): readonly VersionShare[];
  /** About to be written: it may happen even if it seems to fail. */
  attempt(shares: readonly VersionShare[]): void;
  confirm(shares: readonly VersionShare[]): void;
  hasAttempted(): boolean;
  /** @throws ForeignDeploymentError when the live deployment is none of ours */
  assertOurs(live: Deployment | undefined): void;
}

/** @param initial what was live before the release */
export function createTrafficLedger(initial: readonly VersionShare[]): TrafficLedger {
  let written = initial;
  let attempted: readonly VersionShare[] | null = null;
  return {
    written: () => written,
    attempt: (shares) => void (attempted = shares),
    confirm: (shares) => void (written = shares),
    hasAttempted: () => attempted !== null,
    assertOurs(live) {
      const shares = live?.versions ?? [];
      if (![written, attempted ?? written].some((ours) => isSameSplit(shares, ours)))
        throw new ForeignDeploymentError(live);
    },
  };
}
