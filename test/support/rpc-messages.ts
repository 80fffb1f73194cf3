/** Requests and answers of Connect and gRPC-Web, byte by byte: what a test sends here owes nothing to the library that serves it. */

export const SERVICE = "/users.v1.UsersService";

export interface ConnectErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/** A unary call of Connect in JSON. */
export function postJson(message: unknown, headers: Readonly<Record<string, string>> = {}): RequestInit {
  const body = typeof message === "string" ? message : JSON.stringify(message);
  return { method: "POST", headers: { "Content-Type": "application/json", ...headers }, body };
}

/** A call by GET, whose message is in the query (Connect protocol, Unary-Get-Request). */
export function getPath(method: string, query: Readonly<Record<string, string>>): string {
  return `${SERVICE}/${method}?${new URLSearchParams(query).toString()}`;
}

export async function readError(response: Response): Promise<ConnectErrorJson> {
  if (response.headers.get("Content-Type") !== "application/json") throw new Error("a Connect error is JSON");
  const error: ConnectErrorJson = JSON.parse(await response.text());
  return error;
}

/** A message of one string field of a low number, as Protobuf writes it. */
export function stringField(number: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength > 127) throw new RangeError("one byte of length is enough for tests");
  return new Uint8Array([(number << 3) | 2, bytes.byteLength, ...bytes]);
}

/** A frame of gRPC-Web: flags, length, content. */
export function frame(content: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(5 + content.byteLength);
  bytes[0] = flags;
  new DataView(bytes.buffer).setUint32(1, content.byteLength);
  bytes.set(content, 5);
  return bytes;
}

/** A unary call of gRPC-Web in Protobuf. */
export function postFrame(
  message: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  type = "application/grpc-web+proto",
): RequestInit {
  return { method: "POST", headers: { "Content-Type": type, "X-Grpc-Web": "1", ...headers }, body: frame(message) };
}

export interface GrpcWebAnswer {
  readonly messages: readonly Uint8Array[];
  readonly trailers: Headers;
}

export async function readFrames(response: Response): Promise<GrpcWebAnswer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const messages: Uint8Array[] = [];
  const trailers = new Headers();
  for (let at = 0; at < bytes.byteLength;) {
    const flags = view.getUint8(at);
    const end = at + 5 + view.getUint32(at + 1);
    const content = bytes.subarray(at + 5, end);
    if ((flags & 0x80) === 0) messages.push(content);
    else addTrailers(trailers, new TextDecoder().decode(content));
    at = end;
  }
  return { messages, trailers };
}

function addTrailers(trailers: Headers, text: string): void {
  for (const line of text.split("\r\n").filter((each) => each !== "")) {
    const colon = line.indexOf(":");
    trailers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
}
