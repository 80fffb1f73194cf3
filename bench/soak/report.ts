import type { LoadResult } from "../load/load.ts";
import { drawPicture } from "../report/chart.ts";
import { type Machine, machineLines } from "../report/machine.ts";
import { short } from "../report/text.ts";
import type { Report } from "../report/write.ts";
import { MAX_MEGABYTES, type SoakVerdict, WARMUP_SECONDS } from "./judge.ts";
import type { MemorySample } from "./trend.ts";
import type { WarmUp } from "./warm-up.ts";

export interface Soak {
  readonly machine: Machine;
  readonly settings: {
    readonly scenario: string;
    readonly seconds: number;
    readonly connections: number;
    /** Requests per second. */
    readonly capacity: number;
    readonly rate: number;
  };
  readonly warmth: WarmUp;
  readonly samples: readonly MemorySample[];
  readonly result: LoadResult;
  readonly verdict: SoakVerdict;
}

/** A soak as a document, a picture and a page. */
export function toSoakReport(soak: Soak): Report {
  const { machine, settings, warmth, samples, result, verdict } = soak;
  const { trend, maxMegabytes, problems } = verdict;
  const slope = `${short(trend.megabytesPerMinute)} ± ${short(trend.standardError)} MB a minute after ${WARMUP_SECONDS} s`;
  const load = `${settings.scenario}, ${settings.rate} requests a second (capacity ${settings.capacity.toFixed(0)}) for ${settings.seconds} s`;
  return {
    document: {
      machine,
      settings,
      warm_up: warmth,
      slope_mb_per_minute: trend.megabytesPerMinute,
      slope_standard_error: trend.standardError,
      max_mb: maxMegabytes,
      problems,
      requests: result.requests,
      p50_ms: result.p50Ms,
      p99_ms: result.p99Ms,
      samples: samples.map(({ second, megabytes }) => [round(second), round(megabytes)]),
    },
    svg: drawPicture({
      title: "Resident memory of the Worker's process, MB",
      notes: [
        load,
        describeWarmUp(warmth),
        `slope ${slope}, maximum ${short(maxMegabytes)} MB`,
        ...machineLines(machine),
      ],
      columns: 1,
      panels: [
        {
          title: "MB by second",
          xLabel: "seconds",
          isLogarithmic: false,
          series: [{ name: "resident", points: samples.map(({ second, megabytes }) => ({ x: second, y: megabytes })) }],
          limit: { y: MAX_MEGABYTES, label: "limit" },
        },
      ],
    }),
    markdown: [
      load,
      describeWarmUp(warmth),
      `slope    ${slope}`,
      `maximum  ${short(maxMegabytes)} MB, limit ${MAX_MEGABYTES} MB`,
      `answered ${result.requests} requests, p50 ${short(result.p50Ms)} ms, p99 ${short(result.p99Ms)} ms`,
      ...(problems.length === 0 ? ["ok"] : problems.map((problem) => `FAILED: ${problem}`)),
      "",
    ].join("\n"),
  };
}

function describeWarmUp({ seconds, requests, megabytes, hasSettled }: WarmUp): string {
  const sizes = megabytes.map((size) => size.toFixed(0)).join(", ");
  return `warm-up  ${requests} requests in ${seconds} s at full load: ${sizes} MB${hasSettled ? "" : ", not settled"}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
