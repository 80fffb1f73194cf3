import { type Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { type Panel, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as HeatmapBuilder } from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** Whatever Prometheus the reader chooses at the top of the dashboard. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" } as const;

/** What a panel shows; units as Grafana calls them: `reqps`, `percentunit`, `s`, `short`. */
export interface PanelContent {
  readonly title: string;
  /** What a reader can conclude, and from what. */
  readonly description: string;
  readonly unit: string;
  /** Width in 24ths of the page. */
  readonly span: number;
  readonly queries: readonly PanelQuery[];
}

/** PromQL, and the legend of its series, with labels in double braces. */
export type PanelQuery = readonly [expr: string, legend: string];

/** From this value on it is amber, from that one red. */
export type Limits = readonly [amber: number, red: number];

const HEIGHT = 8;
const STAT_HEIGHT = 4;

/** Lines over time. `isStacked` for parts of a whole. */
export function lines(content: PanelContent, { isStacked = false } = {}): Builder<Panel> {
  const panel = new TimeseriesBuilder()
    .title(content.title)
    .description(content.description)
    .datasource(DATASOURCE)
    .unit(content.unit)
    .height(HEIGHT)
    .span(content.span)
    .min(0)
    .lineWidth(1)
    .fillOpacity(isStacked ? 40 : 8)
    .gradientMode(GraphGradientMode.None)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(["mean", "max", "lastNotNull"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (isStacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  content.queries.forEach((query, index) => panel.withTarget(rangeQuery(query, index)));
  return panel;
}

/** One number, its colour by the limits, and how it went. */
export function stat(content: PanelContent, limits: Limits | null = null): Builder<Panel> {
  const panel = new StatBuilder()
    .title(content.title)
    .description(content.description)
    .datasource(DATASOURCE)
    .unit(content.unit)
    .height(STAT_HEIGHT)
    .span(content.span)
    .colorMode(limits === null ? BigValueColorMode.None : BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false).fields(""));
  panel.thresholds(thresholds(limits));
  content.queries.forEach((query, index) => panel.withTarget(rangeQuery(query, index)));
  return panel;
}

/** Where the requests are between the bounds of a histogram, over time. */
export function heatmap({ title, description, unit, span, queries }: PanelContent): Builder<Panel> {
  const panel = new HeatmapBuilder()
    .title(title)
    .description(description)
    .datasource(DATASOURCE)
    .unit(unit)
    .height(HEIGHT)
    .span(span)
    .calculate(false);
  queries.forEach((query, index) => panel.withTarget(rangeQuery(query, index).format(PromQueryFormat.Heatmap)));
  return panel;
}

function rangeQuery([expr, legend]: PanelQuery, index: number): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId(index)).datasource(DATASOURCE).expr(expr).legendFormat(legend).range();
}

/** A, B, C: as Grafana names the queries of a panel. */
export const refId = (index: number): string => "ABCDEFGH".charAt(index);

function thresholds(limits: Limits | null): ThresholdsConfigBuilder {
  const [amber, red] = limits ?? [];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([
    { value: null, color: "green" },
    ...(amber === undefined || red === undefined
      ? []
      : [
          { value: amber, color: "orange" },
          { value: red, color: "red" },
        ]),
  ]);
}
