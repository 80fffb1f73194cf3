import { describe, test } from "vitest";

import { HELP } from "../../../tools/capacity/help.ts";
import { parseCapacityOptions } from "../../../tools/capacity/options.ts";
import { formatReport, reportOn } from "../../../tools/capacity/report.ts";
import { DEFAULT_SETUP, DEFAULT_WORKLOAD } from "../../../tools/capacity/scenario.ts";
import { UsageError } from "../../../tools/command/usage-error.ts";

const DEFAULT = { ...DEFAULT_WORKLOAD, ...DEFAULT_SETUP };

describe("the capacity command line", () => {
  test("needs nothing but the rate", ({ expect }) => {
    expect(parseCapacityOptions(["--rps", "1000"])).toEqual({
      action: "report",
      scenario: { ...DEFAULT, requestsPerSecond: 1_000 },
      budget: null,
      isJson: false,
    });
  });

  test("takes every option", ({ expect }) => {
    const workload = [
      "--read-share",
      "0.5",
      "--list-share",
      "1",
      "--keyed-share",
      "0",
      "--callers",
      "7",
      "--users",
      "0",
    ];
    const setup = [
      "--plan",
      "scale",
      "--driver",
      "hyperdrive",
      "--database-ms",
      "2.5",
      "--regions",
      "3",
      "--replicas",
      "2",
    ];
    const shares = ["--cache-hit-share", ".9", "--log-share", "0.1", "--trace-share", "0.01", "--telemetry-share", "1"];
    const proxy = ["--endpoint-rps", "600", "--pooled-connections", "0", "--sweeps-per-hour", "60"];
    const output = ["--budget", "1000", "--json"];
    expect(parseCapacityOptions(["--rps", "0.5", ...workload, ...setup, ...shares, ...proxy, ...output])).toEqual({
      action: "report",
      scenario: {
        requestsPerSecond: 0.5,
        readShare: 0.5,
        listShare: 1,
        keyedShare: 0,
        callers: 7,
        users: 0,
        plan: "scale",
        driver: "hyperdrive",
        databaseMs: 2.5,
        regions: 3,
        replicas: 2,
        cacheHitShare: 0.9,
        logShare: 0.1,
        traceShare: 0.01,
        telemetryShare: 1,
        endpointRequestsPerSecond: 600,
        pooledConnections: 0,
        sweepsPerHour: 60,
      },
      budget: 1_000,
      isJson: true,
    });
  });

  test("reads numbers as it prints them", ({ expect }) => {
    expect(parseCapacityOptions(["--rps", "100,000"])).toMatchObject({ scenario: { requestsPerSecond: 100_000 } });
    expect(parseCapacityOptions(["--rps", "1_000_000"])).toMatchObject({ scenario: { requestsPerSecond: 1_000_000 } });
  });

  test.for(["help", "markdown", "write-docs", "check"] as const)("needs no rate for --%s", (action, { expect }) => {
    expect(parseCapacityOptions([`--${action}`])).toEqual({ action });
  });

  test.for([
    { what: "no rate", args: [], message: "--rps is missing" },
    { what: "a rate of zero", args: ["--rps", "0"], message: '--rps must be a number above 0, not "0"' },
    { what: "a negative rate", args: ["--rps=-5"], message: '--rps must be a number above 0, not "-5"' },
    { what: "a word", args: ["--rps", "many"], message: '--rps must be a number above 0, not "many"' },
    { what: "a strange comma", args: ["--rps", "1,00"], message: "--rps must be" },
    { what: "hexadecimal", args: ["--rps", "0x10"], message: "--rps must be" },
    { what: "nothing", args: ["--rps", ""], message: "--rps must be" },
    {
      what: "more than all requests",
      args: ["--rps", "1", "--read-share", "90"],
      message: "--read-share must be a share from 0 to 1",
    },
    {
      what: "half a replica",
      args: ["--rps", "1", "--replicas", "0.5"],
      message: "--replicas must be a whole number from 0",
    },
    { what: "no region", args: ["--rps", "1", "--regions", "0"], message: "--regions must be a whole number from 1" },
    {
      what: "an unknown plan",
      args: ["--rps", "1", "--plan", "gold"],
      message: '--plan must be free or launch or scale, not "gold"',
    },
    {
      what: "an unknown driver",
      args: ["--rps", "1", "--driver", "pg"],
      message: "--driver must be http or hyperdrive",
    },
    { what: "an unknown flag", args: ["--rps", "1", "--fast"], message: "--fast" },
    { what: "an argument without flag", args: ["1000"], message: "Unexpected argument" },
  ])("refuses $what", ({ args, message }, { expect }) => {
    expect(() => parseCapacityOptions(args)).toThrow(UsageError);
    expect(() => parseCapacityOptions(args)).toThrow(message);
  });

  test("explains every flag that it takes", ({ expect }) => {
    const known = [...HELP.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name]) => name);
    expect(known.length).toBeGreaterThan(20);
    for (const name of known)
      expect(() => parseCapacityOptions(["--help", `--${name}=1`])).not.toThrow(/Unknown option/);
  });
});

describe("the report", () => {
  const report = reportOn({ ...DEFAULT, requestsPerSecond: 1_000, callers: 100 }, 500);
  const text = formatReport(report);

  test("lists limits in the order in which they bind, and marks those that are exceeded", ({ expect }) => {
    const lines = text.split("\n");
    const start = lines.findIndex((line) => line.startsWith("---"));
    expect(lines[start + 1]).toMatch(
      /^Neon proxy's rate per endpoint +1,000 +200 +statements per second +200 +exceeded, fails$/,
    );
    expect(lines[start + 2]).toMatch(/^rate limit per caller +600 +1,200 +requests a minute +2,000 +fails$/);
  });

  test("tells what a month costs, when a budget is spent and what to turn on", ({ expect }) => {
    expect(text).toMatch(/^Workers requests +2,590 +million +\$775$/m);
    expect(text).toMatch(/^total +\$[\d,]+$/m);
    expect(text).toMatch(/^\$500 a month are spent at \d+ requests per second\.$/m);
    expect(text).toMatch(/^This setup is not enough/m);
    expect(text).toMatch(/^Recommended step: pool$/m);
  });

  test("has neither colours nor lines that are too wide for a terminal", ({ expect }) => {
    expect(text).not.toContain("\u001B");
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test("is JSON on demand, where what never binds is null", ({ expect }) => {
    const parsed = JSON.parse(JSON.stringify(report));
    expect(parsed).toMatchObject({ isEnough: false, recommendation: { step: { name: "pool" } } });
    expect(parsed.computeUnits).toEqual(report.computeUnits);
    expect(parsed.limits.at(-1).bindsAt).toBeNull();
    expect(parsed.total).toBeCloseTo(report.total, 6);
  });
});
