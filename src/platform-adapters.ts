import type { AssetFetcher, RateLimiter } from "./http/context.ts";
import { describeError, type Logger } from "./observability/logger.ts";

/* What the platform binds, as the API asks for it. */

/** The assets binding looks at the path only, but wants a whole URL. */
const ASSETS_ORIGIN = "https://assets.invalid";

/** The static assets binding. */
export function toAssetFetcher(binding: Fetcher): AssetFetcher {
  return {
    fetch: (path, ifNoneMatch) =>
      binding.fetch(new URL(path, ASSETS_ORIGIN), {
        headers: ifNoneMatch === undefined ? {} : { "If-None-Match": ifNoneMatch },
      }),
  };
}

/** A limiter that fails, or never answers, must not take the API down with it. */
export function toRateLimiter(binding: RateLimit, logger: Logger): RateLimiter {
  return {
    async allow(key, deadline) {
      try {
        const { success } = await deadline.race(binding.limit({ key }));
        return success;
      } catch (error) {
        logger.log("error", "rate_limiter_failed", { error: describeError(error) });
        return true;
      }
    },
  };
}
