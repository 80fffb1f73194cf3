import { STARTUP_BUDGET_MS, STARTUP_LIMIT_MS } from "../../bundle/measure.ts";

/** `43 ms of CPU (budget 100 ms, Cloudflare's limit 1000 ms)`. */
export function describeStartup(startupMs: number): string {
  return `${startupMs} ms of CPU (budget ${STARTUP_BUDGET_MS} ms, Cloudflare's limit ${STARTUP_LIMIT_MS} ms)`;
}

const MEANING =
  `Before Cloudflare accepts a version it starts it once: all that the bundle does outside of its handlers must be done within ${STARTUP_LIMIT_MS} ms of CPU. ` +
  "What users feel of it is the first request of each isolate.";
const REMEDY =
  "See where the time goes: npx wrangler check startup, and open the profile in the developer tools of Chrome. Then move work from the modules' top level " +
  "into the first call that needs it, or do without the dependency that does it.";

/** Why a bundle is refused here, before Cloudflare would have to. */
export function describeDanger(startupMs: number): string {
  return `The bundle takes ${describeStartup(startupMs)} to start, more than half of the limit. ${MEANING} ${REMEDY}`;
}

/**
 * Why Cloudflare has refused an upload twice, with code 10021, and what to do next. Its machines do other work as well, so
 * that the same bundle passes at one time and fails at another.
 */
export function describeStartupRefusal(startupMs: number): string {
  return (
    `Cloudflare has refused the version twice, because it starts too slowly there (code 10021). ${MEANING} Here it takes ${describeStartup(startupMs)}, ` +
    `so it was most likely a busy machine on their side: release again in some minutes. If it stays, make the start lighter. ${REMEDY}`
  );
}
