import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { type Forwarding, openUpstream } from "./forward.ts";
import { pairs, type RawHeaders, withoutHopByHop } from "./headers.ts";
import { refuseUpgrade } from "./refusal.ts";

/** Connects a client with a version for as long as both want, as for a WebSocket; a version that refuses says so itself. */
export function forwardUpgrade(request: IncomingMessage, client: Duplex, head: Buffer, forwarding: Forwarding): void {
  const { upgrade = "" } = request.headers;
  const upstream = openUpstream(request, forwarding, ["Connection", "Upgrade", "Upgrade", upgrade]);
  let isUpgraded = false;
  let status: number | null = null;
  upstream.once("close", () => {
    if (!isUpgraded) forwarding.onDone(status);
  });
  upstream.on("error", ({ message }) => refuseUpgrade(client, { status: 502, message }));
  upstream.once("response", (answer) => {
    status = answer.statusCode ?? null;
    const headers = [...withoutHopByHop(answer.rawHeaders), ...forwarding.responseHeaders];
    // The connection is of no use any more: its end is that of the body too.
    client.write(toHead(answer, [...headers, "Connection", "close"]));
    answer.pipe(client);
  });
  upstream.once("upgrade", (answer, server: Duplex, rest) => {
    isUpgraded = true;
    client.write(toHead(answer, [...answer.rawHeaders, ...forwarding.responseHeaders]));
    client.write(rest);
    server.write(head);
    join(client, server, forwarding.onDone);
  });
  client.once("close", () => upstream.destroy());
  client.on("error", () => upstream.destroy());
  upstream.end();
}

function join(client: Duplex, server: Duplex, onDone: Forwarding["onDone"]): void {
  client.pipe(server).pipe(client);
  server.on("error", () => client.destroy());
  client.once("close", () => server.destroy());
  server.once("close", () => {
    client.destroy();
    onDone(101);
  });
}

function toHead({ statusCode, statusMessage }: IncomingMessage, headers: RawHeaders): string {
  const lines = [
    `HTTP/1.1 ${statusCode} ${statusMessage}`,
    ...pairs(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}
