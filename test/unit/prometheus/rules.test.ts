import { readFileSync } from "node:fs";

import { describe, test } from "vitest";
import { parse } from "yaml";

import { BUCKET_BOUNDS_MS } from "../../../src/observability/metrics-batch.ts";
import { CATALOGUE } from "../../../telemetry/src/catalogue.ts";
import {
  type AlertSources,
  findGaps,
  matchersIn,
  readAlertSources,
  scrapedNames,
} from "../../support/prometheus-rules.ts";

const sources = readAlertSources();
const alerts = sources.rules.filter(({ alert }) => alert !== undefined);
const expressions = sources.rules.map(({ expr }) => expr);

describe("The alerts of ops/prometheus", () => {
  test("are really read, with their tests and runbooks", ({ expect }) => {
    expect(alerts.length).toBeGreaterThanOrEqual(12);
    expect(sources.tests.length).toBeGreaterThanOrEqual(2 * alerts.length);
    expect(sources.runbooks).toContain("## UsersApi");
  });

  test("have a severity, texts, a runbook, a test that fires and one that stays silent", ({ expect }) => {
    expect(findGaps(sources)).toEqual([]);
  });
});

describe("The control: planted gaps of alerts", () => {
  const name = "UsersApiErrorSpike";
  const without = (part: Partial<AlertSources>): string[] => findGaps({ ...sources, ...part });
  const changeAlert = (change: object): string[] =>
    without({ rules: sources.rules.map((rule) => (rule.alert === name ? { ...rule, ...change } : rule)) });

  test.for([
    ["no severity", () => changeAlert({ labels: {} }), /^\w+ has no severity/],
    ["no annotations", () => changeAlert({ annotations: {} }), /^\w+ has no summary/],
    [
      "the runbook of another",
      () => changeAlert({ annotations: { summary: "a", description: "b", runbook_url: "docs/runbooks.md#a" } }),
      /runbook_url/,
    ],
    [
      "no runbook",
      () => without({ runbooks: sources.runbooks.replace(`## ${name}\n`, "## Gone\n") }),
      /^UsersApiErrorSpike has no runbook$/,
    ],
    [
      "no way to look",
      () => without({ runbooks: sources.runbooks.replaceAll("**How to look.**", "") }),
      /without \*\*How to look/,
    ],
    ["no command", () => without({ runbooks: sources.runbooks.replaceAll("```sh", "```text") }), /without a command/],
    [
      "no firing test",
      () => without({ tests: sources.tests.filter(({ name: title }) => !title.startsWith(`${name} fires`)) }),
      /in which it fires$/,
    ],
    [
      "no silent test",
      () => without({ tests: sources.tests.filter(({ name: title }) => !title.startsWith(`${name} stays`)) }),
      /stays silent$/,
    ],
    [
      "an alert that is gone",
      () => without({ rules: sources.rules.filter(({ alert }) => alert !== name) }),
      /is tested, but no alert$/,
    ],
  ] as const)("%s", ([, plant, gap], { expect }) => {
    expect(plant()).toContainEqual(expect.stringMatching(gap));
  });

  test("a silent test that fires at some time is none", ({ expect }) => {
    const tests = sources.tests.map((one) =>
      one.name.startsWith(`${name} stays`)
        ? { ...one, alert_rule_test: [...one.alert_rule_test, { alertname: name, exp_alerts: [{}] }] }
        : one,
    );
    expect(findGaps({ ...sources, tests })).toEqual([`${name} has no test in which it stays silent`]);
  });
});

describe("Expressions of ops/prometheus", () => {
  const SUFFIXES = { counter: ["_total"], gauge: [""], histogram: ["_bucket", "_sum", "_count"] } as const;
  const families = Object.values(CATALOGUE);
  const exposed = new Set(families.flatMap(({ name, type }) => SUFFIXES[type].map((suffix) => `${name}${suffix}`)));

  test("ask only for series that telemetry exposes", ({ expect }) => {
    const asked = new Set(expressions.flatMap(scrapedNames));
    expect(asked).toContain("http_requests_total");
    expect([...asked].filter((name) => !exposed.has(name))).toEqual([]);
    expect(scrapedNames("sum by (some_label) (rate(http_request_total[5m]))")).toEqual(["http_request_total"]);
  });

  test("match only labels that series have", ({ expect }) => {
    const known = new Set<string>(families.flatMap(({ labels }) => labels));
    for (const label of ["job", "instance", "environment", "slo", "le"]) known.add(label);
    const used = expressions.flatMap(matchersIn).map(({ label }) => label);
    expect([...new Set(used)].filter((label) => !known.has(label))).toEqual([]);
  });

  test("count by a bound that the histogram has, and by routes that the API has", ({ expect }) => {
    const matchers = expressions.flatMap(matchersIn);
    const bounds = new Set(matchers.filter(({ label }) => label === "le").map(({ value }) => Number(value) * 1_000));
    expect(bounds.size).toBeGreaterThan(0);
    expect([...bounds].filter((bound) => !BUCKET_BOUNDS_MS.some((known) => known === bound))).toEqual([]);
    const { paths }: { paths: Record<string, unknown> } = JSON.parse(readFileSync("docs/openapi.json", "utf8"));
    const patterns = new Set(
      matchers.filter(({ label }) => label === "route").flatMap(({ value }) => value.split("|")),
    );
    expect(patterns).toContain("/ready");
    for (const pattern of patterns) {
      expect([pattern, Object.keys(paths).some((path) => new RegExp(`^(?:${pattern})$`).test(path))]).toEqual([
        pattern,
        true,
      ]);
    }
  });
});

describe("The configuration of ops/prometheus", () => {
  test("scrapes both environments with a token from a file, which in the repository is none", ({ expect }) => {
    const config: { scrape_configs: { job_name: string; authorization: { credentials_file: string } }[] } = parse(
      readFileSync("ops/prometheus/prometheus.yml", "utf8"),
    );
    expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual([
      "users-api-production",
      "users-api-staging",
    ]);
    for (const { authorization } of config.scrape_configs) {
      const text = readFileSync(`ops/prometheus/${authorization.credentials_file}`, "utf8");
      expect(text).toMatch(/^the METRICS_TOKEN of \w+, on the machine of Prometheus only\n$/);
    }
  });

  test("inhibits and routes by alerts and labels that there are", ({ expect }) => {
    const text = readFileSync("ops/prometheus/alertmanager.yml", "utf8");
    const names = alerts.map(({ alert = "" }) => alert);
    const patterns = matchersIn(text).filter(({ label }) => label === "alertname");
    expect(patterns.length).toBeGreaterThan(4);
    for (const { value } of patterns) {
      expect([value, names.some((name) => new RegExp(`^(?:${value})$`).test(name))]).toEqual([value, true]);
    }
  });
});
