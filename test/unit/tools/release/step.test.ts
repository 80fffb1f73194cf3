import { describe, test } from "vitest";

import { createRandom } from "../../../../tools/rehearsal/load/random.ts";
import { createProbeSource } from "../../../../tools/release/measure/probes.ts";
import { takeStep } from "../../../../tools/release/stages/step.ts";
import { createBench, NEW, OLD, PLAN } from "../../../support/release-fakes.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const BODY = { status: "ready", data: [] };

interface StepOptions {
  readonly percentage?: number;
  /** Whether an answer of the new version is right. */
  readonly isRight?: (place: number) => boolean;
  readonly isFirst?: boolean;
}

/** Takes a step with real probes at 24 requests a second of a service that answers after `takesMs`. */
async function step(
  bakeMs: number,
  takesMs: (versionId: string, place: number) => number,
  { percentage = 10, isRight = () => true, isFirst = false }: StepOptions = {},
) {
  const clock = createVirtualClock();
  let place = 0;
  let sharedAtMs: number | null = null;
  const send: typeof fetch = async (input, init) => {
    const { headers } = new Request(input, init);
    // Not the request's own: it is told nothing any more once the request itself has been collected.
    const signal = init?.signal ?? new AbortController().signal;
    const override = headers.get("Cloudflare-Workers-Version-Overrides") ?? "";
    const versionId = override.includes(NEW) ? NEW : OLD;
    await clock.sleep(takesMs(versionId, versionId === NEW ? ++place : 0), signal);
    signal.throwIfAborted();
    const status = versionId === NEW && !isRight(place) ? 500 : 200;
    return Response.json(BODY, { status, headers: { "X-Version-Id": versionId } });
  };
  const source = createProbeSource({
    url: "http://api.example",
    scriptName: "api",
    apiKeys: [],
    ratePerVersion: 24,
    fetch: send,
    clock,
    random: createRandom(11),
  });
  const traffic = {
    previous: OLD,
    candidate: NEW,
    mayHaveChanged: () => true,
    shift() {
      sharedAtMs = clock.now();
      return Promise.resolve();
    },
    complete: () => Promise.resolve(),
    giveBack: () => Promise.resolve("us" as const),
  };
  const details: string[] = [];
  let decidedAtMs = 0;
  const notes = {
    detail: (text: string) => void details.push(text),
    comparison: () => void (decidedAtMs = clock.now()),
    metrics: () => {},
  };
  const { signal } = new AbortController();
  const ports = { ...createBench().ports, source, clock };
  const failure = await takeStep(
    { ...PLAN, metrics: null, percentage, bakeMs, isFirst },
    traffic,
    ports,
    notes,
    signal,
  ).then(
    () => null,
    (error: unknown) => error,
  );
  return { failure, details, decidedAtMs, sharedAtMs };
}

const hangingEvery =
  (count: number, ms = 15_000) =>
  (versionId: string, place: number): number =>
    versionId === NEW && place % count === 0 ? ms : 20;

describe("a step", () => {
  test("ends with the time when the new version is sound", async ({ expect }) => {
    const { failure, details, decidedAtMs } = await step(18_000, () => 300);
    expect(failure).toBeNull();
    expect(details.join()).toContain("requests failed (0 %)");
    // Its last answers come later, and are no reason to wait for another second.
    expect(decidedAtMs).toBeLessThan(18_500);
  });

  test.for([6_000, 3_000])(
    "of %i ms refuses a version that hangs on a tenth of its requests",
    async (bakeMs, { expect }) => {
      const { failure, decidedAtMs } = await step(bakeMs, hangingEvery(10));
      expect(failure).toMatchObject({ reasons: expect.arrayContaining([expect.stringContaining("requests failed")]) });
      expect(JSON.stringify(failure)).toContain("no answer after 3 s");
      // At the latest when the last request of its time is overdue; three seconds are too few to tell.
      expect(decidedAtMs).toBeLessThanOrEqual(Math.max(5_000, bakeMs) + 3_000 + 1_000);
    },
  );

  test("waits for requests of its time that take long, and counts them for what they are", async ({ expect }) => {
    const { failure, decidedAtMs } = await step(18_000, hangingEvery(40, 2_500));
    expect(failure).toBeNull();
    expect(decidedAtMs).toBeGreaterThan(18_900);
    expect(decidedAtMs).toBeLessThanOrEqual(18_000 + 3_000 + 1_000);
  });

  test("in doubt lasts longer and says so, and no longer than the doubt", async ({ expect }) => {
    // A failure in each of the last three seconds.
    const isRight = (place: number): boolean => ![335, 360, 385].includes(place);
    const { failure, details, decidedAtMs } = await step(18_000, () => 20, { isRight });
    expect(failure).toBeNull();
    expect(details[0]).toContain("watched for longer");
    expect(details.filter((detail) => detail.includes("watched for longer"))).toHaveLength(1);
    expect(decidedAtMs).toBeGreaterThan(18_500);
    expect(decidedAtMs).toBeLessThan(3 * 18_000);
  });

  test("ends in a verdict at three times its length, even if all of the machine stands still now and then", async ({
    expect,
  }) => {
    // Every request waits for the end of a stall that comes every four seconds, and takes more than half of them.
    const { failure, decidedAtMs } = await step(18_000, (_, place) => (place % 96 < 60 ? 2_500 : 20));
    expect(failure).toMatchObject({ reasons: [expect.stringContaining("outside of stalls")] });
    expect(decidedAtMs).toBeLessThanOrEqual(3 * 18_000 + 3_000 + 1_000);
  });

  describe("that is the first", () => {
    const failingEvery = (count: number) => ({ isFirst: true, isRight: (place: number) => place % count !== 0 });

    test("looks at the version before it has users, and then watches it for the whole time", async ({ expect }) => {
      const { failure, sharedAtMs, decidedAtMs } = await step(18_000, () => 20, { isFirst: true });
      expect(failure).toBeNull();
      expect(sharedAtMs).toBeGreaterThanOrEqual(4_000);
      expect(decidedAtMs).toBeGreaterThanOrEqual(4_000 + 18_000);
    });

    test("gives no users to a version that fails half of its requests", async ({ expect }) => {
      const { failure, sharedAtMs } = await step(18_000, () => 20, failingEvery(2));
      expect(failure).toMatchObject({ reasons: expect.arrayContaining([expect.stringContaining("requests failed")]) });
      expect(sharedAtMs).toBeNull();
    });

    test("counts what it has seen then when it has users", async ({ expect }) => {
      const first = await step(18_000, () => 20, failingEvery(20));
      const later = await step(18_000, () => 20, { ...failingEvery(20), isFirst: false });
      const sinceShared = ({ decidedAtMs, sharedAtMs }: typeof first): number => decidedAtMs - (sharedAtMs ?? 0);
      expect([first.failure, later.failure]).toEqual([expect.anything(), expect.anything()]);
      expect(sinceShared(first)).toBeLessThan(sinceShared(later) - 1_500);
    });
  });

  test("at 100 % allows for an old version that has nothing to do", async ({ expect }) => {
    const twiceAsLong = (versionId: string): number => (versionId === NEW ? 40 : 20);
    expect((await step(30_000, twiceAsLong)).failure).toMatchObject({ reasons: [expect.stringContaining("median")] });
    expect((await step(30_000, twiceAsLong, { percentage: 100 })).failure).toBeNull();
  });
});
