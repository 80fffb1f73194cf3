import { neon, neonConfig, NeonDbError, type NeonQueryFunction } from "@neondatabase/serverless";

import { type Gateway, type GatewayOptions, startGateway } from "../../tools/dev/gateway/index.ts";

/** A gateway with its two kinds of client: the real driver, and bare HTTP for what the driver never sends. */
export interface GatewayClient {
  readonly gateway: Gateway;
  readonly sql: NeonQueryFunction<false, false>;
  post(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

let driverUrl: string | undefined;

/** Starts a gateway. The driver's endpoint is global, so it belongs to the gateway that a test file opened first. */
export async function openGateway(options: GatewayOptions): Promise<GatewayClient> {
  const gateway = await startGateway(options);
  driverUrl ??= gateway.url;
  const url = driverUrl;
  neonConfig.fetchEndpoint = () => url;
  return {
    gateway,
    sql: neon(gateway.connectionString),
    post: async (body, headers = {}) =>
      await fetch(gateway.url, {
        method: "POST",
        headers: { "neon-connection-string": gateway.connectionString, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
  };
}

/** The error a query was rejected with; throws when it was not. */
export async function failureOf(query: PromiseLike<unknown>): Promise<NeonDbError> {
  try {
    await query;
  } catch (error) {
    if (error instanceof NeonDbError) return error;
    throw error;
  }
  throw new Error("the query succeeded");
}
