import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { BACKLOG, closeServer, listen } from "../../net/listen.ts";
import { ADMIN_PREFIX, type AdminTarget, handleAdmin } from "./admin.ts";
import { jsonAnswer, send } from "./answer.ts";
import type { QueryHandler } from "./query-handler.ts";

const CORS_HEADERS = {
  allow: "OPTIONS, POST",
  "access-control-allow-headers":
    "Authorization, Neon-Connection-String, Neon-Raw-Text-Output, Neon-Array-Mode, Neon-Pool-Opt-In, Neon-Batch-Read-Only, Neon-Batch-Isolation-Level",
  "access-control-max-age": "86400",
};

/** An HTTP server whose port can be closed and opened again, as a database that cannot be reached. */
export interface ListeningServer {
  readonly port: number;
  /** Closes the port and all connections for `durationMs`, or until `reopen`. */
  refuse(durationMs: number): void;
  reopen(): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly handleQuery: QueryHandler;
  /** The control interface; absent when it is switched off. */
  readonly admin: AdminTarget | undefined;
}

/** Starts listening; rejects when the port is taken. */
export async function startServer({ host, port, handleQuery, admin }: ServerOptions): Promise<ListeningServer> {
  const server = createServer((request, response) => void route(request, response, { handleQuery, admin }));
  // An idle connection that we close just as a client reuses it would look like a database fault; clients close theirs.
  server.keepAliveTimeout = 0;
  const boundPort = await listen(server, { host, port });
  let timer: NodeJS.Timeout | undefined;
  const reopen = (): void => {
    clearTimeout(timer);
    if (timer !== undefined) server.listen(boundPort, host, BACKLOG);
    timer = undefined;
  };
  return {
    port: boundPort,
    reopen,
    refuse(durationMs) {
      clearTimeout(timer);
      timer = setTimeout(reopen, durationMs);
      server.close();
      server.closeAllConnections();
    },
    async close() {
      clearTimeout(timer);
      await closeServer(server);
    },
  };
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { handleQuery, admin }: Pick<ServerOptions, "handleQuery" | "admin">,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  if (path === "/sql" && request.method === "POST") return await handleQuery(request, response);
  if (path === "/sql" && request.method === "OPTIONS") return send(response, jsonAnswer(200, "", CORS_HEADERS));
  if (admin !== undefined && path.startsWith(ADMIN_PREFIX)) return await handleAdmin(admin, request, response);
  request.resume();
  send(response, jsonAnswer(400, JSON.stringify("query is not supported")));
}
