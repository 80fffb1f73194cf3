import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../../command/run-command.ts";
import type { Checks } from "../../previous-release/checks.ts";
import { type KnownAlert, readAlerts } from "../monitoring/query.ts";
import type { Monitoring } from "../monitoring/start-monitoring.ts";
import type { PrometheusStack } from "../stack/start-stack.ts";
import type { Client } from "../traffic/client.ts";
import type { Kind } from "../traffic/mix.ts";
import { waitUntil } from "../wait-until.ts";

export interface OutageOptions {
  readonly stack: PrometheusStack;
  readonly monitoring: Monitoring;
  readonly client: Client;
  readonly checks: Checks;
  /** What is sent all the time. */
  readonly kinds: readonly Kind[];
  readonly context: CommandContext;
}

/** What an outage of the database sets off, and whether somebody is told of it: the others are effects. */
const EXPECTED: Readonly<Record<string, KnownAlert["status"]["state"]>> = {
  UsersApiCircuitBreakerOpen: "active",
  UsersApiAvailabilityBurnFast: "active",
  UsersApiReadinessLost: "suppressed",
  UsersApiErrorSpike: "suppressed",
};
const NAMES = Object.keys(EXPECTED);

/** Between two rounds of requests. */
const PAUSE_MS = 100;

/** Stops PostgreSQL under traffic until its alerts fire, and starts it until they are resolved. */
export async function checkOutage(options: OutageOptions): Promise<void> {
  const { checks, stack, monitoring, context } = options;
  await checks.run("before the outage no alert of it fires", async () => {
    const before = (await readAlerts(monitoring)).filter(({ labels }) => NAMES.includes(labels["alertname"] ?? ""));
    if (before.length > 0) throw new Error(describe(before));
  });
  const traffic = startTraffic(options);
  try {
    await stack.postgres.stop();
    context.progress.line("the database is stopped");
    await checks.run(
      "an outage of the database fires in Alertmanager, which tells causes and keeps effects back",
      async () => {
        await waitUntil(() => missing(monitoring), { ...waiting(context), what: "alerts of the outage" });
        await waitUntil(async () => untold(monitoring, "firing"), { ...waiting(context), what: "the pager" });
      },
    );
    await stack.postgres.start();
    context.progress.line("the database is back");
    await checks.run("and resolves when the database is back", async () => {
      await waitUntil(() => remaining(monitoring), { ...waiting(context), what: "the end of alerts" });
      await waitUntil(async () => untold(monitoring, "resolved"), { ...waiting(context), what: "the pager" });
    });
  } finally {
    await traffic.stop();
  }
}

const waiting = ({ signal, progress }: CommandContext) => ({ signal, onWait: (seen: string) => progress.status(seen) });

/** Every kind to every version, again and again. */
function startTraffic({ client, stack: { versions }, kinds, context: { signal } }: OutageOptions) {
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver && !signal.aborted) {
      const round = versions.flatMap((version) => kinds.map((request) => ({ version, request })));
      await Promise.all(round.map((sending) => client.send(sending)));
      await sleep(PAUSE_MS);
    }
  };
  const ended = run();
  // Whoever stops it hears of its failure; meanwhile nobody does.
  ended.catch(() => undefined);
  return {
    async stop() {
      isOver = true;
      await ended;
    },
  };
}

async function missing(monitoring: Monitoring): Promise<string | null> {
  const alerts = await readAlerts(monitoring);
  const isThere = ([name, state]: [string, string]): boolean =>
    alerts.some(({ labels, status }) => labels["alertname"] === name && status.state === state);
  const absent = Object.entries(EXPECTED).filter((expected) => !isThere(expected));
  return absent.length === 0
    ? null
    : `not yet: ${absent.map(([name, state]) => `${name} ${state}`).join(", ")}; there are ${describe(alerts)}`;
}

async function remaining(monitoring: Monitoring): Promise<string | null> {
  const alerts = (await readAlerts(monitoring)).filter(({ labels }) => NAMES.includes(labels["alertname"] ?? ""));
  return alerts.length === 0 ? null : `still: ${describe(alerts)}`;
}

/** Those that are to be told of, and not yet were. */
function untold({ pager }: Monitoring, status: "firing" | "resolved"): string | null {
  const told = pager.notifications.filter(({ receiver }) => receiver === "pager").flatMap(({ alerts }) => alerts);
  const names = NAMES.filter((name) => EXPECTED[name] === "active").filter(
    (name) => !told.some((alert) => alert.labels["alertname"] === name && alert.status === status),
  );
  return names.length === 0 ? null : `the pager was not told that these are ${status}: ${names.join(", ")}`;
}

const describe = (alerts: readonly KnownAlert[]): string =>
  alerts.length === 0
    ? "none"
    : alerts.map(({ labels, status }) => `${labels["alertname"]} ${status.state}`).join(", ");
