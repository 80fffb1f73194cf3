import { formatTable } from "../../tools/rehearsal/report/table.ts";
import type { Results, Summary } from "../run/summary.ts";
import { drawPicture, type Panel } from "./chart.ts";
import { type Machine, machineLines } from "./machine.ts";
import { ratio, short, toMarkdown } from "./text.ts";
import type { Report } from "./write.ts";

export interface MatrixSettings {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup_seconds: number;
}

/** The results of a matrix as a document, a picture and a page. */
export function toMatrixReport(machine: Machine, settings: MatrixSettings, results: Results): Report {
  const { header, rows } = toRows(results);
  const how = `median of ${settings.rounds} rounds of ${settings.seconds} s after ${settings.warmup_seconds} s of warm-up`;
  return {
    document: { machine, settings, results },
    svg: drawPicture({
      title: "Requests per second by connections",
      notes: [how, ...machineLines(machine)],
      panels: Object.entries(results).map(([scenario, byConnections]) => toPanel(scenario, byConnections)),
      columns: 4,
    }),
    markdown: `Requests per second, ${how}.\n\n${machineLines(machine).join("  \n")}\n\n${toMarkdown(header, rows)}\n`,
  };
}

/** The same for a terminal. */
export function toMatrixTable(results: Results): string[] {
  const { header, rows } = toRows(results);
  return formatTable(header, rows);
}

function toRows(results: Results): { readonly header: string[]; readonly rows: string[][] } {
  const variants = namesOf(results);
  const loads = Object.entries(results).flatMap(([scenario, byConnections]) =>
    Object.entries(byConnections).map(([connections, summaries]) => ({ scenario, connections, summaries })),
  );
  return {
    header: [
      "scenario",
      "connections",
      ...variants,
      "api/floor",
      "api/hello",
      "cpu api/hello",
      "api p50 ms",
      "api p99 ms",
      "floor p99 ms",
    ],
    rows: loads.map(({ scenario, connections, summaries }) => [
      scenario,
      connections,
      ...variants.map((name) => rate(summaries[name])),
      ratio(summaries["api"]?.ratio_to_floor),
      ratio(summaries["api"]?.ratio_to_hello),
      ratio(summaries["api"]?.cpu_to_hello),
      time(summaries["api"]?.p50_ms),
      time(summaries["api"]?.p99_ms),
      time(summaries["floor"]?.p99_ms),
    ]),
  };
}

function namesOf(results: Results): string[] {
  const loads = Object.values(results).flatMap((byConnections) => Object.values(byConnections));
  return [...new Set(loads.flatMap((summaries) => Object.keys(summaries)))];
}

const rate = (summary: Summary | undefined): string => (summary === undefined ? "-" : summary.rps.toFixed(0));
const time = (value: number | undefined): string => (value === undefined ? "-" : short(value));

function toPanel(scenario: string, byConnections: Results[string]): Panel {
  const loads = Object.entries(byConnections);
  const names = [...new Set(loads.flatMap(([, summaries]) => Object.keys(summaries)))];
  return {
    title: scenario,
    xLabel: "connections",
    isLogarithmic: true,
    series: names.map((name) => ({
      name,
      points: loads.flatMap(([connections, summaries]) => {
        const summary = summaries[name];
        return summary === undefined ? [] : [{ x: Number(connections), y: summary.rps }];
      }),
    })),
  };
}
