import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";
import { parse } from "yaml";

import { DASHBOARDS_FOLDER, findStaleDashboards, renderDashboards } from "../../../ops/grafana/render.ts";

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
}

const dashboards = [...renderDashboards().values()].map((text): Dashboard => JSON.parse(text));
const panels = dashboards.flatMap((dashboard) => dashboard.panels.filter(({ type }) => type !== "row"));

describe("the dashboards of Grafana", () => {
  test("are committed as the sources say", ({ expect }) => {
    expect(findStaleDashboards()).toEqual([]);
  });

  test("the control: a file that was changed by hand, and one of nobody's, are found", ({ expect }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "dashboards-"));
    try {
      cpSync(DASHBOARDS_FOLDER, folder, { recursive: true });
      const file = path.join(folder, "users-api-requests.json");
      writeFileSync(file, readFileSync(file, "utf8").replace("http_requests_total", "http_request_total"));
      writeFileSync(path.join(folder, "own.json"), "{}");
      expect(findStaleDashboards(folder)).toEqual(["users-api-requests.json", "own.json"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("ask the Prometheus that the reader chooses, and say what their panels mean", ({ expect }) => {
    expect(panels.length).toBeGreaterThan(30);
    for (const { title, description, datasource } of panels) {
      expect([title, datasource?.uid]).toEqual([title, "${datasource}"]);
      expect(description?.length, title).toBeGreaterThan(15);
    }
  });

  test.for(dashboards)("$uid has panels beside each other, none over another", ({ panels: all }, { expect }) => {
    const cells = all.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      expect(x + w, title).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test("are found by what is provisioned, in its folder", ({ expect }) => {
    const folder = path.dirname(DASHBOARDS_FOLDER);
    const { providers } = parse(readFileSync(path.join(folder, "users-api.yml"), "utf8"));
    const provisioned: string = providers[0].options.path;
    expect(provisioned.replace("$GF_PATHS_PROVISIONING", path.dirname(folder))).toBe(DASHBOARDS_FOLDER);
    const { datasources } = parse(readFileSync(path.join(folder, "../datasources/prometheus.yml"), "utf8"));
    expect(datasources).toMatchObject([{ type: "prometheus", url: "$PROMETHEUS_URL" }]);
  });
});
