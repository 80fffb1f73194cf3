import { busiestOf, type Demand, type EndpointLoad, largestCompute } from "../demand.ts";
import { ASSUMED, PUBLISHED } from "../inputs.ts";
import { MEASURED } from "../measured.ts";
import type { Scenario } from "../scenario.ts";
import { dataGigabytes } from "../storage.ts";
import { type Limit, type LimitFinder, proportional } from "./limit.ts";

/** What runs out at the database: ways in, connections, processors, room. */
export const databaseLimits: LimitFinder = (scenario, demand) => [
  ...(scenario.driver === "http" ? httpLimits(scenario, demand) : [hyperdrivePool(scenario, demand)]),
  serverConnections(scenario, demand),
  processors(scenario, demand),
  sweep(scenario, demand),
  room(scenario, demand),
];

const statementsOf = ({ statementsPerSecond }: EndpointLoad): number => statementsPerSecond;

/** Little's law: what arrives in a second, times the seconds that each one stays. */
function inFlight(demand: Demand, holdMs: number): number {
  return (busiestOf(demand, statementsOf) * holdMs) / 1000;
}

function httpLimits(scenario: Scenario, demand: Demand): readonly Limit[] {
  const { endpointRequestsPerSecond, pooledConnections, databaseMs } = scenario;
  const rate = proportional(scenario, {
    name: "Neon proxy's rate per endpoint",
    kind: "fails",
    unit: "statements per second",
    used: busiestOf(demand, statementsOf),
    capacity: endpointRequestsPerSecond,
  });
  if (pooledConnections === 0) return [rate];
  const pool = proportional(scenario, {
    name: "Neon proxy's open connections",
    kind: "slows",
    unit: "connections in use",
    used: inFlight(demand, databaseMs),
    capacity: pooledConnections,
  });
  return [rate, pool];
}

function hyperdrivePool(scenario: Scenario, demand: Demand): Limit {
  const { hyperdriveConnectionsFree, hyperdriveConnectionsPaid } = PUBLISHED;
  return proportional(scenario, {
    name: "Hyperdrive's pool",
    kind: "slows",
    unit: "connections in use",
    used: inFlight(demand, scenario.databaseMs),
    capacity: (scenario.plan === "free" ? hyperdriveConnectionsFree : hyperdriveConnectionsPaid).value,
  });
}

/** Without a pool in between, each statement also holds its connection while it is being opened. */
function serverConnections(scenario: Scenario, demand: Demand): Limit {
  const openingMs = scenario.driver === "http" ? MEASURED.freshConnection.value : 0;
  const { connectionsPerUnit, connectionsLargest, connectionsReserved } = PUBLISHED;
  const most = Math.min(largestCompute(scenario.plan) * connectionsPerUnit.value, connectionsLargest.value);
  return proportional(scenario, {
    name: "PostgreSQL's connections",
    kind: "fails",
    unit: "connections in use",
    used: inFlight(demand, scenario.databaseMs + openingMs),
    capacity: most - connectionsReserved.value,
  });
}

function processors(scenario: Scenario, demand: Demand): Limit {
  return proportional(scenario, {
    name: "PostgreSQL's processors",
    kind: "slows",
    unit: "busy vCPU",
    used: busiestOf(demand, ({ busyProcessors }) => busyProcessors),
    capacity: largestCompute(scenario.plan) * PUBLISHED.processorsPerUnit.value,
  });
}

/** What expires in an hour has to be gone within the runs of an hour. */
function sweep(scenario: Scenario, { keyedWrites }: Demand): Limit {
  const rowsPerHour = (ASSUMED.sweepRows.value * PUBLISHED.sweepDuration.value * scenario.sweepsPerHour) / 3600;
  return proportional(scenario, {
    name: "sweep of idempotency keys",
    kind: "slows",
    unit: "keys per second",
    used: keyedWrites / scenario.regions,
    capacity: rowsPerHour,
  });
}

function room(scenario: Scenario, demand: Demand): Limit {
  const { storageFree, storageLargest } = PUBLISHED;
  const capacity = (scenario.plan === "free" ? storageFree : storageLargest).value;
  const { users, keys } = dataGigabytes(scenario, demand);
  const perRegion = { users: users / scenario.regions, keys: keys / scenario.regions };
  const left = Math.max(0, capacity - perRegion.users);
  return {
    name: "data of a Neon branch",
    kind: "fails",
    unit: "GB",
    used: perRegion.users + perRegion.keys,
    capacity,
    bindsAt: left === 0 ? 0 : perRegion.keys === 0 ? Infinity : (scenario.requestsPerSecond * left) / perRegion.keys,
  };
}
