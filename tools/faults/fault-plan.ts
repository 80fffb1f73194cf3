import { z } from "zod";

/** What every injected fault says besides what goes wrong: how often. */
export const FAULT_TRIGGER = {
  /** How many matching requests it hits before it is spent; without it, until the faults are cleared. */
  times: z.int().min(1).exactOptional(),
  /** Share of matching requests it hits, 0 to 1; 1 when absent. */
  probability: z.number().min(0).max(1).exactOptional(),
};

/** Whether it goes wrong before anything has happened, or after what was asked for has been done. */
export const FAULT_MOMENT = z.enum(["before", "after"]);

export type FaultTrigger = z.infer<z.ZodObject<typeof FAULT_TRIGGER>>;

export interface FaultPlanOptions<Fault, Request> {
  readonly matches: (fault: Fault, request: Request) => boolean;
  /** Gives 0 to 1. */
  readonly random: () => number;
}

/** The faults that are to be injected. */
export interface FaultPlan<Fault, Request> {
  add(fault: Fault): void;
  clear(): void;
  /** Those that can still hit, with what is left of their `times`. */
  list(): readonly Fault[];
  /** The faults that hit a request, in the order they were added, so many at most; counts them as used. */
  take(request: Request, limit?: number): Fault[];
}

export function createFaultPlan<Fault extends FaultTrigger, Request>({
  matches,
  random,
}: FaultPlanOptions<Fault, Request>): FaultPlan<Fault, Request> {
  let entries: { readonly fault: Fault; left: number }[] = [];
  const hits = ({ fault }: { fault: Fault }, request: Request): boolean =>
    matches(fault, request) && (fault.probability === undefined || random() < fault.probability);
  return {
    add(fault) {
      entries.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
    },
    clear() {
      entries = [];
    },
    list: () => entries.map(({ fault, left }) => (Number.isFinite(left) ? { ...fault, times: left } : fault)),
    take(request, limit = Number.POSITIVE_INFINITY) {
      const taken: Fault[] = [];
      for (const entry of entries) {
        if (taken.length >= limit) break;
        if (!hits(entry, request)) continue;
        entry.left -= 1;
        taken.push(entry.fault);
      }
      entries = entries.filter(({ left }) => left > 0);
      return taken;
    },
  };
}
