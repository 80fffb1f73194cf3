import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";

import { UsersService } from "../../rpc/src/gen/users/v1/users_pb.ts";
import { buildCompanion } from "../../tools/dev/worker/build-companion.ts";
import { type Companions, WORKER_NAME } from "../../tools/dev/worker/serve.ts";
import { ROOT } from "../../tools/process/run-script.ts";
import { rpcWorker } from "../../tools/rpc/rpc-worker.ts";

/** The RPC Worker before the API, for `startStack`. */
export async function rpcCompanions(vars: Readonly<Record<string, string>> = {}): Promise<Companions> {
  return { workers: [rpcWorker({ module: await buildCompanion(ROOT, "rpc"), api: WORKER_NAME, vars })], services: {} };
}

/** Every way in which a browser's client speaks to it. */
export const PROTOCOLS = ["Connect JSON", "Connect binary", "Connect GET", "gRPC-Web binary", "gRPC-Web JSON"] as const;

export type Protocol = (typeof PROTOCOLS)[number];

/** A generated client, by Connect's own transports. */
export function createUsersRpcClient(url: URL, protocol: Protocol, apiKey?: string): Client<typeof UsersService> {
  const authenticate: Interceptor = (next) => (request) => {
    if (apiKey !== undefined) request.header.set("X-API-Key", apiKey);
    return next(request);
  };
  return createClient(UsersService, transportOf(url, protocol, [authenticate]));
}

function transportOf(url: URL, protocol: Protocol, interceptors: Interceptor[]): Transport {
  const options = { baseUrl: url.origin, interceptors };
  switch (protocol) {
    case "Connect JSON":
      return createConnectTransport({ ...options, useBinaryFormat: false });
    case "Connect binary":
      return createConnectTransport({ ...options, useBinaryFormat: true });
    case "Connect GET":
      return createConnectTransport({ ...options, useBinaryFormat: true, useHttpGet: true });
    case "gRPC-Web binary":
      return createGrpcWebTransport({ ...options, useBinaryFormat: true });
    case "gRPC-Web JSON":
      return createGrpcWebTransport({ ...options, useBinaryFormat: false });
  }
}
