import { globSync, readFileSync } from "node:fs";

import { describe, test } from "vitest";
import { parse } from "yaml";

import {
  shortenAlertmanager,
  shortenDuration,
  shortenExpression,
  shortenPrometheus,
  shortenRules,
} from "../../../../tools/prometheus/monitoring/shorten.ts";

describe("Durations, a minute in a second", () => {
  test.for([
    ["5m", "5000ms"],
    ["30s", "500ms"],
    ["1h30m", "90000ms"],
    ["3d", "4320000ms"],
    ["1w", "10080000ms"],
  ] as const)("%s is %s", ([text, shortened], { expect }) => {
    expect(shortenDuration(text)).toBe(shortened);
  });

  test("are not below the least", ({ expect }) => {
    expect(shortenDuration("30s", 1_000)).toBe("1000ms");
  });

  test.for(["", "5", "5 m", "five"])("are not %j", (text, { expect }) => {
    expect(() => shortenDuration(text)).toThrow("no duration");
  });
});

describe("Expressions", () => {
  test.for([
    ['rate(a{b="5m"}[5m])', 'rate(a{b="5m"}[5000ms])'],
    ["a offset 1w or b offset 5m > 5", "a offset 10080000ms or b offset 5000ms > 5"],
    ["sum_over_time(a:increase5m[1h:1m]) / 5", "sum_over_time(a:increase5m[60000ms:1000ms]) / 5"],
  ] as const)("%s", ([text, shortened], { expect }) => {
    expect(shortenExpression(text)).toBe(shortened);
  });

  test("of the real rules differ in durations and in nothing else", ({ expect }) => {
    const files = globSync("ops/prometheus/rules/*.yml");
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const text = readFileSync(file, "utf8");
      const blank = (value: unknown): string =>
        JSON.stringify(value).replaceAll(/(?<=\[|:|offset |"for":")(?:\d+(?:ms|[smhdw]))+\b/g, "T");
      expect(blank(parse(shortenRules(text)))).toBe(blank(parse(text)));
      expect(shortenRules(text)).not.toMatch(/(?:\[|offset |for: )\d+(?:[shdw]|m(?!s))/);
    }
  });
});

describe("Configurations", () => {
  test("of Prometheus lead to this machine, with the labels of production", ({ expect }) => {
    const text = readFileSync("ops/prometheus/prometheus.yml", "utf8");
    const targets = { telemetry: "127.0.0.1:1", alertmanager: "127.0.0.1:2", credentialsFile: "/token" };
    expect(parse(shortenPrometheus(text, targets))).toEqual({
      global: { scrape_interval: "1000ms", evaluation_interval: "1000ms" },
      rule_files: ["rules/*.yml"],
      alerting: { alertmanagers: [{ static_configs: [{ targets: ["127.0.0.1:2"] }] }] },
      scrape_configs: [
        {
          job_name: "users-api-production",
          scheme: "http",
          authorization: { credentials_file: "/token" },
          static_configs: [{ targets: ["127.0.0.1:1"], labels: { environment: "production" } }],
        },
      ],
    });
  });

  test("of Alertmanager keep routes and inhibitions, and call nobody", ({ expect }) => {
    const text = readFileSync("ops/prometheus/alertmanager.yml", "utf8");
    const file = parse(shortenAlertmanager(text, "http://127.0.0.1:3"));
    expect(file.inhibit_rules).toEqual(parse(text).inhibit_rules);
    expect(file.route).toMatchObject({ group_wait: "1000ms", group_interval: "5000ms", group_by: ["environment"] });
    expect(file.route.routes).toMatchObject([{ receiver: "pager", repeat_interval: "120000ms" }]);
    expect(file.receivers).toEqual(
      ["pager", "tickets"].map((name) => ({
        name,
        webhook_configs: [{ url: `http://127.0.0.1:3/${name}`, send_resolved: true }],
      })),
    );
  });
});
