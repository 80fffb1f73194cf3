import { neon, neonConfig } from "@neondatabase/serverless";
import { drizzle } from "drizzle-orm/neon-http";

import type { StarterEnv } from "./env.ts";
import * as schema from "./schema.ts";

/** A client for one request. */
export function openDatabase(env: StarterEnv["Bindings"]) {
  neonConfig.fetchEndpoint = env.DATABASE_FETCH_ENDPOINT;
  return drizzle(neon(env.DATABASE_URL), { schema });
}
