import { ASSUMED, PUBLISHED } from "./inputs.ts";
import { MEASURED } from "./measured.ts";
import type { Plan, Scenario } from "./scenario.ts";

/** What one endpoint of the database, a primary or a replica, has to do. */
export interface EndpointLoad {
  readonly statementsPerSecond: number;
  /** CPU seconds per second, that is, busy processors. */
  readonly busyProcessors: number;
}

/** What a scenario asks of each part, per second. */
export interface Demand {
  readonly gets: number;
  readonly lists: number;
  readonly writes: number;
  /** Creations under an idempotency key, among the writes. */
  readonly keyedWrites: number;
  /** CPU ms of the Worker. */
  readonly workerCpuMs: number;
  /** Bytes that the databases send. */
  readonly databaseBytes: number;
  /** The primary of one region. */
  readonly primary: EndpointLoad;
  /** One replica of one region; null without replicas. */
  readonly replica: EndpointLoad | null;
}

/** Splits the requests by what they do and by who answers them. */
export function demandOf(scenario: Scenario): Demand {
  const { requestsPerSecond, readShare, listShare, keyedShare, cacheHitShare, regions, replicas } = scenario;
  const reads = requestsPerSecond * readShare;
  const writes = requestsPerSecond - reads;
  const gets = reads * (1 - listShare);
  const lists = reads * listShare;
  const misses = 1 - cacheHitShare;
  const readLoad = loadOf(gets * misses, lists * misses, 0);
  const writeLoad = loadOf(0, 0, writes);
  return {
    gets,
    lists,
    writes,
    keyedWrites: writes * keyedShare,
    // The credential check runs before a cache may answer, so that a hit saves the database's work, not the Worker's.
    workerCpuMs:
      gets * MEASURED.workerCpuGet.value +
      lists * MEASURED.workerCpuList.value +
      writes * MEASURED.workerCpuWrite.value,
    databaseBytes:
      gets * misses * MEASURED.databaseBytesGet.value +
      lists * misses * MEASURED.databaseBytesList.value +
      writes * MEASURED.databaseBytesWrite.value,
    primary: divide(replicas > 0 ? writeLoad : add(readLoad, writeLoad), regions),
    replica: replicas > 0 ? divide(readLoad, regions * replicas) : null,
  };
}

/** The endpoint that reaches a limit first. */
export function busiestOf({ primary, replica }: Demand, load: (endpoint: EndpointLoad) => number): number {
  return Math.max(load(primary), replica === null ? 0 : load(replica));
}

/** Compute units that keep the processors at the target utilisation: a size that Neon sells, however large. */
export function computeUnitsFor(busyProcessors: number): number {
  const units = busyProcessors / PUBLISHED.processorsPerUnit.value / ASSUMED.targetUtilisation.value;
  const smallest = PUBLISHED.computeSmallest.value;
  if (units > 0.5) return Math.ceil(units);
  return units > smallest ? 0.5 : smallest;
}

/** The largest compute of a plan, in CU. */
export function largestCompute(plan: Plan): number {
  const { computeLargestFree, computeLargestLaunch, computeLargestScale } = PUBLISHED;
  return { free: computeLargestFree, launch: computeLargestLaunch, scale: computeLargestScale }[plan].value;
}

function loadOf(gets: number, lists: number, writes: number): EndpointLoad {
  const cpuMs =
    gets * MEASURED.databaseCpuGet.value +
    lists * MEASURED.databaseCpuList.value +
    writes * MEASURED.databaseCpuWrite.value;
  return {
    statementsPerSecond: (gets + lists + writes) * MEASURED.roundTrips.value,
    busyProcessors: cpuMs / 1000,
  };
}

function add(left: EndpointLoad, right: EndpointLoad): EndpointLoad {
  return {
    statementsPerSecond: left.statementsPerSecond + right.statementsPerSecond,
    busyProcessors: left.busyProcessors + right.busyProcessors,
  };
}

function divide({ statementsPerSecond, busyProcessors }: EndpointLoad, parts: number): EndpointLoad {
  return { statementsPerSecond: statementsPerSecond / parts, busyProcessors: busyProcessors / parts };
}
