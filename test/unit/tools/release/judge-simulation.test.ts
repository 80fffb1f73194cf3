import { describe, test } from "vitest";

import { createRandom } from "../../../../tools/rehearsal/load/random.ts";
import { judge, type Verdict } from "../../../../tools/release/judge/judge.ts";
import type { Comparison } from "../../../../tools/release/measure/measurement.ts";

type Draw = () => number;

/** How a version behaves; latency may depend on how many requests it has served. */
interface Behaviour {
  readonly errorRate: number;
  readonly latency: ((random: Draw, served: number) => number) | null;
}

interface Bake {
  readonly candidate: Behaviour;
  readonly baseline: Behaviour;
  /** Times at which the release looks; the window is over with the last. */
  readonly looks: number;
  readonly samplesPerLook: number;
}

/** Milliseconds around a median, 40 % up or down, and 2 % that take ten times as long. */
const noisy =
  (medianMs: number) =>
  (random: Draw): number =>
    medianMs * (0.6 + random() * 0.8) * (random() < 0.02 ? 10 : 1);

const sound = (medianMs = 25): Behaviour => ({ errorRate: 0, latency: noisy(medianMs) });
const failing = (errorRate: number): Behaviour => ({ errorRate, latency: null });

interface Measuring {
  samples: number;
  errors: number;
  latenciesMs: number[];
}

function serve(measuring: Measuring, { errorRate, latency }: Behaviour, count: number, random: Draw): void {
  for (let served = 0; served < count; served++) {
    const failed = random() < errorRate;
    if (failed) measuring.errors++;
    else if (latency !== null) measuring.latenciesMs.push(latency(random, measuring.samples));
    measuring.samples++;
  }
}

interface Ending {
  readonly kind: Verdict["kind"];
  /** Samples of the candidate when it was decided. */
  readonly samples: number;
}

function bake({ candidate, baseline, looks, samplesPerLook }: Bake, random: Draw): Ending {
  const seen = {
    candidate: { samples: 0, errors: 0, latenciesMs: [] },
    baseline: { samples: 0, errors: 0, latenciesMs: [] },
    examples: [],
  } satisfies Comparison & { candidate: Measuring; baseline: Measuring };
  for (let look = 1; ; look++) {
    serve(seen.candidate, candidate, samplesPerLook, random);
    serve(seen.baseline, baseline, samplesPerLook, random);
    const { kind } = judge(seen, { isOver: look === looks });
    if (kind !== "undecided") return { kind, samples: seen.candidate.samples };
  }
}

/** Share of bakes that end like this, within so many samples of the candidate. */
function shareOf(kind: Verdict["kind"], runs: number, options: Bake, withinSamples = Infinity): number {
  const random = createRandom(20_261_120);
  let count = 0;
  for (let run = 0; run < runs; run++) {
    const ending = bake(options, random);
    if (ending.kind === kind && ending.samples <= withinSamples) count++;
  }
  return count / runs;
}

const HALF_A_MINUTE = { looks: 30, samplesPerLook: 8 };

describe("a good version", () => {
  test.for([
    ["nothing fails", 0],
    ["1 in 1,000 fails", 0.001],
    ["1 in 200 fails", 0.005],
  ] as const)("raises no false alarm in 99 of 100 bakes when %s on both versions", ([, errorRate], { expect }) => {
    const options = { candidate: failing(errorRate), baseline: failing(errorRate), ...HALF_A_MINUTE };
    expect(shareOf("unhealthy", 2_000, options)).toBeLessThan(0.01);
  });

  test("raises no false alarm in a bake of 5,000 requests", ({ expect }) => {
    const options = { candidate: failing(0.005), baseline: failing(0.005), looks: 120, samplesPerLook: 40 };
    expect(shareOf("unhealthy", 500, options)).toBeLessThan(0.01);
  });

  test("raises no false alarm about latency", ({ expect }) => {
    const options = { candidate: sound(), baseline: sound(), ...HALF_A_MINUTE };
    expect(shareOf("healthy", 2_000, options)).toBeGreaterThan(0.99);
  });

  test("raises no false alarm when half of the requests are cheap and half are dear", ({ expect }) => {
    // The median lies in the gap between them, and jumps.
    const mixed = (random: Draw): number => noisy(random() < 0.5 ? 4 : 60)(random);
    const behaviour = { errorRate: 0, latency: mixed };
    const options = { candidate: behaviour, baseline: behaviour, ...HALF_A_MINUTE };
    expect(shareOf("healthy", 500, options)).toBeGreaterThan(0.99);
  });

  test.for([1, 3, 5, 8])(
    "raises no false alarm when %i % of both versions' answers take very long",
    (percent, { expect }) => {
      const behaviour = {
        errorRate: 0,
        latency: (random: Draw) => 25 * (random() < percent / 100 ? 20 : 0.6 + random()),
      };
      const options = { candidate: behaviour, baseline: behaviour, looks: 30, samplesPerLook: 8 };
      expect(shareOf("unhealthy", 1_000, options)).toBeLessThan(0.01);
    },
  );

  test("may be cold at first", ({ expect }) => {
    const cold = (random: Draw, served: number): number => noisy(25)(random) * (served < 10 ? 5 : 1);
    const options = { candidate: { errorRate: 0, latency: cold }, baseline: sound(), ...HALF_A_MINUTE };
    expect(shareOf("healthy", 500, options)).toBeGreaterThan(0.99);
  });

  test("is not blamed for an outage that hits both", ({ expect }) => {
    const options = { candidate: failing(0.3), baseline: failing(0.3), looks: 30, samplesPerLook: 8 };
    // The last look ends every one of them, because nothing should be released in an outage.
    expect(shareOf("unhealthy", 1_000, options, 8 * 29)).toBeLessThan(0.01);
    expect(shareOf("unhealthy", 1_000, options)).toBe(1);
  });
});

describe("a bad version", () => {
  test("that fails 5 % of its requests is caught within 200 samples in 95 of 100 bakes", ({ expect }) => {
    const options = { candidate: failing(0.05), baseline: failing(0), ...HALF_A_MINUTE };
    expect(shareOf("unhealthy", 2_000, options, 200)).toBeGreaterThan(0.95);
  });

  test("that fails 5 % is caught in a bake of eight seconds with more probes", ({ expect }) => {
    const options = { candidate: failing(0.05), baseline: failing(0), looks: 8, samplesPerLook: 40 };
    expect(shareOf("unhealthy", 2_000, options)).toBeGreaterThan(0.99);
  });

  test("that fails much more than an old one that fails too is caught", ({ expect }) => {
    const options = { candidate: failing(0.5), baseline: failing(0.1), ...HALF_A_MINUTE };
    expect(shareOf("unhealthy", 500, options, 200)).toBeGreaterThan(0.99);
  });

  test.for([20, 30])("that takes twice as long as %i ms is caught within 150 samples", (medianMs, { expect }) => {
    const options = { candidate: sound(2 * medianMs), baseline: sound(medianMs), ...HALF_A_MINUTE };
    expect(shareOf("unhealthy", 2_000, options, 150)).toBeGreaterThan(0.99);
  });

  test("that takes 300 ms more for a tenth of its requests is caught in 9 of 10 bakes of ten seconds", ({ expect }) => {
    const steady = (random: Draw): number => 25 * (0.6 + random() * 0.8);
    const partlySlow = (random: Draw): number => steady(random) + (random() < 0.1 ? 300 : 0);
    const baseline = { errorRate: 0, latency: steady };
    const options = { candidate: { errorRate: 0, latency: partlySlow }, baseline, looks: 10, samplesPerLook: 24 };
    expect(shareOf("unhealthy", 1_000, options)).toBeGreaterThan(0.9);
    // In half a minute it is certain.
    expect(shareOf("unhealthy", 500, { ...options, looks: 30 })).toBeGreaterThan(0.99);
  });

  test("that takes ten times as long for a quarter of its requests is caught by its tail", ({ expect }) => {
    const partlySlow = (random: Draw): number => noisy(25)(random) * (random() < 0.25 ? 10 : 1);
    const options = { candidate: { errorRate: 0, latency: partlySlow }, baseline: sound(), ...HALF_A_MINUTE };
    expect(shareOf("unhealthy", 500, options, 200)).toBeGreaterThan(0.99);
  });
});
