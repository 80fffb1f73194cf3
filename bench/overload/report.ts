import { drawPicture, type Series } from "../report/chart.ts";
import { type Machine, machineLines } from "../report/machine.ts";
import { short, toMarkdown } from "../report/text.ts";
import type { Report } from "../report/write.ts";
import { MIN_GOODPUT_SHARE, type OverloadVerdict } from "./judge.ts";
import type { LoadPoint } from "./summary.ts";

export interface Overload {
  readonly machine: Machine;
  readonly settings: {
    readonly sessions: number;
    readonly serviceMs: number;
    /** Of each load. */
    readonly seconds: number;
  };
  /** Requests per second. */
  readonly capacity: number;
  /** In the order in which they were offered. */
  readonly points: readonly LoadPoint[];
  readonly recoveryMs: number | null;
  readonly verdict: OverloadVerdict;
}

/** An overload as a document, a picture and a page. */
export function toOverloadReport(overload: Overload): Report {
  const { machine, settings, capacity, points, recoveryMs, verdict } = overload;
  const { sessions, serviceMs, seconds } = settings;
  const load = `get-by-id, a database of ${sessions} sessions that takes ${serviceMs} ms more, ${seconds} s of each load; capacity ${short(capacity)} requests a second`;
  const recovery = `recovery ${recoveryMs === null ? "never" : `${recoveryMs} ms`} after the load had fallen to ${points.at(-1)?.factor ?? 0} of the capacity`;
  const { problems, isInconclusive } = verdict;
  return {
    document: { machine, settings, capacity_rps: capacity, points, recovery_ms: recoveryMs, problems },
    svg: draw(overload, [load, recovery, ...machineLines(machine)]),
    markdown: [
      load,
      "",
      toTable(points),
      "",
      recovery,
      "",
      ...(problems.length === 0 ? ["ok"] : problems.map((problem) => `FAILED: ${problem}`)),
      ...(isInconclusive ? ["inconclusive: the load generator had no room on this machine"] : []),
      "",
    ].join("\n"),
  };
}

const HEADER = [
  "of capacity",
  "offered/s",
  "goodput/s",
  "refused/s",
  "504/s",
  "other/s",
  "unanswered",
  "served p50, p99 ms",
  "refused p50, p99 ms",
  "slowest ms",
  "health p99 ms",
];

function toTable(points: readonly LoadPoint[]): string {
  const pair = ({ p50Ms, p99Ms }: LoadPoint["servedTimes"]): string => `${p50Ms.toFixed(0)}, ${p99Ms.toFixed(0)}`;
  return toMarkdown(
    HEADER,
    points.map((point) => [
      point.factor.toFixed(1),
      ...[point.offered, point.goodput, point.refused, point.late, point.other].map((rate) => rate.toFixed(0)),
      String(point.unanswered),
      pair(point.servedTimes),
      pair(point.refusedTimes),
      point.slowestMs.toFixed(0),
      point.healthTimes.p99Ms.toFixed(0),
    ]),
  );
}

function draw({ points, capacity }: Overload, notes: readonly string[]): string {
  // The last one is the way back, which is told in words.
  const rising = points.slice(0, -1);
  const series = (name: string, y: (point: LoadPoint) => number): Series => ({
    name,
    points: rising.map((point) => ({ x: Math.round(point.offered), y: y(point) })),
  });
  const xLabel = "requests offered a second";
  return drawPicture({
    title: "Offered load and goodput",
    notes,
    columns: 2,
    panels: [
      {
        title: "answers a second",
        xLabel,
        isLogarithmic: false,
        series: [
          series("goodput", ({ goodput }) => goodput),
          series("refused", ({ refused }) => refused),
          series("504", ({ late }) => late),
        ],
        limit: { y: MIN_GOODPUT_SHARE * capacity, label: `${MIN_GOODPUT_SHARE} of the capacity` },
      },
      {
        title: "p99, ms",
        xLabel,
        isLogarithmic: false,
        series: [
          series("goodput", ({ servedTimes }) => servedTimes.p99Ms),
          series("refused", ({ refusedTimes }) => refusedTimes.p99Ms),
          series("health", ({ healthTimes }) => healthTimes.p99Ms),
        ],
      },
    ],
  });
}
