/** When every page below was last looked up. */
export const LOOKED_UP_ON = "2026-11-29";

/** A number that the model takes from somebody else, or from nobody. */
export interface Input {
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  /** Path of the page, file of this repository, or why the number is a reasonable one. */
  readonly source: string;
  /** The page's own date, or the revision of the repository that it is kept in. */
  readonly dated: string;
}

type InputOf = (value: number, unit: string, meaning: string) => Input;

const from =
  (source: string, dated: string): InputOf =>
  (value, unit, meaning) => ({ value, unit, meaning, source, dated });

const workersPricing = from("developers.cloudflare.com/workers/platform/pricing", "revision 07acbb6");
const workersLimits = from("developers.cloudflare.com/workers/platform/limits", "undated copy of 2026");
const observability = from("developers.cloudflare.com/observability/pricing", "valid from 2026-12-01");
const objectsPricing = from("developers.cloudflare.com/durable-objects/platform/pricing", "revision 07e200b");
const objectsLimits = from("developers.cloudflare.com/durable-objects/platform/limits", "2026-06-01");
const hyperdriveLimits = from("developers.cloudflare.com/hyperdrive/platform/limits", "revision 0c50ffa");
const neonPlans = from("neon.com/docs/introduction/plans", "2026-11-12");
const neonPlansInSpring = from("neon.com/docs/introduction/plans", "2026-03-20");
const neonTransfer = from("neon.com/docs/introduction/network-transfer", "2026-03-09");
const neonPooling = from("neon.com/docs/connect/connection-pooling", "2026-01-24");
const neonProxy = from("github.com/neondatabase/neon, proxy/src, default flags", "revision 6a35a3e, 2026-03-25");
const neonVcpu = from("neon.com/docs/introduction/plans", "2025-08, the newest copy that names it");
const ownConfiguration = from("wrangler.toml", "this commit");
const ownCode = from("src/dependencies.ts", "this commit");

/** What the vendors publish, and what this repository sets. */
export const PUBLISHED = {
  workersSubscription: workersPricing(5, "USD a month", "Workers Paid: subscription"),
  workersRequestsIncluded: workersPricing(10e6, "requests a month", "Workers Paid: requests included, cached ones too"),
  workersRequestPrice: workersPricing(0.3, "USD per million", "Workers Paid: requests beyond"),
  workersCpuIncluded: workersPricing(30e6, "ms a month", "Workers Paid: CPU included"),
  workersCpuPrice: workersPricing(0.02, "USD per million ms", "Workers Paid: CPU beyond"),
  workersFreeRequests: workersPricing(100_000, "requests a day", "Workers Free: requests"),
  workersFreeCpu: workersPricing(10, "ms per request", "Workers Free: CPU"),
  workersPaidCpu: workersLimits(30_000, "ms per request", "Workers Paid: CPU, unless raised"),
  subrequestsFree: workersLimits(50, "per request", "Workers Free: subrequests"),
  subrequestsPaid: workersLimits(10_000, "per request", "Workers Paid: subrequests"),
  simultaneousConnections: workersLimits(6, "per request", "Workers: connections open at once"),
  logIngestionIncluded: observability(50, "GB a month", "Logs and traces: ingestion included, uncompressed"),
  logIngestionPrice: observability(0.25, "USD per GB", "Logs and traces: ingestion beyond"),
  logStorageIncluded: observability(12, "GB-months", "Logs and traces: storage included"),
  logStoragePrice: observability(0.1, "USD per GB-month", "Logs and traces: storage beyond"),
  logRetention: observability(7, "days", "Logs and traces: retention, the only one yet"),
  objectRequestsIncluded: objectsPricing(1e6, "requests a month", "Durable Objects: requests included"),
  objectRequestPrice: objectsPricing(0.15, "USD per million", "Durable Objects: requests beyond"),
  objectRequests: objectsLimits(1_000, "requests per second", "Durable Objects: one object, soft limit"),
  hyperdriveConnectionsFree: hyperdriveLimits(
    20,
    "connections",
    "Hyperdrive, Workers Free: pool of a configuration, soft",
  ),
  hyperdriveConnectionsPaid: hyperdriveLimits(
    100,
    "connections",
    "Hyperdrive, Workers Paid: pool of a configuration, soft",
  ),
  computePriceLaunch: neonPlans(0.106, "USD per CU-hour", "Neon Launch: compute"),
  computePriceScale: neonPlans(0.222, "USD per CU-hour", "Neon Scale: compute"),
  storagePrice: neonPlans(0.35, "USD per GB-month", "Neon: storage"),
  computeFreeHours: neonPlansInSpring(100, "CU-hours a month", "Neon Free: compute of a project"),
  computeLargestFree: neonPlansInSpring(2, "CU", "Neon Free: largest compute"),
  computeLargestLaunch: neonPlansInSpring(16, "CU", "Neon Launch: largest compute, and of all autoscaling"),
  computeLargestScale: neonPlansInSpring(56, "CU", "Neon Scale: largest compute, of fixed size"),
  computeSmallest: neonPlansInSpring(0.25, "CU", "Neon: smallest compute"),
  idleBeforeSleep: neonPlansInSpring(300, "seconds", "Neon: idle time until a compute is suspended"),
  storageLargest: neonPlansInSpring(16_000, "GB", "Neon, paid plans: data of a branch"),
  storageFree: neonPlansInSpring(0.5, "GB", "Neon Free: data of a project"),
  historyPrice: neonPlansInSpring(0.2, "USD per GB-month", "Neon: change history for restores"),
  historyWindow: neonPlansInSpring(1, "days", "Neon, paid plans: restore window unless changed"),
  transferFree: neonTransfer(5, "GB a month", "Neon Free: answers of the database, then suspended"),
  transferIncluded: neonTransfer(100, "GB a month", "Neon, paid plans: answers of the database included"),
  transferPrice: neonTransfer(0.1, "USD per GB", "Neon, paid plans: answers of the database beyond"),
  connectionsPerUnit: neonPooling(419, "connections per CU", "Neon: `max_connections` below 9 CU"),
  connectionsLargest: neonPooling(4_000, "connections", "Neon: `max_connections` from 9 CU on"),
  connectionsReserved: neonPooling(7, "connections", "Neon: connections of its own"),
  processorsPerUnit: neonVcpu(1, "vCPU per CU", "Neon: processors of a compute"),
  endpointRequests: neonProxy(200, "requests per second", "Neon's proxy: SQL over HTTP per endpoint, sustained"),
  endpointBurst: neonProxy(500, "requests", "Neon's proxy: SQL over HTTP per endpoint, at once"),
  pooledConnections: neonProxy(20, "connections", "Neon's proxy: kept open per endpoint, where pooling is on"),
  callerRequests: ownConfiguration(1_200, "requests a minute", "Our rate limit: a caller, in one location"),
  sweepsPerHour: ownConfiguration(1, "runs an hour", "Our sweep of expired idempotency keys"),
  sweepDuration: ownCode(25, "seconds", "Our sweep: longest run"),
  keyLifetime: from("docs/api.md", "this commit")(24, "hours", "Our idempotency keys: lifetime"),
} satisfies Record<string, Input>;

const assumed = from("assumption", "not verified");

/** What nobody publishes and nobody has measured; each is a guess on the careful side. */
export const ASSUMED = {
  targetUtilisation: assumed(0.7, "share", "Busiest that a limit should be; the rest is for bursts and failures"),
  sweepRows: assumed(50_000, "rows per second", "Sweep, when yesterday's pages have to come from Neon's storage"),
  invocationLogBytes: assumed(1_500, "bytes per request", "The platform's own log event of a request"),
  spansPerRequest: assumed(5, "spans per request", "Automatic spans of a traced request"),
  spanBytes: assumed(500, "bytes per span", "A span with the platform's attributes"),
} satisfies Record<string, Input>;

/** A month of the invoices, in seconds: 30 days. */
export const MONTH_SECONDS = 30 * 86_400;
