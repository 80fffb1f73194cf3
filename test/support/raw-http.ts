import { randomUUID } from "node:crypto";
import { connect } from "node:net";

/** One answer, read byte by byte. */
export interface RawAnswer {
  readonly status: number;
  /** Names as they were sent, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Starts the request id of each sentinel, so that its event can be told from others. */
export const SENTINEL = "sentinel-";

/**
 * Sends the bytes of a request over a socket, past all that an HTTP client would correct, and right after them a sentinel, which is
 * a request of our own: what comes before the answer to that is the answer. Characters up to U+00FF are one byte each.
 * @throws Error when it is not exactly one HTTP/1.1 answer, or its header is not made of fields in lines that end in CRLF
 */
export async function exchange(url: URL, request: string): Promise<RawAnswer> {
  const id = `${SENTINEL}${randomUUID()}`;
  const sentinel = `HEAD /health HTTP/1.1\r\nHost: users.test\r\nX-Request-ID: ${id}\r\n\r\n`;
  const received = await sendBytes(url, `${request}${sentinel}`, id);
  const end = received.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3})(?: |$)/.exec(statusLine)?.[1];
  if (end === -1 || status === undefined || received.includes("HTTP/1.1 ", 1))
    throw new Error(`not one answer: ${JSON.stringify(received.slice(0, 500))}`);
  return { status: Number(status), headers: lines.map(parseField), body: received.slice(end + 4) };
}

function parseField(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([^\r\n\0]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`not a header field: ${JSON.stringify(line)}`);
  return [name, value];
}

/** All that comes before the answer to the sentinel, or before the server ends the connection. */
function sendBytes({ hostname, port }: URL, text: string, sentinelId: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(Buffer.from(text, "latin1")));
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    const mark = received.indexOf(sentinelId);
    if (mark === -1 || !received.includes("\r\n\r\n", mark)) return;
    socket.destroy();
    resolve(received.slice(0, received.lastIndexOf("HTTP/1.1 ", mark)));
  });
  socket.on("error", reject);
  socket.on("close", () => resolve(received));
  return promise;
}
