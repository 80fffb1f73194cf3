import path from "node:path";

import type { Cleanup } from "../command/cleanup.ts";
import { findFreePort } from "../net/listen.ts";
import { type ServerProcess, startServerProcess } from "../process/server-process.ts";
import { ROOT } from "./wrangler-packages.ts";

/** Neon's protocol in front of the database. */
export interface GatewayProcess extends ServerProcess {
  /** For `DATABASE_FETCH_ENDPOINT`. */
  readonly endpoint: string;
  /** For `DATABASE_URL`; holds a password. */
  readonly connectionString: string;
}

/** Starts the gateway in a process of its own, so that it does not share a thread with whoever measures. @param args further ones of its command */
export async function startGatewayProcess(
  postgresUrl: string,
  folder: string,
  cleanup: Cleanup,
  args: readonly string[] = [],
): Promise<GatewayProcess> {
  const port = await findFreePort();
  const origin = `http://127.0.0.1:${port}`;
  const gateway = await startServerProcess({
    name: "the database gateway",
    program: process.execPath,
    args: ["--no-warnings", path.join(ROOT, "tools/dev/gateway/main.ts"), "--port", String(port), ...args],
    env: { PG_URL: postgresUrl },
    folder: ROOT,
    logFile: path.join(folder, "gateway.log"),
    probeUrl: `${origin}/_gateway/stats`,
  });
  cleanup.add(() => gateway.stop());
  // The driver wants a host with a name, and no port.
  const address = new URL(postgresUrl);
  address.host = "localhost";
  address.port = "";
  return { ...gateway, endpoint: `${origin}/sql`, connectionString: address.href };
}
