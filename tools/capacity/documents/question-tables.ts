import { costsOf, totalOf } from "../cost.ts";
import { busiestOf, computeUnitsFor, demandOf } from "../demand.ts";
import { formatDollars, formatNumber, formatRate, formatShare } from "../format.ts";
import { ASSUMED, PUBLISHED } from "../inputs.ts";
import { scenarioAt } from "../ladder.ts";
import { firstLimitOf, limitsOf } from "../limits/index.ts";
import type { Scenario } from "../scenario.ts";
import { dataGigabytes } from "../storage.ts";
import { numbers, toMarkdown, words } from "../table.ts";
import { scenarioFor } from "./ladder-tables.ts";

/** Ways past the rate that Neon's proxy allows to one endpoint. */
export function endpointTable(): string {
  const tenfold = PUBLISHED.endpointRequests.value * 10;
  const ways: readonly (readonly [string, Partial<Scenario>])[] = [
    ["as it is", {}],
    [`support raises it to ${formatNumber(tenfold)}`, { endpointRequestsPerSecond: tenfold }],
    ["2 read replicas, each an endpoint of its own", { replicas: 2 }],
    ["6 read replicas", { replicas: 6 }],
    ["half of the reads from a cache", { cacheHitShare: 0.5 }],
    ["nine of ten reads from a cache", { cacheHitShare: 0.9 }],
    ["Hyperdrive", { driver: "hyperdrive", sweepsPerHour: 60 }],
  ];
  const rows = ways.map(([name, changes]) => {
    const [first, second] = limitsOf(scenarioFor(1_000, changes));
    return [name, ...[first, second].flatMap((limit) => [formatRate(limit?.bindsAt ?? Infinity), limit?.name ?? "–"])];
  });
  return toMarkdown(
    [words("way"), numbers("binds at"), words("first limit"), numbers("binds at"), words("second limit")],
    rows,
  );
}

/** What the time of a statement does to connections, by Little's law. */
export function holdTable(): string {
  const rows = [1, 2, 5, 20, 50, 100].map((databaseMs) => {
    const rateOf = (driver: Scenario["driver"]): string => {
      const limits = limitsOf(scenarioFor(1_000, { driver, databaseMs }));
      return formatRate(limits.find(({ unit }) => unit === "connections in use")?.bindsAt ?? Infinity);
    };
    return [formatNumber(databaseMs), formatNumber((1_000 * databaseMs) / 1000), rateOf("http"), rateOf("hyperdrive")];
  });
  return toMarkdown(
    [
      numbers("ms that a statement holds a connection"),
      numbers("connections in use at 1,000 rps"),
      numbers("HTTP: open connections used up at"),
      numbers("Hyperdrive's pool used up at"),
    ],
    rows,
  );
}

/** What cached reads save, at 10,000 requests per second. */
export function cacheTable(): string {
  const rows = [0, 0.5, 0.9, 0.99].map((cacheHitShare) => {
    const scenario = scenarioAt("pool", scenarioFor(10_000, { cacheHitShare }));
    const demand = demandOf(scenario);
    const costs = costsOf(scenario);
    const first = firstLimitOf(scenario);
    return [
      formatShare(cacheHitShare),
      formatNumber(busiestOf(demand, ({ statementsPerSecond }) => statementsPerSecond)),
      formatNumber(computeUnitsFor(demand.primary.busyProcessors)),
      formatDollars(costs.find(({ name }) => name === "Neon transfer")?.usd ?? 0),
      formatDollars(totalOf(costs)),
      `${first.name} at ${formatRate(first.bindsAt)}`,
    ];
  });
  return toMarkdown(
    [
      numbers("reads from the cache"),
      numbers("statements per second"),
      numbers("CU"),
      numbers("USD for transfer"),
      numbers("USD a month"),
      words("comes first"),
    ],
    rows,
  );
}

/** What logging costs. */
export function logTable(): string {
  const rates = [100, 1_000, 10_000, 100_000];
  const rows = [1, 0.1, 0.01].map((logShare) => [
    formatShare(logShare),
    formatShare(logShare / 10),
    ...rates.map((rate) => {
      const costs = costsOf(scenarioFor(rate, { logShare, traceShare: logShare / 10 }));
      return formatDollars(totalOf(costs.filter(({ name }) => name.startsWith("logs and traces"))));
    }),
  ]);
  return toMarkdown(
    [numbers("logged"), numbers("traced"), ...rates.map((rate) => numbers(`USD a month at ${formatNumber(rate)} rps`))],
    rows,
  );
}

/** How the table of idempotency keys grows, and what its sweep needs. */
export function keyTable(): string {
  const rows = [1, 10, 100, 1_000, 10_000].map((keyedWrites) => {
    const scenario = scenarioFor(keyedWrites, { readShare: 0, keyedShare: 1 });
    const alive = keyedWrites * PUBLISHED.keyLifetime.value * 3600;
    const expiring = keyedWrites * 3600;
    return [
      formatNumber(keyedWrites),
      formatNumber(alive),
      formatNumber(dataGigabytes(scenario, demandOf(scenario)).keys),
      formatNumber(expiring),
      formatNumber(expiring / ASSUMED.sweepRows.value),
    ];
  });
  return toMarkdown(
    [
      numbers("keyed creations per second"),
      numbers("keys alive"),
      numbers("GB"),
      numbers("expiring per hour"),
      numbers("seconds of sweep per hour"),
    ],
    rows,
  );
}
