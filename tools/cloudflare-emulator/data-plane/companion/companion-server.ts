import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { json } from "node:stream/consumers";

import { z } from "zod";

import type { KvNamespaces } from "../../kv/kv-namespaces.ts";
import type { Broker } from "../../queues/broker.ts";
import { handleRequest, handleUpgrade, type RequestHandling, SERVER_OPTIONS } from "../edge/edge-server.ts";
import { without } from "../edge/headers.ts";
import type { Dispatch } from "../routing/dispatch.ts";
import { answerKv } from "./kv-calls.ts";
import type { Limit } from "./limiter.ts";
import { answerQueue } from "./queue-calls.ts";
import type { RemoteCalls } from "./remote-calls.ts";

export interface CompanionServerOptions {
  readonly dispatch: Dispatch;
  readonly onRequest: RequestHandling["onRequest"];
  readonly onAnswer: RequestHandling["onAnswer"];
  /** What KV bindings lead to; null where there is none. */
  readonly kv: KvNamespaces | null;
  /** Takes what producers send; null where there are no queues. */
  readonly broker: Broker | null;
  /** Whether a call is within its limit. */
  readonly limiter: (limit: Limit) => boolean;
  readonly onTrace: (versionId: string, items: readonly unknown[]) => void;
  /** Calls of methods by one companion in the process of another one. */
  readonly remoteCalls: RemoteCalls;
}

const LIMIT = z.object({ namespaceId: z.string(), key: z.string(), limit: z.number(), periodS: z.number() });
const ITEMS = z.array(z.unknown());

/** Serves the Workers that run beside the versions: what they do not know by themselves is decided here, once for all. */
export function createCompanionServer(options: CompanionServerOptions): Server {
  const services = toServices(options);
  const server = createServer(SERVER_OPTIONS, (request, response) => {
    if (request.headers["x-emulator-call"] === "fetch") void handleRequest(request, response, services);
    else void answerCall(request, response, options);
  });
  server.on("upgrade", (request, socket: Duplex, head: Buffer) => void handleUpgrade(request, socket, head, services));
  return server;
}

/** Fetches over service bindings: they do not pass the edge, so headers and bodies are left as they are. */
function toServices({ dispatch, onRequest, onAnswer }: CompanionServerOptions): RequestHandling {
  return {
    lease: ({ headers }) => dispatch.toScript(String(headers["x-emulator-service"]), headers),
    toVersionHeaders: ({ rawHeaders }) => without(rawHeaders, (name) => name.startsWith("x-emulator-")),
    toClientHeaders: () => [],
    isCompressing: false,
    onRequest,
    onAnswer,
  };
}

async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  { limiter, kv, broker, onTrace, remoteCalls }: CompanionServerOptions,
): Promise<void> {
  try {
    const { "x-emulator-call": call, "x-emulator-version": versionId } = request.headers;
    if (call === "kv" && kv !== null) return await answerKv(request, response, { kv, now: Date.now });
    if (call === "queue" && broker !== null) return await answerQueue(request, response, broker);
    const body: unknown = await json(request);
    if (call === "limit") return sendJson(response, { success: limiter(LIMIT.parse(body)) });
    const answer = await remoteCalls.answer(String(call), body);
    if (answer !== null) return sendJson(response, answer);
    if (call === "trace") onTrace(String(versionId), ITEMS.parse(body));
    sendJson(response, {});
  } catch (error) {
    response.writeHead(400).end(error instanceof Error ? error.message : String(error));
  }
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}
