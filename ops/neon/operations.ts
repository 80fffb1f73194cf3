import { z } from "zod";

import type { NeonClient } from "./client.ts";
import { NeonError } from "./errors.ts";
import { type Operation, operationSchema } from "./schemas.ts";

const POLL_MS = 1_000;
/** Operations take seconds; Neon's own incidents take longer than anybody waits. */
const MAX_POLLS = 180;

/** `failed` is no end: Neon tries again by itself. https://neon.com/docs/reference/api/operations */
const ENDS: readonly Operation["status"][] = ["finished", "skipped", "cancelled"];

export interface WaitOptions {
  readonly client: NeonClient;
  readonly projectId: string;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/**
 * Resolves when all are done: while one runs, Neon refuses the next change of the project with 423.
 * @throws NeonError when one was cancelled, or is not done after three minutes
 */
export async function waitForOperations(operations: readonly Operation[], options: WaitOptions): Promise<void> {
  for (const operation of operations) await waitFor(operation, options);
}

async function waitFor(operation: Operation, { client, projectId, sleep }: WaitOptions): Promise<void> {
  let current = operation;
  for (let polls = 0; !ENDS.includes(current.status); polls += 1) {
    if (polls === MAX_POLLS) {
      throw new NeonError(
        0,
        `Neon's operation ${current.action} is ${current.status} for ${MAX_POLLS} s. Run the command again later.`,
      );
    }
    if (polls > 0) await sleep(POLL_MS);
    const path = `/projects/${projectId}/operations/${current.id}`;
    current = (await client.send("GET", path, z.object({ operation: operationSchema }))).operation;
  }
  if (current.status === "cancelled")
    throw new NeonError(0, `Neon cancelled its operation ${current.action}. Run the command again.`);
}
