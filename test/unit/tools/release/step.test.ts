import { describe, test } from "vitest";

import { createRandom } from "../../../../tools/rehearsal/load/random.ts";
import { createProbeSource } from "../../../../tools/release/measure/probes.ts";
import { takeStep } from "../../../../tools/release/stages/step.ts";
import { createBench, NEW, OLD } from "../../../support/release-fakes.ts";
import { createVirtualClock } from "../../../support/virtual-clock.ts";

const BODY = { status: "ready", data: [] };

/** Takes a step with real probes at 24 requests a second of a service that answers after `takesMs`. */
async function step(bakeMs: number, takesMs: (versionId: string, place: number) => number) {
  const clock = createVirtualClock();
  let place = 0;
  const send: typeof fetch = async (input, init) => {
    const { headers, signal } = new Request(input, init);
    const override = headers.get("Cloudflare-Workers-Version-Overrides") ?? "";
    const versionId = override.includes(NEW) ? NEW : OLD;
    await clock.sleep(takesMs(versionId, versionId === NEW ? ++place : 0), signal);
    signal.throwIfAborted();
    return Response.json(BODY, { headers: { "X-Version-Id": versionId } });
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
    shift: () => Promise.resolve(),
    complete: () => Promise.resolve(),
    giveBack: () => Promise.resolve("us" as const),
  };
  const details: string[] = [];
  const notes = { detail: (text: string) => void details.push(text), comparison() {} };
  const { signal } = new AbortController();
  const ports = { ...createBench().ports, source, clock };
  const failure = await takeStep({ percentage: 10, bakeMs }, traffic, ports, notes, signal).then(
    () => null,
    (error: unknown) => error,
  );
  return { failure, details, endedAtMs: clock.now() };
}

const hangingEvery =
  (count: number, ms = 15_000) =>
  (versionId: string, place: number): number =>
    versionId === NEW && place % count === 0 ? ms : 20;

describe("a step", () => {
  test("ends with the time when the new version is sound", async ({ expect }) => {
    const { failure, details, endedAtMs } = await step(6_000, () => 300);
    expect(failure).toBeNull();
    expect(details.join()).toContain("requests failed (0 %)");
    // Its last answers come later, and are no reason to wait for another second.
    expect(endedAtMs).toBeLessThan(6_500);
  });

  test.for([6_000, 3_000])(
    "of %i ms refuses a version that hangs on a tenth of its requests",
    async (bakeMs, { expect }) => {
      const { failure, endedAtMs } = await step(bakeMs, hangingEvery(10));
      expect(failure).toMatchObject({ reasons: expect.arrayContaining([expect.stringContaining("requests failed")]) });
      expect(JSON.stringify(failure)).toContain("no answer after 3 s");
      // At the latest when the last request of its time is overdue, and those that were on their way are given up.
      expect(endedAtMs).toBeLessThanOrEqual(bakeMs + 3_000 + 1_000 + 1_000);
    },
  );

  test("waits for requests of its time that take long, and counts them for what they are", async ({ expect }) => {
    const { failure, endedAtMs } = await step(6_000, hangingEvery(40, 2_500));
    expect(failure).toBeNull();
    expect(endedAtMs).toBeGreaterThan(6_900);
    expect(endedAtMs).toBeLessThanOrEqual(6_000 + 3_000 + 1_000);
  });
});
