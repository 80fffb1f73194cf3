import { describe, test } from "vitest";

import {
  type ClassMigration,
  describeMigration,
  pendingMigrations,
} from "../../../../../tools/release/companions/class-migrations.ts";
import { describeCompanionEnding } from "../../../../../tools/release/companions/ending.ts";
import type { CompanionPorts } from "../../../../../tools/release/companions/ports.ts";
import { createTelemetryLooks } from "../../../../../tools/release/companions/telemetry/looks.ts";
import { findLowered, readCounts } from "../../../../../tools/release/companions/telemetry/metrics.ts";
import { TELEMETRY } from "../../../../../tools/release/companions/telemetry/telemetry.ts";
import { StageFailure } from "../../../../../tools/release/stage-failure.ts";
import { answeringVersion, releaseCompanion } from "../../../../support/companion-fakes.ts";
import { COMMIT, NEW, OLD, OTHER, PLAN } from "../../../../support/release-fakes.ts";

const V1: ClassMigration = { tag: "v1", new_sqlite_classes: ["MetricsShard"] };
const V2: ClassMigration = { tag: "v2", new_sqlite_classes: ["Archive"] };
const TOKEN = "metrics-token";
const WORDS: Readonly<Record<number, string>> = {
  403: "The token is wrong.",
  503: "A shard did not answer: scrape again.",
};

interface Behaviour {
  /** What the new version tells of a counter that was 7 before. */
  readonly counted?: number;
  readonly migrations?: readonly ClassMigration[];
  readonly isDryRun?: boolean;
  readonly token?: string;
  readonly confirm?: boolean;
  /** Times that `/metrics` answers 503 first, once the new version has everything. */
  readonly busy?: number;
  readonly deployAtOnce?: CompanionPorts["deployAtOnce"];
  readonly isSplit?: boolean;
}

/** Telemetry whose live version is `OLD`, and whose new one behaves as told. */
function release(behaviour: Behaviour = {}) {
  const { counted = 9, migrations = [V1], isDryRun = false, token = TOKEN, confirm = true } = behaviour;
  const { deployAtOnce, isSplit = false } = behaviour;
  let { busy = 0 } = behaviour;
  return releaseCompanion({
    companion: TELEMETRY,
    migrations,
    applied: "v1",
    isDryRun,
    confirm,
    ports: deployAtOnce === undefined ? {} : { deployAtOnce },
    arrange({ controlPlane }) {
      if (!isSplit) return;
      controlPlane.deployElsewhere([
        { versionId: OTHER, percentage: 10 },
        { versionId: OLD, percentage: 90 },
      ]);
    },
    openLooks(bench) {
      const isBusy = (versionId: string): boolean =>
        bench.controlPlane.live().length === 1 && versionId === NEW && busy-- > 0;
      const statusFor = (headers: Headers, versionId: string): number => {
        if (!headers.has("Authorization")) return 401;
        if (headers.get("Authorization") !== `Bearer ${TOKEN}`) return 403;
        return isBusy(versionId) ? 503 : 200;
      };
      const fetchMetrics: typeof fetch = async (_url, init) => {
        const headers = new Headers(init?.headers);
        const versionId = answeringVersion(bench, headers);
        const status = statusFor(headers, versionId);
        const metrics = `http_requests_total{status="200"} ${versionId === OLD ? 7 : counted}\n`;
        const body = status === 200 ? metrics : (WORDS[status] ?? "");
        return await Promise.resolve(new Response(body, { status, headers: { "X-Version-Id": versionId } }));
      };
      const { url, worker: scriptName } = PLAN;
      const target = { apiBaseUrl: "", apiToken: "", accountId: "" };
      return createTelemetryLooks({ url, scriptName, target, clock: bench.clock, token, fetch: fetchMetrics });
    },
  });
}

describe("A release of telemetry without a new class migration", () => {
  test("uploads a version, looks at it at 0 %, and gives it everything at once", async ({ expect }) => {
    const { report, log, live, calls } = await release();
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["released", 0, []]);
    expect(report.stages.map(({ name }) => name)).toEqual(["preflight", "upload", "0 %", "100 %"]);
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    expect(calls.filter((call) => /^(upload|deploy )/.test(call))).toEqual([
      `upload ${COMMIT.slice(0, 12)}`,
      `deploy ${NEW}@0 ${OLD}@100`,
      `deploy ${NEW}@100`,
    ]);
    expect(log).toContain("no new migration");
    expect(log).not.toContain("deploy at once");
  });

  test("gives everything back when the new version has forgotten something, before it has any traffic", async ({
    expect,
  }) => {
    const { report, live, calls } = await release({ counted: 6 });
    expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["rolled-back", 3, "0 %"]);
    expect(report.reasons).toEqual([`http_requests_total{status="200"} was 7, and is 6.`]);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
    expect(calls).not.toContain(`deploy ${NEW}@100`);
    expect(describeCompanionEnding(TELEMETRY, report)).toContain("rolled back");
  });

  test("waits for objects that are on their way, but not for ever", async ({ expect }) => {
    expect((await release({ busy: 5 })).report.outcome).toBe("released");
    const { report, live } = await release({ busy: 10_000 });
    expect([report.outcome, report.failedStage]).toEqual(["rolled-back", "100 %"]);
    expect(report.reasons[0]).toContain("/metrics gives 503");
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
  });
});

describe("A release of telemetry with a new class migration", () => {
  const migrations = [V1, V2];

  test("deploys at once, after it has said that there is no way back", async ({ expect }) => {
    const { report, log, live, calls } = await release({ migrations });
    expect([report.outcome, report.newId, report.reasons]).toEqual(["released", NEW, []]);
    expect(report.stages.map(({ name }) => name)).toEqual(["preflight", "deploy", "smoke"]);
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    expect(calls.filter((call) => call.startsWith("upload"))).toEqual([]);
    expect(log.indexOf("NONE past the migration")).toBeGreaterThan(-1);
    expect(log.indexOf("NONE past the migration")).toBeLessThan(log.indexOf("deploy at once"));
    expect(log).toContain("v2 (makes Archive)");
  });

  test("asks for somebody when the new version is bad: nothing leads back", async ({ expect }) => {
    const { report, live, calls } = await release({ migrations, counted: 1 });
    expect([report.outcome, report.exitCode, report.failedStage]).toEqual(["unverified", 4, "smoke"]);
    expect(report.reasons.at(-1)).toContain("cannot go back to the version before");
    expect(live).toEqual([{ versionId: NEW, percentage: 100 }]);
    expect(calls.filter((call) => call.startsWith("rollBack"))).toEqual([]);
  });

  test("has changed nothing when wrangler fails before the migration", async ({ expect }) => {
    const fail = () => Promise.reject(new StageFailure(["Deploying failed: no network"]));
    const { report, live } = await release({ migrations, deployAtOnce: fail });
    expect([report.outcome, report.exitCode, report.reasons]).toEqual(["stopped", 1, ["Deploying failed: no network"]]);
    expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
  });
});

describe("Before a release of telemetry changes anything", () => {
  test("a dry run shows the plan; without a yes, or with a wrong token, it ends", async ({ expect }) => {
    const dry = await release({ isDryRun: true, migrations: [V1, V2] });
    expect([dry.report.outcome, dry.report.exitCode]).toEqual(["checked", 0]);
    expect(dry.report.stages[0]?.detail.join("\n")).toContain("v2 (makes Archive)");
    const refused = await release({ confirm: false });
    expect([refused.report.outcome, refused.report.reasons]).toEqual(["stopped", ["Not confirmed."]]);
    const wrong = await release({ token: "another" });
    expect(wrong.report.reasons.join(" ")).toContain("gives 403: The token is wrong.. Check METRICS_TOKEN.");
    for (const { live, calls } of [dry, refused, wrong]) {
      expect(live).toEqual([{ versionId: OLD, percentage: 100 }]);
      expect(calls.filter((call) => call !== "deployments")).toEqual([]);
    }
  });

  test("migrations count as applied up to the tag that the Worker has", ({ expect }) => {
    expect(pendingMigrations([V1, V2], "v1")).toEqual([V2]);
    expect(pendingMigrations([V1, V2], "v2")).toEqual([]);
    expect(pendingMigrations([V1, V2], null)).toEqual([V1, V2]);
    expect(() => pendingMigrations([V1], "v2")).toThrow("an older commit");
  });

  test("a migration that deletes says what is gone", ({ expect }) => {
    const migration = { tag: "v3", deleted_classes: ["Archive"], renamed_classes: [{ from: "A", to: "B" }] };
    expect(describeMigration(migration)).toBe(
      "v3 (renames A to B, DELETES Archive with all that its objects have stored)",
    );
  });

  test("only what can grow is compared: counters and counts, not gauges and sums", ({ expect }) => {
    const before = readCounts(`a_total{x="1"} 5\nb_count 2\nc_sum 9\ncircuit_breaker_state{state="open"} 3\n`);
    expect([...before.keys()]).toEqual(['a_total{x="1"}', "b_count"]);
    expect(findLowered(before, readCounts(`a_total{x="1"} 5\nb_count 1\n`))).toEqual(["b_count was 2, and is 1."]);
    expect(findLowered(before, new Map([["b_count", 2]]))).toEqual(['a_total{x="1"} was 5, and is gone.']);
  });

  test("a deployment that somebody else has split is left alone", async ({ expect }) => {
    const { report, calls } = await release({ isSplit: true });
    expect([report.outcome, report.reasons[0]]).toEqual(["stopped", expect.stringContaining("is split")]);
    expect(calls).toEqual(["deployments"]);
  });
});
