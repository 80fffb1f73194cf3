import { judge } from "../../tools/release/judge/judge.ts";
import type { Clock } from "../../tools/release/measure/clock.ts";
import type { Comparison, MeasurementSource } from "../../tools/release/measure/measurement.ts";
import type { MigrationPort, ReleasePorts, ReleasePlan } from "../../tools/release/ports.ts";
import { type Journal, createJournal } from "../../tools/release/report/journal.ts";
import type { Progress } from "../../tools/release/report/progress.ts";
import { PropagationError } from "../../tools/release/traffic/propagation.ts";
import { measurementOf, repeat, secondOf } from "./blocks.ts";
import { createFakeControlPlane, type FakeControlPlane } from "./fake-control-plane.ts";

export const OLD = "00000000-0000-4000-8000-00000000000a";
export const NEW = "00000000-0000-4000-8000-00000000000b";
export const OTHER = "00000000-0000-4000-8000-00000000000c";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

export const PLAN: ReleasePlan = {
  target: "rehearsal",
  env: "staging",
  worker: "users-api-staging",
  url: "http://127.0.0.1:8787",
  steps: [10, 50, 100],
  bakeMs: 5_000,
  metricsUrl: null,
  isMetricsRequired: false,
  findOneIn: 500,
  isDryRun: false,
  verifiedCommit: COMMIT,
};

/** For so long a version is watched before it has users. */
export const FIRST_LOOK_MS = 4_000;

/** Time that passes only when somebody waits. */
export function createFakeClock(): Clock & { advance(ms: number): void } {
  let nowMs = 0;
  return {
    now: () => nowMs,
    advance: (ms) => void (nowMs += ms),
    async sleep(ms) {
      nowMs += ms;
      await Promise.resolve();
    },
  };
}

/** As after some seconds of probes; failures are spread over all of them. */
export function comparisonOf(candidate: { samples?: number; errors?: number; ms?: number } = {}): Comparison {
  const { samples = 240, errors = 0, ms = 20 } = candidate;
  const seconds = Math.ceil(samples / PER_SECOND);
  const errorsUntil = (second: number): number => Math.floor((second * errors) / seconds);
  const blocks = Array.from({ length: seconds }, (_, second) => {
    const of = Math.min(PER_SECOND, samples - second * PER_SECOND);
    return secondOf({ ms, of, failed: errorsUntil(second + 1) - errorsUntil(second) });
  });
  return {
    candidate: measurementOf(blocks),
    baseline: measurementOf(repeat(Math.max(30, blocks.length))),
    examples: errors > 0 ? ["GET /api/v1/users: 500"] : [],
  };
}

const PER_SECOND = 8;

/** Gives the comparison once a second, another one at each step; a good one at the first look. */
export function createFakeSource(
  clock: Clock,
  byStep: readonly Comparison[] = [],
): MeasurementSource & { observed: string[] } {
  let step = 0;
  const observed: string[] = [];
  return {
    description: "a fake",
    observed,
    async *observe({ candidate, baseline, signal }) {
      observed.push(`${candidate} beside ${baseline}`);
      const isFirstLook = observed.length === 1;
      const comparison = (isFirstLook ? undefined : byStep[step++]) ?? comparisonOf();
      while (!signal.aborted) {
        await clock.sleep(1_000, signal);
        if (!signal.aborted) yield comparison;
      }
    },
  };
}

export interface Bench {
  readonly controlPlane: FakeControlPlane;
  readonly ports: ReleasePorts;
  readonly journal: Journal;
  readonly clock: ReturnType<typeof createFakeClock>;
  /** What happened, in order: stages, notes, waits and other parts' work. */
  readonly log: string[];
}

/** Ports that a test replaces; of those for migrations, single methods. */
type BenchOptions = Omit<Partial<ReleasePorts>, "migrations"> & { readonly migrations?: Partial<MigrationPort> };

/** None at all, nothing that a linter finds. */
const NO_MIGRATIONS: MigrationPort = {
  pending: () => Promise.resolve([]),
  all: () => Promise.resolve([]),
  lint: () => Promise.resolve([]),
  apply: () => Promise.resolve([]),
};

/** Stand-ins for all that a release touches, of one that goes well; tests replace those they are about. */
export function createBench({ migrations, ...overrides }: BenchOptions = {}): Bench {
  const controlPlane = createFakeControlPlane({ live: OLD, versions: [OLD, OTHER], nextIds: [NEW] });
  const clock = createFakeClock();
  const log: string[] = [];
  const progress: Progress = {
    stageStarted: (name) => void log.push(`stage ${name}`),
    update: () => {},
    note: (text) => void log.push(`note ${text}`),
    stageEnded: () => {},
  };
  const today = () => new Date(Date.UTC(2026, 0, 1) + clock.now());
  const ports: ReleasePorts = {
    forward: controlPlane,
    recovery: controlPlane,
    checkedOut: () => Promise.resolve({ commit: COMMIT, subject: "feat: a change", changes: [] }),
    findCheckFailure: () => Promise.resolve(null),
    findAccessProblems: () => Promise.resolve([]),
    migrations: { ...NO_MIGRATIONS, ...migrations },
    measureStartup: () => Promise.resolve(30),
    confirm: () => Promise.resolve(true),
    smoke(versionId) {
      log.push(`smoke ${versionId}`);
      return Promise.resolve({ outcome: "passed", passed: 40, failed: 0, skipped: 3, failures: [] });
    },
    source: createFakeSource(clock),
    metrics: null,
    judge,
    // As the network: whoever asks gets what the live deployment says.
    async waitForVersion({ versionId, usesOverride, takenOut, signal }) {
      signal.throwIfAborted();
      log.push(
        `wait for ${versionId}${usesOverride ? " by override" : ""}${takenOut === undefined ? "" : ` without ${takenOut}`}`,
      );
      const live = controlPlane.live();
      const asked = live.find((share) => share.versionId === (takenOut ?? (usesOverride ? versionId : null)));
      const answering = asked?.versionId ?? live.find(({ percentage }) => percentage === 100)?.versionId;
      if (answering !== versionId) throw new PropagationError(`${versionId} does not answer.`);
      return await Promise.resolve({ waitedMs: 1_500 });
    },
    clock,
    today,
    ...overrides,
  };
  const subject = { target: PLAN.target, env: PLAN.env, worker: PLAN.worker, url: PLAN.url };
  return { controlPlane, ports, clock, log, journal: createJournal({ subject, clock, today, progress }) };
}
