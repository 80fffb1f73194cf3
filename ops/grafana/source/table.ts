import { type Builder } from "@grafana/grafana-foundation-sdk/cog";
import { type Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";

import { DATASOURCE, refId } from "./panels.ts";

export interface Column {
  readonly title: string;
  /** As Grafana calls it. */
  readonly unit: string;
  /** PromQL that gives one number for each row. */
  readonly expr: string;
}

export interface TableContent {
  readonly title: string;
  readonly description: string;
  /** Labels that name a row: every column has them. */
  readonly by: readonly string[];
  readonly columns: readonly Column[];
}

/** What is true at the end of the time shown: one row for each series, one column for each query. */
export function table({ title, description, by, columns }: TableContent): Builder<Panel> {
  const panel = new TableBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .height(8)
    .span(24)
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: { excludeByName: { Time: true }, indexByName: positions(by, columns), renameByName: {} },
    });
  columns.forEach(({ title: name, unit, expr }, index) => {
    const query = new DataqueryBuilder().refId(refId(index)).datasource(DATASOURCE).expr(expr).instant();
    panel.withTarget(query.format(PromQueryFormat.Table));
    panel.overrideByName(`Value #${refId(index)}`, [
      { id: "displayName", value: name },
      { id: "unit", value: unit },
    ]);
  });
  return panel;
}

/** Rows are named first, then come the numbers in their order. */
function positions(by: readonly string[], columns: readonly Column[]): Record<string, number> {
  const names = [...by, ...columns.map((_, index) => `Value #${refId(index)}`)];
  return Object.fromEntries(names.map((name, index) => [name, index]));
}
