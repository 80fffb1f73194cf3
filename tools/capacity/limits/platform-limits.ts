import { MONTH_SECONDS, PUBLISHED } from "../inputs.ts";
import { MEASURED } from "../measured.ts";
import type { Scenario } from "../scenario.ts";
import { GIGABYTE } from "../storage.ts";
import { type Limit, type LimitFinder, perRequest, proportional } from "./limit.ts";

/** What runs out at the edge, or was never bought. */
export const platformLimits: LimitFinder = (scenario, demand) => [
  ...(scenario.plan === "free" ? freePlanLimits(scenario, demand.databaseBytes) : []),
  ...(scenario.callers === null ? [] : [callerLimit(scenario, scenario.callers)]),
  ...(scenario.telemetryShare === 0 ? [] : [telemetryObject(scenario)]),
  ...requestLimits(scenario),
];

function freePlanLimits(scenario: Scenario, databaseBytes: number): readonly Limit[] {
  const requests = proportional(scenario, {
    name: "Workers Free's requests",
    kind: "fails",
    unit: "requests a day",
    used: scenario.requestsPerSecond * 86_400,
    capacity: PUBLISHED.workersFreeRequests.value,
  });
  const transfer = proportional(scenario, {
    name: "Neon Free's transfer",
    kind: "fails",
    unit: "GB a month",
    used: (databaseBytes * MONTH_SECONDS) / GIGABYTE,
    capacity: PUBLISHED.transferFree.value,
  });
  return [requests, transfer, freeComputeHours(scenario)];
}

/** Each request keeps the compute awake for some minutes, so that the smallest steady load keeps it awake for good. */
function freeComputeHours({ requestsPerSecond }: Scenario): Limit {
  const { computeSmallest, computeFreeHours, idleBeforeSleep } = PUBLISHED;
  const alwaysOn = (computeSmallest.value * MONTH_SECONDS) / 3600;
  const awakeShare = Math.min(1, requestsPerSecond * idleBeforeSleep.value);
  return {
    name: "Neon Free's compute hours",
    kind: "fails",
    unit: "CU-hours a month",
    used: alwaysOn * awakeShare,
    capacity: computeFreeHours.value,
    bindsAt: computeFreeHours.value / alwaysOn / idleBeforeSleep.value,
  };
}

/** If all requests met in one location: the counters of locations know nothing of each other. */
function callerLimit(scenario: Scenario, callers: number): Limit {
  return proportional(scenario, {
    name: "rate limit per caller",
    kind: "fails",
    unit: "requests a minute",
    used: (scenario.requestsPerSecond * 60) / callers,
    capacity: PUBLISHED.callerRequests.value,
    remedy: "raise it in wrangler.toml for callers of this size",
  });
}

function telemetryObject(scenario: Scenario): Limit {
  return proportional(scenario, {
    name: "one telemetry object",
    kind: "slows",
    unit: "reports per second",
    used: scenario.requestsPerSecond * scenario.telemetryShare,
    capacity: PUBLISHED.objectRequests.value,
    remedy: "report in batches, or shard the object",
  });
}

function requestLimits({ plan, telemetryShare }: Scenario): readonly Limit[] {
  const isFree = plan === "free";
  const { subrequestsFree, subrequestsPaid, workersFreeCpu, workersPaidCpu, simultaneousConnections } = PUBLISHED;
  const subrequests = MEASURED.roundTrips.value + (telemetryShare > 0 ? 1 : 0);
  const { workerCpuGet, workerCpuList, workerCpuWrite } = MEASURED;
  return [
    perRequest({
      name: "a request's subrequests",
      kind: "fails",
      unit: "in all",
      used: subrequests,
      capacity: (isFree ? subrequestsFree : subrequestsPaid).value,
    }),
    perRequest({
      name: "a request's connections",
      kind: "slows",
      unit: "at once",
      used: subrequests,
      capacity: simultaneousConnections.value,
    }),
    perRequest({
      name: "a request's CPU",
      kind: "fails",
      unit: "ms",
      used: Math.max(workerCpuGet.value, workerCpuList.value, workerCpuWrite.value),
      capacity: (isFree ? workersFreeCpu : workersPaidCpu).value,
    }),
  ];
}
