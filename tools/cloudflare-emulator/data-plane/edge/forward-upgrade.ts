import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import { type Forwarding, openUpstream } from "./forward.ts";
import { refuseUpgrade } from "./refusal.ts";

/** Connects a client with a version for as long as both want, as for a WebSocket. */
export function forwardUpgrade(request: IncomingMessage, client: Duplex, head: Buffer, forwarding: Forwarding): void {
  const { upgrade = "" } = request.headers;
  const upstream = openUpstream(request, forwarding, ["Connection", "Upgrade", "Upgrade", upgrade]);
  let isUpgraded = false;
  upstream.once("close", () => {
    if (!isUpgraded) forwarding.onDone(null);
  });
  upstream.on("error", ({ message }) => refuseUpgrade(client, { status: 502, message }));
  upstream.once("response", (answer) => {
    answer.resume();
    refuseUpgrade(client, { status: 502, message: `The version answered ${answer.statusCode} instead of an upgrade` });
  });
  upstream.once("upgrade", (answer, server: Duplex, rest) => {
    isUpgraded = true;
    client.write(toHead(answer));
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

function toHead({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let index = 0; index < rawHeaders.length; index += 2)
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
