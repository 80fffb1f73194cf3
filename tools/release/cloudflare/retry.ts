import type { Clock } from "../measure/clock.ts";
import { ControlPlaneError } from "./control-plane.ts";

export interface RetryOptions {
  /** Waits between the attempts; their number is that of the retries. */
  readonly delaysMs: readonly number[];
  readonly clock: Clock;
  /** Ends the waiting and the attempts. */
  readonly signal: AbortSignal;
  /** Told of a failure that will be retried. */
  readonly onFailure: (message: string) => void;
}

/** Repeats what the control plane failed to do; any other error is final. */
export async function retryControlPlane<Result>(action: () => Promise<Result>, options: RetryOptions): Promise<Result> {
  for (const delayMs of options.delaysMs) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof ControlPlaneError) || options.signal.aborted) throw error;
      options.onFailure(`${error.message} Trying again in ${delayMs / 1000} s.`);
    }
    await options.clock.sleep(delayMs, options.signal);
    options.signal.throwIfAborted();
  }
  return await action();
}
