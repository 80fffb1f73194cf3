import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { parseConfig } from "../../src/config.ts";
import { closeServer, findFreePort, listen } from "../net/listen.ts";
import type { StartOptions } from "./options.ts";
import { StartError } from "./options.ts";

/** A cold first start bundles the Worker and loads workerd; slow machines need most of this. */
const READY_TIMEOUT_MS = 90_000;
const POLL_MS = 150;
const PROBE_TIMEOUT_MS = 5_000;

/** @throws StartError when the Worker would refuse this configuration */
export function checkConfiguration(variables: StartOptions["variables"]): void {
  try {
    parseConfig({
      ...variables,
      ENVIRONMENT: "development",
      DATABASE_URL: "postgresql://user:password@localhost/database",
    });
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

/** @throws StartError when the port cannot be used */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    await listen(server, { port });
    await closeServer(server);
  } catch (error) {
    throw portError(port, error);
  }
}

/** A fixed port, so that clients and Prometheus find it again, and any free one when it is taken: a companion is no reason not to start. */
export async function chooseCompanionPort(preferred: number): Promise<number> {
  try {
    await checkPort(preferred);
    return preferred;
  } catch {
    return await findFreePort();
  }
}

function portError(port: number, error: unknown): StartError {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  const reason = code === "EADDRINUSE" ? "is in use by another program" : `cannot be used (${code})`;
  return new StartError(
    `Port ${port} ${reason}. Stop that program, or choose another port: PORT=${port + 1} npm start`,
  );
}

/** @throws StartError when the API is not ready in time */
export async function waitUntilReady(origin: string, signal: AbortSignal): Promise<void> {
  let lastAnswer = "no answer";
  const giveUpAt = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < giveUpAt) {
    signal.throwIfAborted();
    try {
      const probe = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
      const response = await fetch(`${origin}/health/ready`, { signal: probe });
      await response.body?.cancel();
      if (response.status === 200) return;
      lastAnswer = `status ${response.status}`;
    } catch {
      // Not listening yet.
    }
    await sleep(POLL_MS);
  }
  throw new StartError(
    `The API did not become ready within ${READY_TIMEOUT_MS / 1000} s (${lastAnswer}); its log above says why.`,
  );
}
