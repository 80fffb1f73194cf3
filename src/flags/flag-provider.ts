import { ErrorCode, type Provider, type ResolutionDetails, StandardResolutionReasons } from "@openfeature/server-sdk";

import type { FlagSnapshot } from "./flag-source.ts";
import { isInRollout } from "./rollout.ts";

/**
 * OpenFeature's provider over a flag file (https://openfeature.dev/specification/sections/providers/). It only looks at what is known:
 * whoever asks has seen to its freshness. Flags that the file does not name have their defaults, and so has a share of the callers
 * for somebody who is none. All flags are on or off: those of other types are a mistake of whoever asks.
 */
export function createFlagFileProvider(current: () => Pick<FlagSnapshot, "flags">): Provider {
  return {
    metadata: { name: "flag-file" },
    runsOn: "server",
    async resolveBooleanEvaluation(flag, defaultValue, { targetingKey }) {
      const state = current().flags.get(flag);
      if (state === undefined) return { value: defaultValue, reason: StandardResolutionReasons.DEFAULT };
      if (state === "on" || state === "off") return { value: state === "on", reason: StandardResolutionReasons.STATIC };
      if (targetingKey === undefined) return failed(defaultValue, ErrorCode.TARGETING_KEY_MISSING);
      const value = isInRollout(flag, targetingKey, Number.parseInt(state, 10));
      return { value, reason: StandardResolutionReasons.SPLIT };
    },
    resolveStringEvaluation: async (_flag, defaultValue) => failed(defaultValue, ErrorCode.TYPE_MISMATCH),
    resolveNumberEvaluation: async (_flag, defaultValue) => failed(defaultValue, ErrorCode.TYPE_MISMATCH),
    resolveObjectEvaluation: async (_flag, defaultValue) => failed(defaultValue, ErrorCode.TYPE_MISMATCH),
  };
}

function failed<Value>(value: Value, errorCode: ErrorCode): ResolutionDetails<Value> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode };
}
