import { beforeAll, describe, test } from "vitest";

import { type Catalogue, checkQuery } from "../support/promql/check-query.ts";
import {
  configuredLabels,
  dashboardQueries,
  documentedQueries,
  type Query,
  ruleQueries,
  withRecordings,
} from "../support/promql/queries.ts";
import { scrapeEverything } from "../support/promql/scrape-everything.ts";

let catalogue: Catalogue;

beforeAll(async () => {
  const labelsOf = (expr: string, known: Catalogue) => checkQuery(expr, known).labels;
  catalogue = withRecordings(await scrapeEverything(configuredLabels()), ruleQueries(), labelsOf);
});

/** What is wrong with a query, or with what is shown of its result. */
function problemsOf({ expr, shows }: Query): string[] {
  const { problems, labels } = checkQuery(expr, catalogue);
  const unknown = labels === null ? [] : shows.filter((label) => !labels.has(label));
  return [...problems, ...unknown.map((label) => `the result has no label ${label}, which is shown`)];
}

function wrongOnes(queries: readonly Query[]): string[] {
  return queries.flatMap((query) => problemsOf(query).map((problem) => `${query.where}: ${problem}`));
}

describe("Every query asks for what a scrape of the telemetry Worker has", () => {
  test("the scrape has every family, with labels", ({ expect }) => {
    const target = ["job", "instance", ...configuredLabels()];
    expect(catalogue.get("http_requests_total")).toEqual(
      new Set(["method", "route", "status", "version_id", "version_tag", ...target]),
    );
    expect(catalogue.get("db_query_duration_seconds_bucket")).toEqual(new Set(["statement", "le", ...target]));
  });

  test("in the dashboards of Grafana", ({ expect }) => {
    const queries = dashboardQueries();
    expect(queries.length).toBeGreaterThan(50);
    expect(wrongOnes(queries)).toEqual([]);
  });

  test("in the documentation", ({ expect }) => {
    const queries = documentedQueries();
    expect(queries.length).toBeGreaterThan(5);
    expect(wrongOnes(queries)).toEqual([]);
  });

  test("in the rules of Prometheus", ({ expect }) => {
    expect(wrongOnes(ruleQueries())).toEqual([]);
  });

  test.for([
    ["sum(rate(http_request_total[5m]))", [], "nobody exposes the series http_request_total"],
    ["sum by (path) (rate(http_requests_total[5m]))", [], "no label path"],
    ["sum by (route) (rate(http_requests_total[5m]))", ["status"], "no label status, which is shown"],
  ] as const)("the control: %s is found", ([expr, shows, problem], { expect }) => {
    expect(problemsOf({ where: "", expr, shows }).join()).toContain(problem);
  });
});
