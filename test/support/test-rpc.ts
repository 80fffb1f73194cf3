import type { ApiFetcher } from "../../rpc/src/api/users-api.ts";
import type { Origins } from "../../rpc/src/http/cors.ts";
import { createServer } from "../../rpc/src/http/server.ts";
import { KEEP_ALL, LogSampling, type LogSamplingOptions } from "../../src/observability/log-sampling.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { checkLogEvents } from "./log-schema.ts";
import type { TestApp } from "./test-app.ts";

export interface TestRpcOptions {
  readonly origins?: Origins;
  readonly logSampling?: LogSamplingOptions;
}

export interface TestRpc {
  /** Sends a request; `path` starts with a slash. Throws when what is logged is not what docs/log-events.schema.json says. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The same for what has its own `Request`, such as a transport of Connect. */
  fetch(input: Parameters<typeof globalThis.fetch>[0], init?: RequestInit): Promise<Response>;
  /** Everything logged so far. */
  readonly events: readonly Record<string, unknown>[];
}

export const RPC_ORIGIN = "https://rpc.test";

/** The real RPC server before an API. */
export function createTestRpc(api: ApiFetcher, options: TestRpcOptions = {}): TestRpc {
  const { origins = null, logSampling = KEEP_ALL } = options;
  const events: Record<string, unknown>[] = [];
  const server = createServer({
    api,
    origins,
    sampling: new LogSampling(logSampling),
    versionId: "rpc-version",
    clock: Date.now,
    logger: createLogger({
      level: "debug",
      base: { version_id: "rpc-version", version_tag: null },
      write: (_, line) => void events.push(Object(JSON.parse(line))),
    }),
  });
  const fetch: TestRpc["fetch"] = async (input, init) => {
    const response = await server(new Request(input, init));
    checkLogEvents(events);
    return response;
  };
  return { fetch, request: (path, init) => fetch(`${RPC_ORIGIN}${path}`, init), events };
}

/** A recorded request: what the API was asked, by its path and headers. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** The API as a binding: the app of the tests, whose answers are held against docs/openapi.json. */
export function bindApp(app: TestApp): ApiFetcher & { readonly requests: readonly ApiRequest[] } {
  const requests: ApiRequest[] = [];
  return {
    requests,
    async fetch(request) {
      const { method, headers, signal } = request;
      const { pathname, search } = new URL(request.url);
      const body = await request.text();
      requests.push({ method, path: `${pathname}${search}`, headers, body });
      return await app.request(`${pathname}${search}`, { method, headers, signal, body: body === "" ? null : body });
    },
  };
}

/** A binding that answers the same each time, or fails. */
export function answering(answer: () => Response | Promise<Response>): ApiFetcher {
  return { fetch: async () => await answer() };
}
