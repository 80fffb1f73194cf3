import type { AssetFetcher } from "./context.ts";
import type { AccessLogOptions } from "./middleware/access-log.ts";
import type { CorsOptions } from "./middleware/cors.ts";
import type { RequestScopeOptions } from "./middleware/request-scope.ts";
import type { UserRoutesOptions } from "./users/index.ts";

/** Everything the app is made of; `dependencies.ts` gives the real parts, tests give fakes. */
export interface AppOptions extends AccessLogOptions, RequestScopeOptions, UserRoutesOptions {
  readonly cors: CorsOptions;
  readonly assets: AssetFetcher;
  /** Version of the Worker, for `X-Version-Id`. */
  readonly versionId: string;
}
