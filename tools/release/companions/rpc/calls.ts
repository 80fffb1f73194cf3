import { z } from "zod";

import { describeCause } from "../../measure/send-probe.ts";
import { overrideHeaders, VERSION_HEADER } from "../../measure/version-override.ts";

export interface RpcCallOptions {
  /** Origin of the RPC Worker. */
  readonly url: string;
  readonly scriptName: string;
  /** Asks that version by the override; null asks whichever comes. */
  readonly versionId: string | null;
  readonly signal: AbortSignal;
  readonly fetch?: typeof fetch;
}

export interface RpcAnswer {
  /** `ok`, the name of a code, or what came instead of either, in a few words. */
  readonly said: string;
  /** Null when it named none. */
  readonly versionId: string | null;
}

const TIMEOUT_MS = 10_000;
const SHOWN_LENGTH = 200;
const METHOD = "/users.v1.UsersService/ListUsers";
/** A frame of gRPC-Web without a message: no flags, no bytes. */
const EMPTY_FRAME = new Uint8Array(5);
/** Set in the flags of a frame that holds trailers. */
const TRAILERS = 0x80;
/** Of gRPC's codes those that say something here; Connect has the names. */
const CODES: Readonly<Record<string, string>> = {
  "8": "resource_exhausted",
  "14": "unavailable",
  "16": "unauthenticated",
};

export function readHealth(options: RpcCallOptions): Promise<RpcAnswer> {
  return send("/health", {}, options, async (response) =>
    response.status === 200 ? "ok" : describe(response, await response.text()),
  );
}

/** Asks for users as nobody. */
export function callByConnect(options: RpcCallOptions): Promise<RpcAnswer> {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };
  return send(METHOD, request, options, async (response) => {
    const text = await response.text();
    return readConnectCode(text) ?? describe(response, text);
  });
}

/** The same by the other protocol, whose code stands behind its messages. */
export function callByGrpcWeb(options: RpcCallOptions): Promise<RpcAnswer> {
  const headers = { "Content-Type": "application/grpc-web+proto", "X-Grpc-Web": "1" };
  return send(METHOD, { method: "POST", headers, body: EMPTY_FRAME }, options, async (response) => {
    const bytes = new Uint8Array(await response.arrayBuffer());
    const status = response.headers.get("grpc-status") ?? readTrailer(bytes);
    if (status === null) return describe(response, new TextDecoder().decode(bytes));
    return CODES[status] ?? `grpc-status ${status}`;
  });
}

interface CallRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

async function send(
  path: string,
  request: CallRequest,
  { url, scriptName, versionId, signal, fetch: ask = fetch }: RpcCallOptions,
  read: (response: Response) => Promise<string>,
): Promise<RpcAnswer> {
  try {
    const response = await ask(`${url}${path}`, {
      ...request,
      headers: { ...request.headers, ...(versionId === null ? {} : overrideHeaders(scriptName, versionId)) },
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    return { said: await read(response), versionId: response.headers.get(VERSION_HEADER) };
  } catch (error) {
    signal.throwIfAborted();
    return { said: `no answer (${describeCause(error)})`, versionId: null };
  }
}

const connectError = z.object({ code: z.string() });

function readConnectCode(text: string): string | null {
  try {
    return connectError.parse(JSON.parse(text)).code;
  } catch {
    return null;
  }
}

/** `grpc-status` of the last frame; null when there is none. */
function readTrailer(bytes: Uint8Array): string | null {
  for (let at = 0; at + EMPTY_FRAME.length <= bytes.length;) {
    const start = at + EMPTY_FRAME.length;
    const end = start + new DataView(bytes.buffer, bytes.byteOffset + at + 1, 4).getUint32(0);
    if (((bytes[at] ?? 0) & TRAILERS) !== 0) {
      const text = new TextDecoder().decode(bytes.subarray(start, end));
      return /^grpc-status: *(\d+)\r?$/im.exec(text)?.[1] ?? null;
    }
    at = end;
  }
  return null;
}

function describe({ status }: Response, text: string): string {
  return `HTTP ${status} (${text.trim().slice(0, SHOWN_LENGTH) || "nothing more"})`;
}
