import { describe, test } from "vitest";

import { ControlPlaneError } from "../../../../../tools/release/cloudflare/control-plane.ts";
import { describeCompanionEnding } from "../../../../../tools/release/companions/ending.ts";
import { EVENTS } from "../../../../../tools/release/companions/events/events.ts";
import { type Invocation, parseInvocation } from "../../../../../tools/release/companions/events/invocation.ts";
import type { VersionLog } from "../../../../../tools/release/companions/events/log.ts";
import { createEventsLooks } from "../../../../../tools/release/companions/events/looks.ts";
import type { CompanionPorts } from "../../../../../tools/release/companions/ports.ts";
import { releaseCompanion } from "../../../../support/companion-fakes.ts";
import { NEW, OLD, PLAN } from "../../../../support/release-fakes.ts";

const run = (parts: Partial<Invocation> = {}): Invocation => ({
  versionId: NEW,
  cron: "* * * * *",
  outcome: "ok",
  errors: [],
  configuration: null,
  ...parts,
});
const BAD = run({ errors: ["webhooks_interrupted"] });
const CONFIGURATION = "Invalid configuration: DATABASE_URL is missing; set it to a PostgreSQL connection URL";
const CLASS = { tag: "v1", new_sqlite_classes: ["UserEventFeed"] };

interface Behaviour {
  /** What the log shows of the new version, until nobody waits any longer. */
  readonly runs?: readonly Invocation[];
  readonly ports?: Partial<CompanionPorts>;
  readonly hasClass?: boolean;
  readonly cannotRead?: boolean;
  readonly signal?: AbortSignal;
  readonly onFollow?: () => void;
}

function release(behaviour: Behaviour = {}) {
  const { runs = [run()], ports = {}, hasClass = false, cannotRead = false, signal, onFollow } = behaviour;
  return releaseCompanion({
    companion: EVENTS,
    migrations: hasClass ? [CLASS] : [],
    ports,
    ...(signal === undefined ? {} : { signal }),
    openLooks({ log }) {
      const versionLog: VersionLog = {
        check: () =>
          cannotRead ? Promise.reject(new ControlPlaneError("The log cannot be read.")) : Promise.resolve(),
        async *follow(versionId) {
          log.push(`follow ${versionId}`);
          onFollow?.();
          yield* await Promise.resolve(runs);
        },
      };
      return createEventsLooks({ log: versionLog, scriptName: PLAN.worker });
    },
  });
}

describe("A release of the events Worker", () => {
  test("has everything at once, is seen in its log, and then its triggers are deployed", async ({ expect }) => {
    const { report, live, writes, log } = await release();
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["released", 0, []]);
    expect(report.stages.map(({ name }) => name)).toEqual(["preflight", "upload", "100 %", "triggers"]);
    expect(writes.slice(1)).toEqual([`deploy ${NEW}@100`]);
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    expect(log.indexOf(`follow ${NEW}`)).toBeLessThan(log.indexOf("deploy triggers"));
    expect(log).not.toContain("wait for");
    expect(log).toContain("They are not gradual, and no rollback takes them back");
    expect(log).toContain("migrations that it needs first");
    expect(log).toContain("which has no address");
  });

  test("one bad run may have met a database that was away; two are the version's", async ({ expect }) => {
    expect((await release({ runs: [BAD, run()] })).report.outcome).toBe("released");
    const { report, live, log } = await release({ runs: [BAD, BAD, run()] });
    expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["rolled-back", 3, "100 %"]);
    expect(report.reasons[0]).toBe("A run by cron (* * * * *) ended with ok and logged webhooks_interrupted.");
    expect(report.stages.at(-1)?.detail).toEqual([`The deployments show ${OLD}.`]);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
    expect(log).not.toContain("deploy triggers");
  });

  test("a wrong configuration is told at once, by whatever has started it", async ({ expect }) => {
    const { report, live } = await release({
      runs: [run({ cron: null, outcome: "exception", configuration: CONFIGURATION })],
    });
    expect([report.outcome, report.reasons]).toEqual(["rolled-back", [CONFIGURATION]]);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
  });

  test("nothing is released that was not seen: messages alone, or silence, show too little", async ({ expect }) => {
    for (const runs of [[], [run({ cron: null })], [BAD]]) {
      const { report } = await release({ runs });
      expect([report.outcome, report.failedStage]).toEqual(["rolled-back", "100 %"]);
      expect(report.reasons.at(-1)).toContain(`shows no run of ${NEW} by cron that ended well`);
    }
  });

  test("stops before anything has changed when the log cannot be read", async ({ expect }) => {
    const { report, writes } = await release({ cannotRead: true });
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["stopped", 1, ["The log cannot be read."]]);
    expect(writes).toEqual([]);
  });

  test("triggers that cannot be deployed take no sound version back, and somebody has to look", async ({ expect }) => {
    const fail = () => Promise.reject(new ControlPlaneError("no such queue"));
    const { report, live } = await release({ ports: { deployTriggers: fail } });
    expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["unverified", 4, "triggers"]);
    expect(report.reasons).toEqual([
      "no such queue",
      expect.stringContaining("npx wrangler triggers deploy --config events/wrangler.toml --env staging"),
    ]);
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    expect(describeCompanionEnding(EVENTS, report)).toMatch(/^NOT VERIFIED: .* but what triggers it may be as it was/);
    expect(describeCompanionEnding(EVENTS, report)).not.toContain("rollback");
  });

  test("with its first class it is deployed at once, triggers and all, and nothing leads back", async ({ expect }) => {
    const sound = await release({ hasClass: true });
    expect(sound.report.stages.map(({ name }) => name)).toEqual(["preflight", "deploy", "smoke"]);
    expect([sound.report.outcome, sound.writes]).toEqual(["released", []]);
    expect(sound.log).toContain("v1 (makes UserEventFeed)");
    expect(sound.log).toContain("everything at once, with its triggers");
    const bad = await release({ hasClass: true, runs: [] });
    expect([bad.report.outcome, bad.report.exitCode, bad.live]).toEqual([
      "unverified",
      4,
      [{ versionId: NEW, percentage: 100 }],
    ]);
    expect(bad.report.reasons.at(-1)).toContain("Meanwhile: webhooks wait");
    expect(describeCompanionEnding(EVENTS, bad.report)).toContain(
      `npm run rollback -- --worker events --env staging --to ${OLD}`,
    );
  });

  test("that is interrupted while its log is followed gives everything back", async ({ expect }) => {
    const stop = new AbortController();
    const { report, live } = await release({ onFollow: () => stop.abort(), runs: [], signal: stop.signal });
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["interrupted", 130, []]);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
  });
});

describe("What the tail tells of a run", () => {
  const item = (parts: object) =>
    JSON.stringify({ outcome: "ok", scriptVersion: { id: NEW }, event: { cron: "* * * * *" }, ...parts });

  test("is its version, its trigger, its outcome, and the names of what it logged as errors", ({ expect }) => {
    const line = JSON.stringify({ level: "error", event: "webhooks_interrupted", error: { name: "secret" } });
    const logs = [
      { level: "info", message: ["{}"] },
      { level: "error", message: [line] },
      { level: "error", message: ["printed by somebody", "secret"] },
    ];
    expect(parseInvocation(item({ logs }))).toEqual(
      run({ errors: ["webhooks_interrupted", "an error without a name"] }),
    );
    expect(parseInvocation(item({ event: { queue: "deliveries", batchSize: 1 } }))).toEqual(run({ cron: null }));
  });

  test("tells of exceptions only what is about the configuration", ({ expect }) => {
    const thrown = (message: string) => item({ outcome: "exception", exceptions: [{ name: "Error", message }] });
    expect(parseInvocation(thrown(CONFIGURATION))).toMatchObject({
      outcome: "exception",
      configuration: CONFIGURATION,
    });
    expect(JSON.stringify(parseInvocation(thrown("user jdoe")))).not.toContain("jdoe");
  });

  test("and nothing of what is no run", ({ expect }) => {
    for (const text of ["", "[]", `{"type":"overload","message":"too much"}`]) expect(parseInvocation(text)).toBeNull();
  });
});
