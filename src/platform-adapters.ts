import type { AssetFetcher, RateLimiter } from "./http/context.ts";
import type { EventSockets } from "./http/user-events/event-sockets.ts";
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

/** The events Worker looks at the query only. */
const EVENTS_ORIGIN = "https://events.invalid";

/** The events Worker as what opens sockets; one that is too old for that counts as one that cannot be reached. */
export function toEventSockets(binding: Pick<Fetcher, "fetch"> | undefined, logger: Logger): EventSockets | null {
  if (binding === undefined) return null;
  return {
    async open(request, deadline) {
      try {
        const url = `${EVENTS_ORIGIN}/?${new URLSearchParams(request).toString()}`;
        return await deadline.race(binding.fetch(url, { headers: { Upgrade: "websocket" } }));
      } catch (error) {
        logger.log("warn", "event_socket_failed", { request_id: request.request_id, error: describeError(error) });
        return null;
      }
    },
  };
}
