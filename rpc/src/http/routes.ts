import { ConnectError, createConnectRouter, type Interceptor } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";

import type { UsersApi } from "../api/users-api.ts";
import { callOf } from "../call.ts";
import { UsersService } from "../gen/users/v1/users_pb.ts";
import { usersService } from "../users/index.ts";

/** Far more than the largest valid message needs, and as much as the API reads. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * Every method by its path. gRPC itself needs HTTP trailers, which a Worker cannot send. Messages are too short for compression to
 * pay, so that none is offered; Cloudflare compresses JSON on its way by itself.
 */
export function createRoutes(api: UsersApi): ReadonlyMap<string, UniversalHandler> {
  const { handlers } = createConnectRouter({
    connect: true,
    grpcWeb: true,
    grpc: false,
    readMaxBytes: MAX_MESSAGE_BYTES,
    interceptors: [noteFaults],
  }).service(UsersService, usersService(api));
  return new Map(handlers.map((handler) => [handler.requestPath, handler]));
}

/** What is no refusal but a fault of this Worker: Connect tells the caller `internal` and nothing else, the log has the rest. */
const noteFaults: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (error) {
    if (!(error instanceof ConnectError)) callOf(request.contextValues).error = error;
    throw error;
  }
};
