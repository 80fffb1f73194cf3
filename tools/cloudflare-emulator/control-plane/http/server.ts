import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { closeServer, listen } from "../../../net/listen.ts";
import { ADMIN_PREFIX, type AdminTarget, handleAdmin } from "../admin/admin.ts";
import { summarizeBody } from "../admin/body-summary.ts";
import type { CallLog } from "../admin/call-log.ts";
import type { ApiFault, ApiFaults } from "../admin/faults.ts";
import { TAIL_PREFIX, type Tails } from "../tails/tails.ts";
import { refuse } from "./api-error.ts";
import { failBy, failByFault, type Outcome } from "./envelope.ts";
import type { ApiCall } from "./router.ts";

/** Where wrangler expects the API, below the origin. */
export const API_BASE = "/client/v4";
const MAX_BODY_BYTES = 100 * 1024 * 1024; // Cloudflare's own limit is lower; this only protects our memory.

export interface ServerOptions {
  readonly port: number;
  readonly dispatch: (call: ApiCall) => Promise<Outcome>;
  readonly faults: Pick<ApiFaults, "take">;
  readonly calls: CallLog;
  readonly tails: Tails;
  readonly admin: AdminTarget;
}

export interface ListeningServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the API on loopback; rejects when the port is taken. */
export async function startServer(options: ServerOptions): Promise<ListeningServer> {
  const server = createServer((request, response) => {
    void serve(request, response, options).catch(() => response.destroy());
  });
  // An idle connection that we close just as wrangler reuses it would look like a fault; clients close theirs.
  server.keepAliveTimeout = 0;
  server.on("upgrade", (request, stream) => {
    if (request.url?.startsWith(TAIL_PREFIX)) options.tails.upgrade(request, stream);
    else stream.destroy();
  });
  const port = await listen(server, { port: options.port });
  return {
    origin: `http://127.0.0.1:${port}`,
    async close() {
      options.tails.close();
      await closeServer(server);
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const url = new URL(request.url ?? "/", "http://emulator");
  const body = await readBody(request);
  if (body !== null && url.pathname.startsWith(ADMIN_PREFIX)) {
    return await handleAdmin(options.admin, {
      request,
      response,
      action: url.pathname.slice(ADMIN_PREFIX.length),
      body,
    });
  }
  const isApi = url.pathname.startsWith(`${API_BASE}/`);
  const call = {
    method: request.method ?? "GET",
    path: isApi ? url.pathname.slice(API_BASE.length) : url.pathname,
    query: url.searchParams,
    headers: readHeaders(request),
    body: body ?? Buffer.alloc(0),
  };
  const refusal = refuseOutright(isApi, body !== null);
  await answerCall(
    call,
    response,
    refusal === null ? options : { ...options, dispatch: () => Promise.resolve(refusal) },
  );
}

function refuseOutright(isApi: boolean, isSmallEnough: boolean): Outcome | null {
  if (!isApi) return failBy(refuse(404, "noRoute", `The API is below ${API_BASE}`));
  return isSmallEnough ? null : failBy(refuse(413, "tooLarge", `A request may have ${MAX_BODY_BYTES} bytes.`));
}

async function answerCall(call: ApiCall, response: ServerResponse, options: ServerOptions): Promise<void> {
  const started = performance.now();
  const time = new Date().toISOString();
  const outcome = await decide(call, options);
  const { method, path, query } = call;
  options.calls.add({
    time,
    method,
    path,
    query: query.toString(),
    status: outcome?.status ?? 0,
    durationMs: Math.round(performance.now() - started),
    errors: outcome?.errors ?? [],
    body: await summarizeBody(call.headers, call.body),
  });
  if (outcome === null) response.destroy();
  else send(response, outcome);
}

/** The answer, or null when a fault wants the connection dropped. */
async function decide(call: ApiCall, { faults, dispatch }: ServerOptions): Promise<Outcome | null> {
  const fault: ApiFault | null = faults.take(call.method, call.path);
  if (fault === null) return await dispatch(call);
  await sleep(fault.delayMs ?? 0);
  const isHarmless = fault.status === undefined && fault.dropConnection !== true;
  const done = fault.when === "after" || isHarmless ? await dispatch(call) : null;
  return fault.dropConnection === true ? null : (failByFault(fault) ?? done);
}

/** Null for a body that is too large, which is read to its end, so that the refusal can be delivered. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes: Buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size <= MAX_BODY_BYTES) chunks.push(bytes);
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

function readHeaders({ headers }: IncomingMessage): Headers {
  return new Headers(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function send(response: ServerResponse, { status, headers, payload, raw }: Outcome): void {
  const body = raw ?? JSON.stringify(payload);
  response.writeHead(status, {
    "content-type": raw === undefined ? "application/json" : "application/octet-stream",
    "content-length": Buffer.byteLength(body),
    "cf-ray": "emulator",
    ...headers,
  });
  response.end(body);
}
