import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import { closeServer, listen } from "../../net/listen.ts";
import type { Context } from "../context.ts";
import { ApiError, notFound } from "./api-error.ts";
import type { NeonFaults } from "./faults.ts";
import { type ApiAnswer, type ApiCall, matchRoute, type Route } from "./router.ts";

/** Where the API is, below the origin. */
const API_BASE = "/api/v2";

/** One request that the API got; it holds no value of a body. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** 0 when the connection was dropped. */
  readonly status: number;
}

export interface ServerOptions {
  readonly port: number;
  readonly apiKey: string;
  readonly routes: readonly Route[];
  readonly context: Context;
  readonly faults: NeonFaults;
  readonly onCall: (call: Call) => void;
}

/** Serves the API on loopback; rejects when the port is taken. */
export async function startServer(options: ServerOptions): Promise<{ apiUrl: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void serve(request, response, options).catch(() => response.destroy());
  });
  const port = await listen(server, { port: options.port });
  return { apiUrl: `http://127.0.0.1:${port}${API_BASE}`, close: () => closeServer(server) };
}

interface Outcome extends ApiAnswer {
  readonly headers?: Readonly<Record<string, string>>;
}

async function serve(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const url = new URL(request.url ?? "/", "http://neon");
  const call: ApiCall = {
    method: request.method ?? "GET",
    path: url.pathname.startsWith(`${API_BASE}/`) ? url.pathname.slice(API_BASE.length) : `?${url.pathname}`,
    query: url.searchParams,
    authorization: request.headers.authorization ?? "",
    body: await text(request),
  };
  const outcome = await decide(call, options);
  options.onCall({ method: call.method, path: call.path, status: outcome?.status ?? 0 });
  if (outcome === null) {
    response.destroy();
    return;
  }
  response.writeHead(outcome.status, { "content-type": "application/json", ...outcome.headers });
  response.end(outcome.status === 204 ? undefined : JSON.stringify(outcome.payload));
}

/** The answer, or null when a fault wants the connection dropped. */
async function decide(call: ApiCall, options: ServerOptions): Promise<Outcome | null> {
  const fault = options.faults.take(call.method, call.path);
  if (fault === null) return await dispatch(call, options);
  if (fault.when === "after") await dispatch(call, options);
  if (fault.status === undefined) return null;
  const headers = fault.retryAfter === undefined ? {} : { "retry-after": String(fault.retryAfter) };
  return { ...failWith(new ApiError(fault.status, "FAULT", "injected fault")), headers };
}

async function dispatch(call: ApiCall, { apiKey, routes, context }: ServerOptions): Promise<Outcome> {
  try {
    if (call.authorization !== `Bearer ${apiKey}`) throw new ApiError(401, "", "authorization failed: invalid API key");
    const match = matchRoute(routes, call);
    if (match === null) throw notFound(`${call.method} ${call.path}: this route`);
    return await match.route.handle(match.call, context);
  } catch (error) {
    return failWith(error);
  }
}

/** What is no refusal is a mistake of the emulator, hence 500. */
function failWith(error: unknown): Outcome {
  const [status, code] = error instanceof ApiError ? [error.status, error.code] : [500, "EMULATOR"];
  const message = error instanceof Error ? error.message : String(error);
  return { status, payload: { request_id: "emulated", code, message } };
}
