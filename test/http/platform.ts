import type { PlatformBindings } from "../../src/platform-bindings.ts";

/** Bindings as the platform gives them to a version that is deployed: limiters that admit everybody, and no Worker beside it. */
export const PLATFORM: PlatformBindings = {
  ASSETS: {
    fetch: async () => new Response("asset"),
    connect: () => {
      throw new Error("assets take no connections");
    },
  },
  CALLER_RATE_LIMITER: { limit: async () => ({ success: true }) },
  AUTH_FAILURE_RATE_LIMITER: { limit: async () => ({ success: true }) },
  CF_VERSION_METADATA: { id: "v-77", tag: "abc1234", timestamp: "2026-11-20T00:00:00Z" },
};
