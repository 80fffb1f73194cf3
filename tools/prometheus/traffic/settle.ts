import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../../command/run-command.ts";
import { findDifference } from "../checks/totals.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";
import type { PrometheusStack } from "../stack/start-stack.ts";
import type { Client } from "./client.ts";
import type { Difference } from "./ledger.ts";

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

/** Waits until Prometheus has all that the client counted, and nothing else. @throws Error with what differs */
export async function settle(options: SettleOptions): Promise<void> {
  const { stack, client, context } = options;
  const request = { method: "GET", path: "/health", route: "/health" };
  for (let attempt = 1; ; attempt++) {
    const difference = await look(options);
    if (difference === null) return;
    if (difference.isExcess || attempt === ATTEMPTS) throw new Error(difference.lines.join("\n"));
    context.progress.status("sending one more to each version");
    for (const version of stack.versions) await client.send({ version, request, expected: 200 });
  }
}

/** Looks for some seconds; gives what differs then, or at once what will not get better. */
async function look({ monitoring, client, context: { progress, signal } }: SettleOptions): Promise<Difference | null> {
  let difference: Difference | null = null;
  for (let count = 0; count < LOOKS; count++) {
    difference = await findDifference(monitoring, client.ledger);
    if (difference === null || difference.isExcess) return difference;
    progress.status(`waiting for the rest: ${difference.lines[0]}`);
    await sleep(LOOK_MS, undefined, { signal });
  }
  return difference;
}
