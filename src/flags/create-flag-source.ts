import type { Logger } from "../observability/logger.ts";
import { FLAG_FILE_KEY } from "./flag-file.ts";
import { createStaticFlagSource, type FlagSource } from "./flag-source.ts";
import { KvFlagSource, type KvFlagSourceOptions } from "./kv-flag-source.ts";
import { logFlagFile } from "./log-flag-file.ts";

/** As much of a KV namespace as flags need. */
export interface FlagNamespace {
  get(key: string, options: { readonly type: "text"; readonly cacheTtl: number }): Promise<string | null>;
}

export interface FlagSourceOptions extends Pick<KvFlagSourceOptions, "clock" | "withTimeout"> {
  /** Without one all flags have their defaults. */
  readonly namespace: FlagNamespace | undefined;
  readonly logger: Logger;
}

/** Seconds that KV itself may keep what it has read: its least. */
const KV_CACHE_S = 30;

/** The flags of the file in a namespace; what is new about it goes to the log. */
export function createFlagSource({ namespace, logger, clock, withTimeout }: FlagSourceOptions): FlagSource {
  if (namespace === undefined) return createStaticFlagSource();
  return new KvFlagSource({
    read: () => namespace.get(FLAG_FILE_KEY, { type: "text", cacheTtl: KV_CACHE_S }),
    clock,
    withTimeout,
    onChange: (change) => logFlagFile(logger, change),
  });
}
