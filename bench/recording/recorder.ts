import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One exchange with the database gateway. */
export interface Exchange {
  readonly query: string;
  readonly params: readonly unknown[];
  /** Names of the result's columns, in order. */
  readonly columns: readonly string[];
}

/** Stands before the gateway and notes what passes. */
export interface Recorder {
  readonly endpoint: string;
  /** What has passed since the last call. */
  take(): readonly Exchange[];
  close(): Promise<void>;
}

const FORWARDED = /^(neon-|content-type$)/;

/** Starts a proxy on loopback in front of the gateway's endpoint. */
export async function startRecorder(gatewayEndpoint: string): Promise<Recorder> {
  const exchanges: Exchange[] = [];
  const server = createServer((request, response) => {
    void relay(gatewayEndpoint, request, response).then(
      (exchange) => exchanges.push(exchange),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  });
  const port = await listen(server);
  return {
    endpoint: `http://127.0.0.1:${port}/sql`,
    take: () => exchanges.splice(0),
    async close() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      await promise;
    },
  };
}

async function relay(endpoint: string, request: IncomingMessage, response: ServerResponse): Promise<Exchange> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const sent = Buffer.concat(chunks).toString();
  const headers = Object.entries(request.headers).filter(([name]) => FORWARDED.test(name));
  const answer = await fetch(endpoint, {
    method: "POST",
    headers: Object.fromEntries(headers) as Record<string, string>,
    body: sent,
  });
  const received = await answer.text();
  const { query, params = [] }: { query?: string; params?: unknown[] } = JSON.parse(sent);
  if (query === undefined) throw new Error("the API sent a batch; the floor knows single statements only");
  const { fields = [] }: { fields?: { name: string }[] } = JSON.parse(received);
  response.writeHead(answer.status, { "Content-Type": "application/json" }).end(received);
  return { query, params, columns: fields.map(({ name }) => name) };
}

async function listen(server: Server): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
