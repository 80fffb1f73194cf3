import type { Clock } from "../measure/clock.ts";
import { ControlPlaneError } from "./control-plane.ts";

/** For reads at the beginning: nobody waits for them in need. */
export const READ_RETRIES_MS: readonly number[] = [1_000, 4_000];

export interface RetryOptions {
  /** Waits between the attempts; their number is that of the retries. */
  readonly delaysMs: readonly number[];
  readonly clock: Clock;
  /** Ends the waiting and the attempts. */
  readonly signal: AbortSignal;
  /** Failures that no repetition would change; by default none. */
  readonly isFinal?: (error: ControlPlaneError) => boolean;
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
      if (options.isFinal?.(error) === true) throw error;
      options.onFailure(`${error.message} Trying again in ${delayMs / 1000} s.`);
    }
    await options.clock.sleep(delayMs, options.signal);
    options.signal.throwIfAborted();
  }
  return await action();
}
