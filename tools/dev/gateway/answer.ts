import type { ServerResponse } from "node:http";

import { errorBody, GatewayError } from "./errors.ts";

/**
 * One HTTP answer, complete; `cut` sends only its first half, as a whole answer or with the connection broken, and `pauseMs` keeps
 * the client waiting for the second one.
 */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cut?: "truncate" | "disconnect";
  readonly pauseMs?: number;
}

export function jsonAnswer(status: number, body: string, headers?: Readonly<Record<string, string>>): Answer {
  return { status, body, contentType: "application/json", ...(headers === undefined ? {} : { headers }) };
}

/** Any thrown value as Neon's error answer; what is not a GatewayError is the gateway's own fault, hence 500. */
export function errorAnswer(error: unknown): Answer {
  const failure = error instanceof GatewayError ? error : new GatewayError(500, String(error));
  return jsonAnswer(failure.status, errorBody(failure));
}

/** Writes the answer with the headers the proxy puts on every response. */
export function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  const full = Buffer.from(answer.body);
  const half = full.subarray(0, full.length / 2);
  response.writeHead(answer.status, {
    "content-type": answer.contentType,
    "content-length": answer.cut === "truncate" ? half.length : full.length,
    "access-control-allow-origin": "*",
    "neon-request-id": crypto.randomUUID(),
    ...answer.headers,
  });
  if (answer.cut === "disconnect") response.write(half, () => response.socket?.destroy());
  else if (answer.cut === "truncate") response.end(half);
  else if (answer.pauseMs === undefined) response.end(full);
  else sendInHalves(response, full, answer.pauseMs);
}

function sendInHalves(response: ServerResponse, full: Buffer, pauseMs: number): void {
  const middle = Math.floor(full.length / 2);
  response.write(full.subarray(0, middle));
  const timer = setTimeout(() => response.end(full.subarray(middle)), pauseMs);
  response.once("close", () => clearTimeout(timer));
}
