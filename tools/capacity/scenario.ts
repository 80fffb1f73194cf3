import { PUBLISHED } from "./inputs.ts";

/** `free` is Workers Free with Neon Free; the others are Workers Paid with that plan of Neon. */
export type Plan = "free" | "launch" | "scale";

/** How statements reach PostgreSQL: Neon's SQL over HTTP, or TCP through Hyperdrive's pool. */
export type Driver = "http" | "hyperdrive";

/** What clients do. */
export interface Workload {
  /** Sustained, world-wide. */
  readonly requestsPerSecond: number;
  /** Share of requests that only read, 0 to 1. */
  readonly readShare: number;
  /** Share of reads that are lists, 0 to 1. */
  readonly listShare: number;
  /** Share of writes that create a user under an idempotency key, 0 to 1. */
  readonly keyedShare: number;
  /** Callers among whom the requests are spread evenly; null leaves their rate limit out. */
  readonly callers: number | null;
  /** Users in the database. */
  readonly users: number;
}

/** How the service is set up. */
export interface Setup {
  readonly plan: Plan;
  readonly driver: Driver;
  /** How long one statement holds a database connection, in ms. */
  readonly databaseMs: number;
  /** Independent databases, each with an even part of users and requests. */
  readonly regions: number;
  /** Read replicas of each database; with any, all reads go to them. */
  readonly replicas: number;
  /** Share of reads that a cache behind the credential check answers, 0 to 1. */
  readonly cacheHitShare: number;
  /** Share of requests that are logged, 0 to 1. */
  readonly logShare: number;
  /** Share of requests that are traced, 0 to 1. */
  readonly traceShare: number;
  /** Reports to the one telemetry object per request; less than 1 when they are batched. */
  readonly telemetryShare: number;
  /** Requests per second that Neon's proxy takes for one endpoint. */
  readonly endpointRequestsPerSecond: number;
  /** Connections that Neon's proxy keeps open for one endpoint. */
  readonly pooledConnections: number;
  readonly sweepsPerHour: number;
}

/** All that the model needs to know. */
export interface Scenario extends Workload, Setup {}

/** What the command line leaves out. */
export const DEFAULT_WORKLOAD: Omit<Workload, "requestsPerSecond"> = {
  readShare: 0.9,
  listShare: 0.2,
  keyedShare: 0.5,
  callers: null,
  users: 1_000_000,
};

/** The service as `wrangler.toml` configures production, on the first plans that are paid for. */
export const DEFAULT_SETUP: Setup = {
  plan: "launch",
  driver: "http",
  databaseMs: 2,
  regions: 1,
  replicas: 0,
  cacheHitShare: 0,
  logShare: 1,
  traceShare: 0.1,
  telemetryShare: 0,
  endpointRequestsPerSecond: PUBLISHED.endpointRequests.value,
  pooledConnections: PUBLISHED.pooledConnections.value,
  sweepsPerHour: PUBLISHED.sweepsPerHour.value,
};
