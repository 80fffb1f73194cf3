import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import { assertBakeIsLongEnough, probeRate } from "../../../../tools/release/command/probe-budget.ts";
import { HELP, parseReleaseOptions } from "../../../../tools/release/command/release-options.ts";
import { HELP as ROLLBACK_HELP, parseRollbackOptions } from "../../../../tools/release/command/rollback-options.ts";
import { assertConfirmable } from "../../../../tools/release/command/usage.ts";
import { findCompanion } from "../../../../tools/release/companions/index.ts";
import { companionHelp, parseCompanionOptions } from "../../../../tools/release/companions/options.ts";
import { EXIT_CODES } from "../../../../tools/release/report/outcome.ts";

const ENV = ["--env", "staging"];

describe("options of a release", () => {
  test("need nothing but the environment", ({ expect }) => {
    expect(parseReleaseOptions(ENV)).toEqual({
      env: "staging",
      steps: [10, 50, 100],
      bakeMs: 30_000,
      isSmokeReadOnly: false,
      metricsUrl: null,
      metricsTokenFile: null,
      isMetricsRequired: false,
      findOneIn: 500,
      reportFile: null,
      isDryRun: false,
      isConfirmed: false,
    });
  });

  test("can all be given", ({ expect }) => {
    const flags = [
      "--steps",
      "1, 25,100",
      "--bake",
      "5m",
      "--smoke",
      "full",
      "--report",
      "r.json",
      "--metrics-url",
      "https://telemetry.example",
      "--metrics-token-file=token",
      "--require-metrics",
      "--find-one-in",
      "100",
      "--dry-run",
      "--yes",
    ];
    expect(parseReleaseOptions(["--env", "production", ...flags])).toEqual({
      env: "production",
      steps: [1, 25, 100],
      bakeMs: 300_000,
      isSmokeReadOnly: false,
      metricsUrl: "https://telemetry.example",
      metricsTokenFile: "token",
      isMetricsRequired: true,
      findOneIn: 100,
      reportFile: "r.json",
      isDryRun: true,
      isConfirmed: true,
    });
  });

  test.for(["0", "1.5", "many", "1000000"])("refuse --find-one-in %s", (number, { expect }) => {
    expect(() => parseReleaseOptions([...ENV, "--find-one-in", number])).toThrow("--find-one-in must be");
  });

  test("write nothing in production unless asked to", ({ expect }) => {
    expect(parseReleaseOptions(["--env", "production"])?.isSmokeReadOnly).toBe(true);
  });

  test("ask for the help text, which names every option and exit code", ({ expect }) => {
    expect(parseReleaseOptions(["--help"])).toBeNull();
    for (const flag of ["env", "steps", "bake", "smoke", "report", "dry-run", "yes"])
      expect(HELP).toContain(`--${flag} `);
    for (const code of Object.values(EXIT_CODES)) expect(HELP).toMatch(new RegExp(`\\b${code} `));
  });

  test.for([
    [[], "--env must be staging or production"],
    [["--env", "prod"], '"prod"'],
    [[...ENV, "--steps", "10,50"], "ending in 100"],
    [[...ENV, "--steps", "50,10,100"], "ascending"],
    [[...ENV, "--steps", "0,100"], "from 1 to 100"],
    [[...ENV, "--steps", "10,10,100"], "ascending"],
    [[...ENV, "--steps", "10,100,101"], "ending in 100"],
    [[...ENV, "--steps", "1.5,100"], "whole percentages"],
    [[...ENV, "--steps", ""], "--steps must be"],
    [[...ENV, "--steps", "10,,100"], "--steps must be"],
    [[...ENV, "--bake", "30"], "--bake must be"],
    [[...ENV, "--bake", "0s"], "from 1s to 1h"],
    [[...ENV, "--bake", "61m"], "from 1s to 1h"],
    [[...ENV, "--bake", "2h"], "from 1s to 1h"],
    [[...ENV, "--bake", "-5s"], "--bake"],
    [[...ENV, "--smoke", "none"], "full or read-only"],
    [[...ENV, "--fast"], "--fast"],
    [[...ENV, "now"], "Unexpected argument"],
  ] as const)("refuse %j", ([args, message], { expect }) => {
    expect(() => parseReleaseOptions(args)).toThrow(UsageError);
    expect(() => parseReleaseOptions(args)).toThrow(message);
  });
});

describe("options of a rollback", () => {
  test("can all be given", ({ expect }) => {
    expect(parseRollbackOptions(ENV)).toEqual({ env: "staging", to: null, reportFile: null, isConfirmed: false });
    expect(parseRollbackOptions([...ENV, "--to", "1A2B3C4D", "--report", "r", "--yes"])).toEqual({
      env: "staging",
      to: "1a2b3c4d",
      reportFile: "r",
      isConfirmed: true,
    });
    expect(parseRollbackOptions([...ENV, "--to", ""])).toMatchObject({ to: null });
    expect(parseRollbackOptions(["-h"])).toBeNull();
    expect(ROLLBACK_HELP).toContain("--to ID");
  });

  test.for(["1a2b3c4", "latest", "1a2b3c4d;", "g".repeat(36)])("refuse --to %j", (to, { expect }) => {
    expect(() => parseRollbackOptions([...ENV, "--to", to])).toThrow("--to must be a version id");
  });
});

describe("the Worker that is meant", () => {
  test("is the API unless another one is named, by either command", ({ expect }) => {
    expect(findCompanion(ENV)).toBeNull();
    expect(findCompanion(["--worker", "api", ...ENV])).toBeNull();
    for (const name of ["telemetry", "rpc", "events"]) {
      expect(findCompanion([...ENV, "--worker", name])?.name).toBe(name);
      expect(findCompanion([`--worker=${name}`, ...ENV])?.name).toBe(name);
      expect(parseRollbackOptions([...ENV, "--worker", name])).toMatchObject({ env: "staging" });
      expect(HELP).toContain(name);
      expect(ROLLBACK_HELP).toContain(name);
    }
  });

  test("is one that there is", ({ expect }) => {
    for (const parse of [parseReleaseOptions, parseRollbackOptions])
      expect(() => parse([...ENV, "--worker", "grpc"])).toThrow("--worker must be api, telemetry, rpc or events");
    expect(findCompanion(["--worker", "grpc"])).toBeNull();
  });

  test("has a help text of its own, with its variables, its order and all exit codes", ({ expect }) => {
    const helpOf = (name: string) => {
      const companion = findCompanion(["--worker", name]);
      return companion === null ? "" : companionHelp(companion);
    };
    expect(helpOf("telemetry")).toMatch(/TELEMETRY_URL .*\n.*METRICS_TOKEN/);
    expect(helpOf("rpc")).toMatch(/RPC_URL +origin/);
    expect(helpOf("events")).not.toMatch(/_URL +origin/);
    for (const name of ["telemetry", "rpc", "events"]) {
      expect(helpOf(name)).toContain("Order: ");
      expect(parseCompanionOptions(["--worker", name, ...ENV, "--dry-run"])).toMatchObject({ isDryRun: true });
      for (const code of [0, 1, 2, 3, 4, 130]) expect(helpOf(name)).toMatch(new RegExp(`\\b${code} `));
    }
  });
});

describe("production", () => {
  const ask = { env: "production", isConfirmed: false, isInteractive: false } as const;

  test("is not changed without anybody who agrees", ({ expect }) => {
    expect(() => assertConfirmable(ask)).toThrow("--yes");
    expect(() => assertConfirmable({ ...ask, isConfirmed: true })).not.toThrow();
    expect(() => assertConfirmable({ ...ask, isInteractive: true })).not.toThrow();
    expect(() => assertConfirmable({ ...ask, env: "staging" })).not.toThrow();
  });
});

describe("the time at a step", () => {
  test("must be long enough for the samples that a decision needs", ({ expect }) => {
    expect(probeRate(1)).toBe(8);
    expect(probeRate(2)).toBe(16);
    expect(probeRate(100)).toBe(40);
    expect(() => assertBakeIsLongEnough(7_000, 1, 50)).toThrow("--bake 8s or more");
    expect(() => assertBakeIsLongEnough(8_000, 1, 50)).not.toThrow();
    expect(() => assertBakeIsLongEnough(2_000, 4, 50)).not.toThrow();
  });
});
