import { z } from "zod";

import { createFaultPlan, FAULT_MOMENT, FAULT_TRIGGER, type FaultPlan } from "../../faults/fault-plan.ts";

const faultSchema = z.strictObject({
  ...FAULT_TRIGGER,
  /** Only requests of this method; all when absent. */
  method: z.string().exactOptional(),
  /** Part of the path below the API base; every path when absent. */
  path: z.string().exactOptional(),
  /** HTTP status to answer with; without it the connection is dropped. */
  status: z.int().min(400).max(599).exactOptional(),
  /** Value of `Retry-After`, in seconds. */
  retryAfter: z.int().min(0).exactOptional(),
  /** `after` does what was asked before it fails; `before` when absent. */
  when: FAULT_MOMENT.exactOptional(),
});

/** A failure of the API to inject. */
export type NeonFault = z.infer<typeof faultSchema>;

export interface NeonFaults {
  /** Throws a ZodError for what is no fault. */
  add(fault: NeonFault): void;
  clear(): void;
  take(method: string, path: string): NeonFault | null;
}

export function createNeonFaults(random: () => number): NeonFaults {
  const plan: FaultPlan<NeonFault, { readonly method: string; readonly path: string }> = createFaultPlan({
    random,
    matches: (fault, { method, path }) =>
      (fault.method ?? method) === method && (fault.path === undefined || path.includes(fault.path)),
  });
  return {
    add: (fault) => plan.add(faultSchema.parse(fault)),
    clear: () => plan.clear(),
    take: (method, path) => plan.take({ method, path }, 1)[0] ?? null,
  };
}
