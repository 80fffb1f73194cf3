import { type ClientRequest, type IncomingMessage, request as sendRequest, type ServerResponse } from "node:http";

import type { VersionProcess } from "../versions/version-process.ts";
import { compress } from "./compress.ts";
import { MAX_HEADER_SIZE, type RawHeaders, withoutHopByHop } from "./headers.ts";
import { sendRefusal } from "./refusal.ts";

/** A request on its way to a version. */
export interface Forwarding {
  readonly process: Pick<VersionProcess, "port" | "agent">;
  /** What the version gets, beside what the connection to it needs. */
  readonly headers: RawHeaders;
  /** Added to the answer. */
  readonly responseHeaders: RawHeaders;
  /** In which codings the client takes an answer; null sends it as it is. */
  readonly acceptEncoding: string | null;
  /** Called once, when both bodies are through or lost: with the status of the answer that began, or null. */
  readonly onDone: (status: number | null) => void;
}

/** Streams a request to a version and its answer back; neither of them is kept in memory. */
export function forward(request: IncomingMessage, response: ServerResponse, forwarding: Forwarding): void {
  const upstream = openUpstream(request, forwarding, toBodyHeaders(request));
  let status: number | null = null;
  upstream.once("response", (answer) => {
    status = answer.statusCode ?? null;
    sendAnswer(answer, response, forwarding);
  });
  upstream.on("error", ({ message }) => {
    // After the start of the answer, its own end tells whether it is whole.
    if (response.headersSent) return;
    sendRefusal(response, { status: 502, message: `The version was lost: ${message}` });
  });
  upstream.once("close", () => {
    // What a Worker left unread has to go, or the connection's next request could not be found behind it.
    request.unpipe(upstream);
    request.resume();
    forwarding.onDone(status);
  });
  response.once("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  // A client may leave after the answer too, with its upload half done.
  request.once("close", () => {
    if (!request.complete) upstream.destroy();
  });
  // A slow upload's first byte may be a long time coming.
  if (hasBody(request)) upstream.flushHeaders();
  request.pipe(upstream);
}

function sendAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  { responseHeaders, acceptEncoding }: Forwarding,
): void {
  const { statusCode = 502, statusMessage, rawHeaders, headers } = answer;
  const compression = compress(answer, acceptEncoding);
  response.writeHead(statusCode, statusMessage, [
    ...withoutHopByHop(compression?.headers ?? rawHeaders),
    ...responseHeaders,
  ]);
  // A stream's first byte may be a long time coming.
  if (headers["content-length"] === undefined) response.flushHeaders();
  answer.once("close", () => {
    if (!answer.complete) response.destroy();
  });
  if (compression === null) return void answer.pipe(response);
  const { encoder } = compression;
  response.once("close", () => encoder.destroy());
  answer.pipe(encoder).pipe(response);
}

/** Sends a request's head to a version. `added` are headers of the connection between the two. */
export function openUpstream(
  request: IncomingMessage,
  { process, headers }: Forwarding,
  added: RawHeaders,
): ClientRequest {
  const { method = "GET", url = "/" } = request;
  const { port, agent } = process;
  return sendRequest({
    host: "127.0.0.1",
    port,
    agent,
    method,
    maxHeaderSize: MAX_HEADER_SIZE,
    // Clients that take us for their proxy name the whole URL; all others, the path already.
    path: url.replace(/^https?:\/\/[^/?]*/i, "").replace(/^(?!\/)\*?/, "/"),
    headers: [...withoutHopByHop(headers), ...added],
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  const { "transfer-encoding": encoding, "content-length": length = "0" } = headers;
  return encoding !== undefined || length !== "0";
}

/** How the body ends: by its length, which is among the other headers if it is known, else by its last chunk. */
function toBodyHeaders({ headers, method = "GET" }: IncomingMessage): RawHeaders {
  if (headers["transfer-encoding"] !== undefined) return ["Transfer-Encoding", "chunked"];
  const isEmpty = headers["content-length"] === undefined && ["POST", "PUT", "PATCH"].includes(method);
  return isEmpty ? ["Content-Length", "0"] : [];
}
