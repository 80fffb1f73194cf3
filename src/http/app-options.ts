import type { AssetFetcher } from "./context.ts";
import type { HealthOptions } from "./health.ts";
import type { RequestLifecycleOptions } from "./request-lifecycle.ts";
import type { UserRoutesOptions } from "./users/options.ts";

/** Everything the app is made of; `dependencies.ts` gives the real parts, tests give fakes. */
export interface AppOptions extends RequestLifecycleOptions, UserRoutesOptions, HealthOptions {
  readonly assets: AssetFetcher;
}
