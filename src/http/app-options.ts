import type { AssetFetcher } from "./context.ts";
import type { RequestLifecycleOptions } from "./request-lifecycle.ts";
import type { UserRoutesOptions } from "./users/index.ts";

/** Everything the app is made of; `dependencies.ts` gives the real parts, tests give fakes. */
export interface AppOptions extends RequestLifecycleOptions, UserRoutesOptions {
  readonly assets: AssetFetcher;
}
