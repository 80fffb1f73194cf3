import type { BundleSize } from "../../tools/bundle/measure.ts";
import { formatTable } from "../../tools/rehearsal/report/table.ts";
import { drawBars } from "../report/bars.ts";
import { type Machine, machineLines } from "../report/machine.ts";
import { toMarkdown } from "../report/text.ts";
import type { Report } from "../report/write.ts";
import type { Share } from "./shares.ts";

/** Medians in milliseconds, beside those of an empty Worker. */
export interface StartTimes {
  readonly api_ms: number;
  readonly empty_ms: number;
  /** Null when the empty Worker's is too short for the profiler to see. */
  readonly ratio: number | null;
  readonly raw: Readonly<Record<"api" | "empty", readonly number[]>>;
}

export interface ColdStart {
  readonly size: BundleSize;
  readonly shares: readonly Share[];
  readonly startupCpu: StartTimes;
  readonly firstAnswer: StartTimes;
  readonly firstAnswerCpu: StartTimes;
}

const kibibytes = (bytes: number): string => (bytes / 1024).toFixed(1);

function summaryOf({ size, startupCpu, firstAnswer, firstAnswerCpu }: ColdStart): string[] {
  const times = (what: string, { api_ms: api, empty_ms: empty, ratio }: StartTimes): string =>
    `${what} ${api.toFixed(1)} ms, an empty Worker ${empty.toFixed(1)} ms, ratio ${ratio?.toFixed(2) ?? "unknown"}`;
  return [
    `bundle        ${kibibytes(size.rawBytes)} KiB minified, ${kibibytes(size.gzipBytes)} KiB with gzip`,
    times("start-up CPU ", startupCpu),
    times("first answer ", firstAnswer),
    times("its CPU      ", firstAnswerCpu),
  ];
}

const HEADER = ["package or folder", "KiB minified", "share"];

function rowsOf({ shares }: ColdStart): string[][] {
  return shares.map(({ name, bytes, share }) => [name, kibibytes(bytes), `${(share * 100).toFixed(1)} %`]);
}

export function toColdStartText(coldStart: ColdStart): string[] {
  return [...formatTable(HEADER, rowsOf(coldStart)), "", ...summaryOf(coldStart)];
}

/** The start of the Worker as a document, a picture and a page. */
export function toColdStartReport(machine: Machine, coldStart: ColdStart): Report {
  const { size, shares, startupCpu, firstAnswer, firstAnswerCpu } = coldStart;
  const summary = summaryOf(coldStart).map((line) => line.replaceAll(/ {2,}/g, " "));
  return {
    document: {
      machine,
      raw_bytes: size.rawBytes,
      gzip_bytes: size.gzipBytes,
      packages: shares,
      startup_cpu: startupCpu,
      first_answer: firstAnswer,
      first_answer_cpu: firstAnswerCpu,
    },
    svg: drawBars({
      title: "Where the bytes of the bundle come from, KiB minified",
      notes: [...summary, ...machineLines(machine)],
      bars: shares.map(({ name, bytes, share }) => ({
        name,
        value: bytes,
        label: `${kibibytes(bytes)} (${(share * 100).toFixed(1)} %)`,
      })),
    }),
    markdown: `${summary.join("  \n")}\n\n${machineLines(machine).join("  \n")}\n\n${toMarkdown(HEADER, rowsOf(coldStart))}\n`,
  };
}
