import type { Scenario } from "../scenarios/scenario.ts";

/** One load at one size. */
export interface GrowthLoad {
  /** Which curve the point belongs to. */
  readonly curve: string;
  readonly scenario: Scenario;
  readonly connections: number;
  /** Users in the table. */
  readonly rows: number;
}

/** The API, ready to be measured at one size. */
export interface PreparedSize {
  readonly origin: string;
  readonly loads: readonly GrowthLoad[];
  assertAlive(): void;
  stop(): Promise<void>;
}

/** Something that grows. */
export interface Axis {
  readonly name: string;
  readonly xLabel: string;
  /** Ascending. */
  readonly sizes: readonly number[];
  readonly prepare: (size: number) => Promise<PreparedSize>;
}

/** Enough to keep a small machine busy; the same wherever connections are not what grows. */
export const USUAL_CONNECTIONS = 16;
