import type { StageRecord } from "./report.ts";

/** Told what a release does, as it happens. */
export interface Progress {
  stageStarted(name: string): void;
  /** What the stage is busy with; the next one takes its place. */
  update(text: string): void;
  /** Something that stays to be read. */
  note(text: string): void;
  stageEnded(record: StageRecord): void;
}
