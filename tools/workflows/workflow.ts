import { parse } from "yaml";
import { z } from "zod";

const anything = z.unknown().optional();

const step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});

const job = z.looseObject({
  uses: z.string().optional(),
  permissions: anything,
  "timeout-minutes": anything,
  environment: anything,
  concurrency: anything,
  env: anything,
  secrets: anything,
  steps: z.array(step).default([]),
});

/** The part of a workflow that our rules look at; `actionlint` checks that the rest is well formed. */
const workflow = z.looseObject({
  on: z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]),
  permissions: anything,
  concurrency: anything,
  env: anything,
  jobs: z.record(z.string(), job),
});

export type Job = z.infer<typeof job>;

export interface Workflow extends z.infer<typeof workflow> {
  /** Where it is, for messages. */
  readonly path: string;
  /** As written: comments are only there. */
  readonly text: string;
}

/** @throws Error that names the file, for text that is not a workflow */
export function readWorkflow(path: string, text: string): Workflow {
  try {
    return { ...workflow.parse(parse(text)), path, text };
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`${path} is not a workflow: ${reason}`, { cause: error });
  }
}

/** Names of the events that start it. */
export function triggersOf({ on }: Workflow): readonly string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on : Object.keys(on);
}

/** Every action and every workflow that it calls. */
export function callsOf({ jobs }: Workflow): readonly string[] {
  return Object.values(jobs).flatMap(({ uses, steps }) => [uses, ...steps.map((each) => each.uses)].filter(isGiven));
}

const isGiven = (value: string | undefined): value is string => value !== undefined;
