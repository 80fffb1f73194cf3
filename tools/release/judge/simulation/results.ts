import { readFileSync, writeFileSync } from "node:fs";

import { createRandom } from "./random.ts";
import { type ReleaseEnding, simulateRelease, type Step } from "./release.ts";
import { GOOD, nameOf, type Scenario, SCENARIOS, USERS_SCENARIOS } from "./scenarios.ts";

/** What became of some releases of one scenario. */
export interface Summary {
  readonly releases: number;
  /** How many were rejected at each step. */
  readonly rejectedAt: Readonly<Record<Step, number>>;
  /** How many were watched for longer than asked for, at some step. */
  readonly extended: number;
  /** From the first step to the rejection: the middle, and what 95 % do not exceed; null when none was rejected. */
  readonly medianSeconds: number | null;
  readonly p95Seconds: number | null;
}

/** By the scenario's name. */
export type Results = Readonly<Record<string, { readonly all: Summary; readonly first: Summary }>>;

export const RELEASES = 2_000;
/** Of so many, the tests make sure that they still end as the results say. */
const CHECKED_RELEASES = 40;
/** One with users takes a hundred times as long to simulate: so many for each with probes alone. */
const USERS_SHARES = { good: 0.1, bad: 0.05 } as const;
const CHECKED_WITH_USERS = 2;

/** How many releases of a scenario stand for a number of those with probes alone. */
export function releasesOf({ users, faultName }: Scenario, releases: number): number {
  if (users === undefined) return releases;
  return Math.ceil(releases * USERS_SHARES[faultName === GOOD ? "good" : "bad"]);
}
export const checkedOf = ({ users }: Scenario): number => (users === undefined ? CHECKED_RELEASES : CHECKED_WITH_USERS);

const FILE = new URL("results.json", import.meta.url);

/** The results that the documents show. */
export function readResults(): Results {
  // Written by this module, and held to the simulation by a test.
  return JSON.parse(readFileSync(FILE, "utf8")) as Results;
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}

/** Runs every scenario; takes half an hour. */
export function simulateAll(releases: number, onResult: (name: string, summary: Summary) => void): Results {
  const results: Record<string, Results[string]> = {};
  for (const scenario of [...SCENARIOS, ...USERS_SCENARIOS]) {
    const endings = simulateReleases(scenario, releasesOf(scenario, releases));
    const all = summarize(endings);
    results[nameOf(scenario)] = { all, first: summarize(endings.slice(0, checkedOf(scenario))) };
    onResult(nameOf(scenario), all);
  }
  return results;
}

/** Each release has a seed of its own, so that the first ones are the same however many there are. */
export function simulateReleases({ weather, fault, users }: Scenario, releases: number): readonly ReleaseEnding[] {
  return Array.from({ length: releases }, (_, seed) => simulateRelease(createRandom(seed), weather, fault, users));
}

export function summarize(endings: readonly ReleaseEnding[]): Summary {
  const rejected = endings.filter(({ rejectedAt }) => rejectedAt !== null);
  const countAt = (step: number): number => rejected.filter(({ rejectedAt }) => rejectedAt === step).length;
  const seconds = rejected.map((ending) => ending.seconds).toSorted((left, right) => left - right);
  const nearestRank = (share: number): number | null => seconds[Math.ceil(seconds.length * share) - 1] ?? null;
  return {
    releases: endings.length,
    rejectedAt: { 10: countAt(10), 50: countAt(50), 100: countAt(100) },
    extended: endings.filter(({ isExtended }) => isExtended).length,
    medianSeconds: nearestRank(0.5),
    p95Seconds: nearestRank(0.95),
  };
}

/** Share of releases that were rejected at any step. */
export const rejectedShare = ({ releases, rejectedAt }: Summary): number =>
  Object.values(rejectedAt).reduce((sum, count) => sum + count, 0) / releases;
