import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../../command/run-command.ts";
import { findDifference } from "../checks/totals.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";
import type { PrometheusStack } from "../stack/start-stack.ts";
import type { Client } from "./client.ts";

export interface SettleOptions {
  readonly stack: PrometheusStack;
  readonly monitoring: Monitoring;
  readonly client: Client;
  readonly context: CommandContext;
}

/** After a failure telemetry is left alone for 5 s, and the next request brings up what waits: so one is sent now and then. */
const ATTEMPTS = 15;
const LOOKS = 32;
const LOOK_MS = 250;

/** Waits until Prometheus has all that the client counted. @throws Error with what still differs */
export async function settle({ stack, monitoring, client, context }: SettleOptions): Promise<void> {
  const { signal, progress } = context;
  const request = { method: "GET", path: "/health", route: "/health" };
  let difference: string | null = "";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (let look = 0; look < LOOKS; look++) {
      difference = await findDifference(monitoring, client.ledger);
      if (difference === null) return;
      progress.status(`waiting for the rest: ${difference.split("\n", 1)[0]}`);
      await sleep(LOOK_MS, undefined, { signal });
    }
    for (const version of stack.versions) await client.send({ version, request, expected: 200 });
  }
  throw new Error(difference ?? "");
}
