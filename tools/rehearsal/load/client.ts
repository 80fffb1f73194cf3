import { Agent, request as openRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What to send. */
export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Spreads the body over this time, as a client on a slow line does; at once when absent. */
  readonly trickleMs?: number;
}

/** What came back, or why nothing did. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly kind: "nothing"; readonly reason: string; readonly isLate: boolean };

export interface Client {
  /** Never rejects. @param isNew opens a connection for this request alone */
  send(call: Call, isNew: boolean): Promise<Reply>;
  /** Closes the connections that are kept. */
  close(): void;
}

const TRICKLE_STEPS = 8;
/**
 * The edge closes idle connections after 75 s, as servers do. Ours end long before: else those that a burst has opened would all be
 * closed at once, 75 s later, with the requests of the next burst just sent on them.
 */
const IDLE_CONNECTION_MS = 5_000;

export interface ClientOptions {
  readonly origin: string;
  /** For a whole answer. */
  readonly timeoutMs: number;
  /** How long a kept connection may be idle. */
  readonly idleMs?: number;
}

/** Keeps connections, and never repeats a request by itself: what gets lost is to be seen. */
export function createClient({ origin, timeoutMs, idleMs = IDLE_CONNECTION_MS }: ClientOptions): Client {
  const kept = new Agent({ keepAlive: true, timeout: idleMs });
  return {
    async send(call, isNew) {
      const request = openRequest(new URL(call.path, origin), {
        method: call.method,
        agent: isNew ? false : kept,
        headers: { ...call.headers, ...lengthOf(call.body) },
      });
      let isLate = false;
      const giveUp = (): void => {
        isLate = true;
        request.destroy(new Error(`no whole answer in ${timeoutMs} ms`));
      };
      const timer = setTimeout(giveUp, timeoutMs);
      try {
        const reply = receive(request);
        void writeBody(request, call);
        return await reply;
      } catch (error) {
        return { kind: "nothing", reason: describe(error), isLate };
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => kept.destroy(),
  };
}

function lengthOf(body: string | undefined): Record<string, string> {
  return body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
}

async function receive(request: ClientRequest): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request.once("response", resolve);
  request.on("error", reject);
  const response = await promise;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(Buffer.from(chunk));
  const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
  return {
    kind: "answer",
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString(),
  };
}

async function writeBody(request: ClientRequest, { body, trickleMs }: Call): Promise<void> {
  if (body === undefined || trickleMs === undefined) {
    request.end(body);
    return;
  }
  const bytes = Buffer.from(body);
  const size = Math.ceil(bytes.length / TRICKLE_STEPS);
  for (let from = 0; from < bytes.length && !request.destroyed; from += size) {
    request.write(bytes.subarray(from, from + size));
    await sleep(trickleMs / TRICKLE_STEPS);
  }
  request.end();
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && typeof error.code === "string" ? `${error.code}: ${error.message}` : error.message;
}
