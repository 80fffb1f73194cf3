import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";

/** Drizzle over Neon's HTTP driver. It has no transactions: one statement, or one batch, per operation. */
export type Database = NeonHttpDatabase<Record<string, never>>;

/** Gives a database whose every fetch ends when the signal aborts. */
export type DatabaseFactory = (signal: AbortSignal) => Database;

export interface DatabaseClientOptions {
  /** PostgreSQL connection URL, with its credentials. */
  readonly databaseUrl: string;
  /** SQL-over-HTTP endpoint; null for the one that Neon's driver derives from the URL. */
  readonly fetchEndpoint: string | null;
}

/** Called once per isolate: the driver keeps its endpoint in module state. */
export function createDatabaseFactory({ databaseUrl, fetchEndpoint }: DatabaseClientOptions): DatabaseFactory {
  if (fetchEndpoint !== null) neonConfig.fetchEndpoint = fetchEndpoint;
  return (signal) => drizzle(neon<false, true>(databaseUrl, { fullResults: true, fetchOptions: { signal } }));
}
