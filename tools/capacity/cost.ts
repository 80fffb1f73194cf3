import { computeUnitsFor, type Demand, demandOf } from "./demand.ts";
import { ASSUMED, MONTH_SECONDS, PUBLISHED } from "./inputs.ts";
import { MEASURED } from "./measured.ts";
import type { Scenario } from "./scenario.ts";
import { dataGigabytes, GIGABYTE, historyGigabytes } from "./storage.ts";

/** One line of the invoices of a month of 30 days. */
export interface CostLine {
  readonly name: string;
  /** In `unit`, before what is included. */
  readonly amount: number;
  readonly unit: string;
  readonly usd: number;
}

/** What a month costs at a steady rate of requests; empty on the free plans. */
export function costsOf(scenario: Scenario): readonly CostLine[] {
  if (scenario.plan === "free") return [];
  const demand = demandOf(scenario);
  return [...workerCosts(scenario, demand), ...observabilityCosts(scenario), ...databaseCosts(scenario, demand)];
}

/** US dollars a month. */
export function totalOf(costs: readonly CostLine[]): number {
  return costs.reduce((sum, { usd }) => sum + usd, 0);
}

/** Requests per second at which the month costs as much; infinite on the free plans. */
export function rateForBudget(scenario: Scenario, usdPerMonth: number): number {
  const costAt = (requestsPerSecond: number): number => totalOf(costsOf({ ...scenario, requestsPerSecond }));
  let [low, high] = [0, 1e9];
  if (costAt(high) <= usdPerMonth) return Infinity;
  // The costs never fall, but they have steps, so the answer is searched for, to six digits.
  while (high - low > Math.max(1e-6, high * 1e-6)) {
    const middle = (low + high) / 2;
    if (costAt(middle) <= usdPerMonth) low = middle;
    else high = middle;
  }
  return low;
}

function workerCosts({ requestsPerSecond, telemetryShare }: Scenario, { workerCpuMs }: Demand): readonly CostLine[] {
  const requests = requestsPerSecond * MONTH_SECONDS;
  const cpuMs = workerCpuMs * MONTH_SECONDS;
  const { workersRequestsIncluded, workersRequestPrice, workersCpuIncluded, workersCpuPrice } = PUBLISHED;
  const { objectRequestsIncluded, objectRequestPrice } = PUBLISHED;
  const reports = requests * telemetryShare;
  const telemetry = {
    name: "Durable Object requests (telemetry)",
    ...perMillion(reports, "million", objectRequestsIncluded.value, objectRequestPrice.value),
  };
  return [
    { name: "Workers Paid", amount: 1, unit: "subscription", usd: PUBLISHED.workersSubscription.value },
    {
      name: "Workers requests",
      ...perMillion(requests, "million", workersRequestsIncluded.value, workersRequestPrice.value),
    },
    { name: "Workers CPU", ...perMillion(cpuMs, "million ms", workersCpuIncluded.value, workersCpuPrice.value) },
    ...(telemetryShare === 0 ? [] : [telemetry]),
  ];
}

function observabilityCosts({ requestsPerSecond, logShare, traceShare }: Scenario): readonly CostLine[] {
  const logBytes = MEASURED.accessLogBytes.value + ASSUMED.invocationLogBytes.value;
  const traceBytes = ASSUMED.spansPerRequest.value * ASSUMED.spanBytes.value;
  const requests = requestsPerSecond * MONTH_SECONDS;
  const ingested = (requests * (logShare * logBytes + traceShare * traceBytes)) / GIGABYTE;
  const stored = (ingested * PUBLISHED.logRetention.value) / 30;
  const { logIngestionIncluded, logIngestionPrice, logStorageIncluded, logStoragePrice } = PUBLISHED;
  return [
    {
      name: "logs and traces, ingested",
      ...beyond(ingested, "GB", logIngestionIncluded.value, logIngestionPrice.value),
    },
    {
      name: "logs and traces, stored",
      ...beyond(stored, "GB-months", logStorageIncluded.value, logStoragePrice.value),
    },
  ];
}

function databaseCosts(scenario: Scenario, demand: Demand): readonly CostLine[] {
  const { computePriceLaunch, computePriceScale, storagePrice, historyPrice, transferIncluded, transferPrice } =
    PUBLISHED;
  const primaries = computeUnitsFor(demand.primary.busyProcessors) * scenario.regions;
  const replicas =
    demand.replica === null ? 0 : computeUnitsFor(demand.replica.busyProcessors) * scenario.regions * scenario.replicas;
  const hours = ((primaries + replicas) * MONTH_SECONDS) / 3600;
  const computePrice = (scenario.plan === "scale" ? computePriceScale : computePriceLaunch).value;
  const { users, keys } = dataGigabytes(scenario, demand);
  const sent = (demand.databaseBytes * MONTH_SECONDS) / GIGABYTE;
  return [
    { name: "Neon compute", ...beyond(hours, "CU-hours", 0, computePrice) },
    { name: "Neon storage", ...beyond(users + keys, "GB-months", 0, storagePrice.value) },
    { name: "Neon change history", ...beyond(historyGigabytes(demand), "GB-months", 0, historyPrice.value) },
    { name: "Neon transfer", ...beyond(sent, "GB", transferIncluded.value, transferPrice.value) },
  ];
}

function beyond(amount: number, unit: string, included: number, price: number): Omit<CostLine, "name"> {
  return { amount, unit, usd: Math.max(0, amount - included) * price };
}

function perMillion(amount: number, unit: string, included: number, price: number): Omit<CostLine, "name"> {
  return beyond(amount / 1e6, unit, included / 1e6, price);
}
