import { ControlPlaneError } from "./control-plane.ts";
import { createDeploymentsApi, type DeploymentsApiOptions, type RecoveryControlPlane } from "./deployments-api.ts";
import { createWranglerControlPlane, type WranglerControlPlaneOptions } from "./wrangler.ts";

export interface RecoveryOptions extends WranglerControlPlaneOptions, Pick<DeploymentsApiOptions, "scriptName"> {
  /** Told of what failed and is done in another way. */
  readonly note: (text: string) => void;
}

/** Cloudflare's API itself, because it answers before wrangler has started; wrangler where that fails. */
export function openRecovery(options: RecoveryOptions): RecoveryControlPlane {
  return createRecovery([createDeploymentsApi(options), createWranglerControlPlane(options)], options.note);
}

/**
 * Two ways to the same deployments; after each failure the other one is taken. A read is repeated there at once. A write is
 * not: it may have taken effect all the same, or somebody else may have deployed since, so its caller has to look again first.
 */
export function createRecovery(
  [first, second]: readonly [RecoveryControlPlane, RecoveryControlPlane],
  note: (text: string) => void,
): RecoveryControlPlane {
  let [current, other] = [first, second];
  const takeOther = (): void => void ([current, other] = [other, current]);
  return {
    async deployments() {
      try {
        return await current.deployments();
      } catch (error) {
        if (!(error instanceof ControlPlaneError)) throw error;
        note(`${error.message} Asking in another way.`);
        takeOther();
        return await current.deployments();
      }
    },
    async rollBack(versionId, message) {
      try {
        await current.rollBack(versionId, message);
      } catch (error) {
        if (error instanceof ControlPlaneError && error.refusal === null) takeOther();
        throw error;
      }
    },
  };
}
