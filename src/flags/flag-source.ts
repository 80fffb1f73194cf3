import type { FlagFileState } from "../models/feature-flag.ts";
import type { Background } from "../observability/metrics.ts";
import { type Flags, NO_FLAGS } from "./flag-file.ts";

/** What is known of the flags without asking anybody. */
export interface FlagSnapshot {
  readonly file: FlagFileState;
  readonly flags: Flags;
  /** When it was read, in milliseconds of the source's clock; null for what was never read, or does not hold any more. */
  readonly readAt: number | null;
}

export interface FlagSource {
  /**
   * Sees to it that what is known is fresh enough. Null when there is nothing to wait for, which is so but for an isolate's
   * first request and after a long rest; renewals go on in the background. Never fails.
   */
  prepare(background: Background | null): Promise<void> | null;
  current(): FlagSnapshot;
}

/** Flags that nobody changes: those of tests, and none where no namespace is bound. */
export function createStaticFlagSource(flags: Flags = NO_FLAGS): FlagSource {
  const snapshot: FlagSnapshot = { file: flags.size === 0 ? "absent" : "loaded", flags, readAt: null };
  return { prepare: () => null, current: () => snapshot };
}
