import { formatTable } from "../../tools/rehearsal/report/table.ts";
import { drawPicture } from "../report/chart.ts";
import { type Machine, machineLines } from "../report/machine.ts";
import { ratio, short, toMarkdown } from "../report/text.ts";
import type { Report } from "../report/write.ts";
import type { Axis } from "./axis.ts";
import { type Curve, describeCurve } from "./curve.ts";

export interface GrowthSettings {
  readonly rounds: number;
  readonly seconds: number;
}

type AxisLabel = Pick<Axis, "name" | "xLabel">;

/** The curves as a document, a picture and a page. */
export function toGrowthReport(
  machine: Machine,
  settings: GrowthSettings,
  curves: readonly Curve[],
  axes: readonly AxisLabel[],
): Report {
  const how = `Time per request relative to the smallest size, median of ${settings.rounds} rounds of ${settings.seconds} s`;
  return {
    document: { machine, settings, curves },
    svg: drawPicture({
      title: "Cost of growth",
      notes: [how, ...machineLines(machine)],
      columns: 2,
      panels: axes.map(({ name, xLabel }) => ({
        title: name,
        xLabel,
        isLogarithmic: true,
        minTop: 2,
        series: curves
          .filter(({ axis }) => axis === name)
          .map(({ curve, points }) => ({ name: curve, points: points.map(({ size, ratio: y }) => ({ x: size, y })) })),
      })),
    }),
    markdown: `${how}.\n\n${machineLines(machine).join("  \n")}\n\n${axes
      .map(({ name, xLabel }) => toSection(xLabel, curvesOf(curves, name)))
      .join("\n\n")}\n`,
  };
}

/** The same for a terminal. */
export function toGrowthTables(curves: readonly Curve[], axes: readonly AxisLabel[]): string[] {
  return axes.flatMap(({ name, xLabel }) => {
    const { header, rows } = toRows(xLabel, curvesOf(curves, name));
    return ["", ...formatTable(header, rows)];
  });
}

function toSection(xLabel: string, curves: readonly Curve[]): string {
  const { header, rows } = toRows(xLabel, curves);
  return toMarkdown(header, rows);
}

function curvesOf(curves: readonly Curve[], name: string): readonly Curve[] {
  return curves.filter(({ axis }) => axis === name);
}

/** One curve a line: ratios by size, throughput at both ends, and what it looks like. */
function toRows(xLabel: string, curves: readonly Curve[]): { readonly header: string[]; readonly rows: string[][] } {
  const sizes = curves[0]?.points.map(({ size }) => size) ?? [];
  return {
    header: [xLabel, ...sizes.map(String), "req/s at first", "at last", "exponent", "looks"],
    rows: curves.map((curve) => [
      curve.curve,
      ...curve.points.map((point) => ratio(point.ratio)),
      short(curve.points.at(0)?.rps ?? 0),
      short(curve.points.at(-1)?.rps ?? 0),
      curve.exponent.toFixed(3),
      describeCurve(curve),
    ]),
  };
}
