import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

import { type Gateway, startGateway } from "../../tools/dev/gateway/index.ts";
import { closeServer, listen } from "../../tools/net/listen.ts";

/** Neon's SQL over HTTP for many branches at one address, as `api.….neon.tech` is: each request names its database. */
export interface BranchGateway {
  readonly url: string;
  close(): Promise<void>;
}

const HEADER = "neon-connection-string";
const HOP_BY_HOP = ["host", "connection", "content-length", "transfer-encoding", "expect"];

export async function startBranchGateway(): Promise<BranchGateway> {
  const gateways = new Map<string, Promise<Gateway>>();
  const find = (connectionString: string): Promise<Gateway> => {
    const known = gateways.get(connectionString) ?? startGateway({ postgresUrl: connectionString });
    gateways.set(connectionString, known);
    return known;
  };
  const forward = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gateway = await find(String(request.headers[HEADER]));
    const kept = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    const answer = await fetch(gateway.url, {
      method: request.method ?? "POST",
      headers: kept.map(([name, value]): [string, string] => [name, String(value)]),
      body: await buffer(request),
    });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const server = createServer((request, response) => void forward(request, response).catch(() => response.destroy()));
  const port = await listen(server, { port: 0 });
  return {
    url: `http://127.0.0.1:${port}/sql`,
    async close() {
      await closeServer(server);
      for (const gateway of await Promise.all(gateways.values())) await gateway.close();
    },
  };
}
