import {
  type ControlPlane,
  ControlPlaneError,
  type Deployment,
  type VersionShare,
} from "../cloudflare/control-plane.ts";
import type { RecoveryControlPlane } from "../cloudflare/deployments-api.ts";
import { type RetryOptions, retryControlPlane } from "../cloudflare/retry.ts";
import { isOnly, isSameSplit } from "../cloudflare/versions.ts";
import type { Clock } from "../measure/clock.ts";
import { rollbackMessage } from "../rollback/message.ts";
import { ForeignDeploymentError } from "../stage-failure.ts";
import { createTrafficLedger, type TrafficLedger } from "./traffic-ledger.ts";

/** wrangler itself has repeated what failed by then. */
const SHIFT_RETRIES_MS = [1_000, 4_000];
/** Half a minute in all: users may be suffering, and an operator should not wait longer to hear of it. The first one takes another way. */
const ROLLBACK_RETRIES_MS = [100, 1_000, 2_000, 4_000, 8_000, 15_000];

export interface TrafficOptions {
  /** Reads of this one end when the release is interrupted. */
  readonly forward: ControlPlane;
  readonly recovery: RecoveryControlPlane;
  readonly previous: string;
  readonly candidate: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** Told what is live, as far as it is known. */
  readonly onChange: (shares: readonly VersionShare[]) => void;
}

/** The live deployment during one release: who gets how much. Only ever changes what it has left there itself. */
export interface Traffic {
  readonly previous: string;
  readonly candidate: string;
  /** Whether a change was tried, so that there may be something to take back. */
  mayHaveChanged(): boolean;
  /** @throws ForeignDeploymentError, ControlPlaneError after some attempts, or the signal's reason */
  shift(percentage: number): Promise<void>;
  /** Leaves the candidate alone, and looks whether it is. Throws as `shift` does. */
  complete(): Promise<void>;
  /**
   * Gives all traffic back to the previous version, until the deployments show it; says who has done it.
   * @throws ForeignDeploymentError, or ControlPlaneError after some attempts
   */
  giveBack(): Promise<"us" | "someone else">;
}

export function createTraffic(options: TrafficOptions): Traffic {
  const { previous, candidate } = options;
  const ledger = createTrafficLedger([{ versionId: previous, percentage: 100 }]);
  return {
    previous,
    candidate,
    mayHaveChanged: ledger.hasAttempted,
    shift(percentage) {
      // The order never changes: version affinity walks the versions in it, so that keys only move forward.
      const shares = [
        { versionId: candidate, percentage },
        { versionId: previous, percentage: 100 - percentage },
      ];
      return deploy(options, ledger, shares, `release ${candidate} at ${percentage} %`);
    },
    async complete() {
      const before = ledger.written();
      const shares = [{ versionId: candidate, percentage: 100 }];
      await deploy(options, ledger, shares, `release ${candidate} complete`);
      await retryControlPlane(() => assertComplete(options, before), throughout(options, SHIFT_RETRIES_MS));
    },
    async giveBack() {
      const rollback = { wasTried: false };
      const by = await retryControlPlane(
        () => tryGiveBack(options, ledger, rollback),
        throughout(options, ROLLBACK_RETRIES_MS),
      );
      options.onChange([{ versionId: previous, percentage: 100 }]);
      return by;
    },
  };
}

/** For what has to be carried through, even when the release is interrupted. */
function throughout({ clock, note }: TrafficOptions, delaysMs: readonly number[]): RetryOptions {
  return { delaysMs, clock, signal: new AbortController().signal, onFailure: note };
}

async function deploy(
  { forward, clock, signal, note, onChange }: TrafficOptions,
  ledger: TrafficLedger,
  shares: readonly VersionShare[],
  message: string,
): Promise<void> {
  const attempt = async (): Promise<void> => {
    const [live] = await forward.deployments();
    signal.throwIfAborted();
    ledger.assertOurs(live);
    if (isSameSplit(live?.versions ?? [], shares)) return;
    ledger.attempt(shares);
    onChange(shares);
    await forward.deploy(shares, message);
  };
  await retryControlPlane(attempt, { delaysMs: SHIFT_RETRIES_MS, clock, signal, onFailure: note });
  ledger.confirm(shares);
}

async function assertComplete({ recovery, candidate }: TrafficOptions, before: readonly VersionShare[]): Promise<void> {
  const [live] = await recovery.deployments();
  if (isOnly(live, candidate)) return;
  if (!isSameSplit(live?.versions ?? [], before)) throw new ForeignDeploymentError(live);
  throw new ControlPlaneError("The deployment was accepted, but the deployments do not show it.");
}

async function tryGiveBack(
  { recovery, previous, candidate, note }: TrafficOptions,
  ledger: TrafficLedger,
  rollback: { wasTried: boolean },
): Promise<"us" | "someone else"> {
  // When reading fails, writing is tried all the same: the worse danger is a bad version that keeps its traffic.
  const live = await readLive(recovery, note);
  if (live !== null && isOnly(live, previous)) {
    const wasNeverTaken = isOnly({ versions: ledger.written() }, previous);
    return rollback.wasTried || wasNeverTaken ? "us" : "someone else";
  }
  if (live !== null) ledger.assertOurs(live);
  rollback.wasTried = true;
  await recovery.rollBack(previous, rollbackMessage(candidate, previous));
  const [after] = await recovery.deployments();
  if (isOnly(after, previous)) return "us";
  ledger.assertOurs(after);
  throw new ControlPlaneError("The rollback was accepted, but the deployments do not show it.");
}

async function readLive(controlPlane: RecoveryControlPlane, note: (text: string) => void): Promise<Deployment | null> {
  try {
    return (await controlPlane.deployments())[0] ?? null;
  } catch (error) {
    if (!(error instanceof ControlPlaneError)) throw error;
    note(error.message);
    return null;
  }
}
