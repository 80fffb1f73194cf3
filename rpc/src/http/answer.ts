import { createContextValues } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";

import type { HeaderGroup, OwnHeaders } from "../../../src/http/response-headers.ts";
import type { Deadline } from "../../../src/resilience/deadline.ts";
import { CALL, type Call } from "../call.ts";
import { allowPreflight } from "./cors.ts";
import { readBody } from "./request-body.ts";

/** What is answered, before the headers of every answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer> | null;
  /** Empty without a body. */
  readonly contentType: string;
  readonly own: OwnHeaders;
}

/** Every codec of both protocols; what else is sent is refused with this list. */
const READABLE = [
  "application/json",
  "application/proto",
  "application/grpc-web",
  "application/grpc-web+proto",
  "application/grpc-web+json",
].join(", ");

/** Those that `HttpAnswer` and the server write themselves. */
const WRITTEN_ELSEWHERE: ReadonlySet<string> = new Set(["content-type", "content-length"]);

export interface CallOptions {
  readonly call: Call;
  /** By when the request has to have arrived. */
  readonly deadline: Deadline;
  /** What the answer says to browsers; null for nothing. */
  readonly cors: HeaderGroup | null;
}

/** Answers a call, however it is encoded. */
export async function answerCall(
  handler: UniversalHandler,
  request: Request,
  { call, deadline, cors }: CallOptions,
): Promise<HttpAnswer> {
  const methods = handler.allowedMethods.join(", ");
  if (request.method === "OPTIONS") {
    const allowed = cors === null ? [] : allowPreflight(request, methods);
    return emptyAnswer(204, [["Allow", `${methods}, OPTIONS`], ...allowed]);
  }
  const { method, url, headers: header, signal } = request;
  const { status, ...encoded } = await handler({
    httpVersion: "",
    method,
    url,
    header,
    signal,
    body: readBody(request.body, deadline),
    contextValues: createContextValues().set(CALL, call),
  });
  if (status === 405) return emptyAnswer(status, [["Allow", `${methods}, OPTIONS`]]);
  if (status === 415) return emptyAnswer(status, [["Accept-Post", READABLE]]);
  const headers = encoded.header ?? new Headers();
  return {
    status,
    body: await collect(encoded.body),
    contentType: headers.get("Content-Type") ?? "",
    own: [...headers].filter(([name]) => !WRITTEN_ELSEWHERE.has(name)),
  };
}

/** Tells that the Worker runs; nothing more is asked, as at the API's `/health`. */
export function answerHealth({ method }: Request): HttpAnswer {
  if (method !== "GET" && method !== "HEAD") return emptyAnswer(405, [["Allow", "GET, HEAD"]]);
  return jsonAnswer(200, { status: "ok" });
}

/** Connect's clients read the code, and gRPC-Web's make the same one of the status. */
export function answerUnknownPath(): HttpAnswer {
  return jsonAnswer(404, { code: "unimplemented", message: "There is nothing at this path." });
}

/** For a fault of this Worker outside of a call. */
export function answerFault(): HttpAnswer {
  return jsonAnswer(500, { code: "internal", message: "internal error" });
}

function jsonAnswer(status: number, value: object): HttpAnswer {
  const body = new Uint8Array(new TextEncoder().encode(JSON.stringify(value)));
  return { status, body, contentType: JSON_TYPE, own: [] };
}

const JSON_TYPE = "application/json";

function emptyAnswer(status: number, own: OwnHeaders): HttpAnswer {
  return { status, body: null, contentType: "", own };
}

/** The header of a kind of content; the same object for the same type, for `ResponseHeaders` remembers it. */
export function contentKind(contentType: string): HeaderGroup {
  const known = KINDS.get(contentType) ?? { "Content-Type": contentType };
  KINDS.set(contentType, known);
  return known;
}

/** As many as there are codecs. */
const KINDS = new Map<string, HeaderGroup>([["", {}]]);

/** A whole answer at once, for it is short, and its end tells the outcome. */
async function collect(chunks: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array<ArrayBuffer> | null> {
  if (chunks === undefined) return null;
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  const whole = new Uint8Array(parts.reduce((size, { byteLength }) => size + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
