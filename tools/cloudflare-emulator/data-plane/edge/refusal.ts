import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Told apart from answers of Workers by a header: a request that got one of these never reached a Worker, or was cut off. */
export interface Refusal {
  readonly status: 404 | 500 | 502;
  readonly message: string;
}

/** Answers in the emulator's own name. */
export function sendRefusal(response: ServerResponse, { status, message }: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `${message}\n`;
  response.writeHead(status, {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(body),
    "X-Emulator-Error": toHeaderValue(message),
  });
  response.end(body);
}

/** The same for a connection that wanted to become a WebSocket. */
export function refuseUpgrade(socket: Duplex, { status, message }: Refusal): void {
  socket.end(
    `HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\nX-Emulator-Error: ${toHeaderValue(message)}\r\n\r\n`,
  );
}

function toHeaderValue(message: string): string {
  return message.replaceAll(/[^\x20-\x7e]+/g, " ");
}
