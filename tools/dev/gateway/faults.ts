import { z } from "zod";

import { createFaultPlan, FAULT_MOMENT, FAULT_TRIGGER, type FaultPlan } from "../../faults/fault-plan.ts";

const milliseconds = z.int().min(0);
const TRIGGER = {
  ...FAULT_TRIGGER,
  /** Hits only requests with a statement that contains this text, in either case. */
  match: z.string().exactOptional(),
};

/** Something that goes wrong before the statement has run, or after it has been committed. */
const REQUEST_FAULTS = [
  z.object({ ...TRIGGER, kind: z.literal("reset"), when: FAULT_MOMENT }),
  z.object({ ...TRIGGER, kind: z.literal("slow"), when: FAULT_MOMENT, delayMs: milliseconds }),
  /** Commits, sends half of the answer, and the rest after a pause. */
  z.object({ ...TRIGGER, kind: z.literal("slow-body"), delayMs: milliseconds }),
  z.object({
    ...TRIGGER,
    kind: z.literal("http"),
    when: FAULT_MOMENT.exactOptional(),
    status: z.int().min(200).max(599),
    body: z.string(),
    contentType: z.string().exactOptional(),
  }),
  z.object({
    ...TRIGGER,
    kind: z.literal("wake-up"),
    status: z.literal([400, 500]).exactOptional(),
    message: z.string().exactOptional(),
  }),
  z.object({
    ...TRIGGER,
    kind: z.literal("cut-body"),
    how: z.enum(["truncate", "disconnect"]).exactOptional(),
  }),
] as const;

/**
 * What can be made to go wrong. `refuse` closes the port and every connection for `durationMs`; `reset` drops the
 * connection; `http` answers with a status and body of choice (502 with HTML, 507, 200 with HTML); `wake-up` is a compute
 * that does not start; `cut-body` commits, then sends half of the answer: complete as HTTP or with a broken connection.
 */
const FAULT = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("refuse"), durationMs: milliseconds }),
  ...REQUEST_FAULTS,
]);

export type Fault = Readonly<z.infer<typeof FAULT>>;
export type RequestFault = Exclude<Fault, { kind: "refuse" }>;
/** By the SQL texts of a request. */
export type RequestFaultPlan = FaultPlan<RequestFault, readonly string[]>;

/** Keeps the faults to inject; `random` returns 0 to 1. */
export function createRequestFaults(random: () => number): RequestFaultPlan {
  return createFaultPlan({ random, matches });
}

/** Checks a fault that came as JSON; throws an Error that names what is wrong. */
export function parseFault(value: unknown): Fault {
  const result = FAULT.safeParse(value);
  if (result.success) return result.data;
  const [member] = result.error.issues[0]?.path ?? [];
  if (member === undefined) throw new Error("a fault must be an object");
  if (member === "kind") throw new Error("kind must be one of refuse, reset, slow, http, wake-up, cut-body, slow-body");
  throw new Error(`${String(member)} is missing or invalid`);
}

function matches({ match }: RequestFault, texts: readonly string[]): boolean {
  if (match === undefined) return true;
  const wanted = match.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
