import { type Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";

import { DATASOURCE } from "./panels.ts";

const TAG = "users-api";

export interface PageContent {
  /** Of the dashboard, and of its file. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Variables beside the data source and the job: labels of requests that the reader may choose values of. */
  readonly filters?: readonly string[];
  readonly rows: readonly (readonly [title: string, ...panels: readonly Builder<Panel>[]])[];
}

/** A dashboard of rows, with the data source and the job as variables, and a mark wherever a version appears for the first time. */
export function page({ uid, title, description, filters = [], rows }: PageContent): Dashboard {
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .time({ from: "now-1h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .link(new DashboardLinkBuilder(TAG).type(DashboardLinkType.Dashboards).tags([TAG]).keepTime(true).includeVars(true))
    .withVariable(new DatasourceVariableBuilder("datasource").label("Prometheus").type("prometheus"))
    .withVariable(labelVariable("job", `label_values(http_requests_total, job)`))
    .annotation(newVersions());
  for (const label of filters) {
    builder.withVariable(labelVariable(label, `label_values(http_requests_total{job=~"$job"}, ${label})`));
  }
  for (const [name, ...panels] of rows) {
    builder.withRow(new RowBuilder(name));
    for (const panel of panels) builder.withPanel(panel);
  }
  return builder.build();
}

function labelVariable(label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .label(label)
    .datasource(DATASOURCE)
    .query({ query, refId: label })
    .definition(query)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ text: "All", value: "$__all" })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

/** A version has requests that had none a step before: a release began, or went back to one that was forgotten. */
function newVersions(): AnnotationQueryBuilder {
  const versions = `count by (version_id, version_tag) (http_requests_total{job=~"$job"})`;
  const before = versions.replace("})", "} offset $__interval)");
  return new AnnotationQueryBuilder()
    .name("New version")
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor("blue")
    .expr(`${versions} unless ${before}`)
    .step("15s")
    .titleFormat("New version {{version_tag}}")
    .textFormat("{{version_id}}")
    .tagKeys("version_tag");
}
