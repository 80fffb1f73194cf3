import type { Clock } from "../measure/clock.ts";
import type { Comparison } from "../measure/measurement.ts";
import { reasonsOf, type SourceName, StageFailure } from "../stage-failure.ts";
import { formatComparison, summarize } from "./comparison-summary.ts";
import { EXIT_CODES, type Outcome } from "./outcome.ts";
import type { Progress } from "./progress.ts";
import type { MetricsSummary, ReleaseReport, StageRecord } from "./report.ts";

/** What a stage writes down while it runs. */
export interface StageNotes {
  /** A finding that belongs into the report. */
  detail(text: string): void;
  /** The latest measurement; the last one stays. */
  comparison(comparison: Comparison): void;
  /** What all requests met, as the verdict goes by it. */
  metrics(summary: MetricsSummary): void;
}

/** Members of the report that are found out on the way. */
export type Findings = Pick<ReleaseReport, "commit" | "previousId" | "newId" | "startupMs" | "migrations" | "rollback">;
/** What is released where. */
export type Subject = Pick<ReleaseReport, "target" | "env" | "worker" | "url">;

export interface JournalOptions {
  readonly subject: Subject;
  readonly clock: Clock;
  /** Time of day, for the report. */
  readonly today: () => Date;
  readonly progress: Progress;
}

/** Keeps the report of a release and tells its progress. */
export interface Journal {
  /** Runs one stage and records how it went; its error comes through. */
  stage<Result>(head: StageHead, run: (notes: StageNotes) => Promise<Result>): Promise<Result>;
  found(findings: Partial<Findings>): void;
  /** The report as of now. */
  report(outcome: Outcome, reasons: readonly string[]): ReleaseReport;
}

export interface StageHead {
  readonly name: string;
  readonly percentage?: number;
  /** An error after it has aborted is an interruption, not a failure. */
  readonly signal: AbortSignal;
}

const NOTHING_FOUND: Findings = {
  commit: null,
  previousId: null,
  newId: null,
  startupMs: null,
  migrations: [],
  rollback: null,
};

export function createJournal({ subject, clock, today, progress }: JournalOptions): Journal {
  const startedAt = today().toISOString();
  const startMs = clock.now();
  const stages: StageRecord[] = [];
  let findings = NOTHING_FOUND;

  return {
    async stage({ name, percentage, signal }, run) {
      const pad = openNotePad(progress);
      const head = { name, ...(percentage === undefined ? {} : { percentage }), startedAt: today().toISOString() };
      const stageStartMs = clock.now();
      const end = (
        outcome: StageRecord["outcome"],
        reasons: readonly string[],
        foundBy: readonly SourceName[] = [],
      ): void => {
        const { detail, ...measured } = pad.read();
        const ms = Math.round(clock.now() - stageStartMs);
        const found = foundBy.length === 0 ? {} : { foundBy };
        const record = { ...head, ms, outcome, detail: [...detail, ...reasons], ...found, ...measured };
        stages.push(record);
        progress.stageEnded(record);
      };
      progress.stageStarted(name);
      try {
        const result = await run(pad.notes);
        end("passed", []);
        return result;
      } catch (error) {
        if (signal.aborted) end("interrupted", []);
        else end("failed", reasonsOf(error), error instanceof StageFailure ? error.foundBy : []);
        throw error;
      }
    },
    found(more) {
      findings = { ...findings, ...more };
    },
    report(outcome, reasons) {
      const failed = stages.find((stage) => stage.outcome !== "passed" && stage.name !== "rollback");
      return {
        ...subject,
        ...findings,
        stages: [...stages],
        outcome,
        exitCode: EXIT_CODES[outcome],
        failedStage: failed?.name ?? null,
        reasons,
        startedAt,
        finishedAt: today().toISOString(),
        ms: Math.round(clock.now() - startMs),
      };
    },
  };
}

interface NotePad {
  readonly notes: StageNotes;
  /** What was written down until now. */
  read(): Pick<StageRecord, "detail" | "comparison" | "metrics">;
}

function openNotePad(progress: Progress): NotePad {
  const detail: string[] = [];
  let measured: Pick<StageRecord, "comparison" | "metrics"> = {};
  let last: Comparison | null = null;
  return {
    notes: {
      detail: (text) => void detail.push(text),
      comparison(comparison) {
        last = comparison;
        progress.update(formatComparison(summarize(comparison)));
      },
      metrics: (metrics) => void (measured = { ...measured, metrics }),
    },
    read: () => ({ detail, ...(last === null ? {} : { comparison: summarize(last) }), ...measured }),
  };
}
