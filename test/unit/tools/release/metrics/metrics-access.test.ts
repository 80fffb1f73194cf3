import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { type MetricsFlags, readMetricsAccess } from "../../../../../tools/release/command/metrics-access.ts";

const NONE: MetricsFlags = { metricsUrl: null, metricsTokenFile: null, isMetricsRequired: false };
const URL = "https://telemetry.example";

describe("where the metrics are", () => {
  test("is nowhere unless somebody says so", ({ expect }) => {
    expect(readMetricsAccess(NONE, { METRICS_TOKEN: "t" }, "cloudflare")).toBeNull();
    expect(() => readMetricsAccess({ ...NONE, isMetricsRequired: true }, {}, "cloudflare")).toThrow(
      "--require-metrics needs",
    );
  });

  test("is what the environment says, or the command line, which goes first", ({ expect }) => {
    const env = { TELEMETRY_URL: URL, METRICS_TOKEN: "t" };
    expect(readMetricsAccess(NONE, env, "cloudflare")).toEqual({ url: `${URL}/metrics`, token: "t" });
    const other = readMetricsAccess({ ...NONE, metricsUrl: "https://other.example/m" }, env, "cloudflare");
    expect(other?.url).toBe("https://other.example/m");
  });

  test("needs a token, which may be in a file and is never told", ({ expect, onTestFinished }) => {
    const folder = mkdtempSync(join(tmpdir(), "metrics-token-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const metricsTokenFile = join(folder, "token");
    writeFileSync(metricsTokenFile, "from-a-file\n");
    const read = (flags: Partial<MetricsFlags>, token?: string) =>
      readMetricsAccess({ ...NONE, metricsUrl: URL, ...flags }, { METRICS_TOKEN: token }, "cloudflare");
    expect(read({ metricsTokenFile }, "of-the-environment")?.token).toBe("from-a-file");
    expect(() => read({})).toThrow("METRICS_TOKEN in the environment, or --metrics-token-file");
    expect(() => read({ metricsTokenFile: join(folder, "none") })).toThrow("cannot be read");
    expect(() => read({}, "with a space")).toThrow(/visible ASCII characters\.$/);
  });

  test.for([
    ["cloudflare", "http://telemetry.example"],
    ["cloudflare", "https://localhost:1"],
    ["rehearsal", "https://telemetry.example"],
    ["cloudflare", "https://user:password@telemetry.example"],
    ["cloudflare", "ftp://telemetry.example"],
    ["cloudflare", "telemetry"],
  ] as const)("of %s is not %s", ([kind, metricsUrl], { expect }) => {
    expect(() => readMetricsAccess({ ...NONE, metricsUrl }, { METRICS_TOKEN: "t" }, kind)).toThrow("metrics must be");
  });
});
