import { z } from "zod";

import { createFaultPlan, FAULT_MOMENT, FAULT_TRIGGER } from "../../../faults/fault-plan.ts";
import { checkBody } from "../http/body.ts";

const faultSchema = z
  .strictObject({
    ...FAULT_TRIGGER,
    /** Only requests of this method; all when absent. */
    method: z.string().optional(),
    /** Source of a regular expression for the path below the API base; every path when absent. */
    path: z.string().refine(isPattern, "it is no regular expression").optional(),
    /** HTTP status to answer with. */
    status: z.int().min(400).max(599).optional(),
    /** Cloudflare's error code beside the status; one for an unknown error, or 10429 for status 429, when absent. */
    code: z.int().min(1_000).optional(),
    /** What the answer says; that it is an injected fault, when absent. */
    message: z.string().min(1).optional(),
    /** Value of `Retry-After`, in seconds. */
    retryAfter: z.int().min(0).optional(),
    /** Time before anything else happens; alone, the request is answered normally afterwards. */
    delayMs: z.int().min(0).optional(),
    /** Ends the connection without an answer. */
    dropConnection: z.boolean().optional(),
    /** `after` does what was asked before it fails; `before` when absent. */
    when: FAULT_MOMENT.optional(),
  })
  .refine(
    ({ status, delayMs, dropConnection }) => status !== undefined || delayMs !== undefined || dropConnection === true,
    "it needs status, delayMs or dropConnection",
  )
  .refine(
    ({ status, code, message }) => status !== undefined || (code === undefined && message === undefined),
    "code and message belong to an answer: they need a status",
  );

/** A failure of the API to inject. */
export type ApiFault = z.infer<typeof faultSchema>;

export interface ApiFaults {
  /** @throws ApiError 400 for a fault that is none */
  add(fault: ApiFault): void;
  clear(): void;
  /** Those that can still hit, with what is left of their `times`. */
  list(): readonly ApiFault[];
  /** The first fault for a request, or null; counts it as used. */
  take(method: string, path: string): ApiFault | null;
}

/** `random` gives 0 to 1. */
export function createApiFaults(random: () => number): ApiFaults {
  const plan = createFaultPlan<ApiFault, ApiRequest>({ random, matches });
  return {
    add: (fault) => plan.add(checkBody(faultSchema, fault)),
    clear: () => plan.clear(),
    list: () => plan.list(),
    take: (method, path) => plan.take({ method, path }, 1)[0] ?? null,
  };
}

interface ApiRequest {
  readonly method: string;
  readonly path: string;
}

function matches(fault: ApiFault, { method, path }: ApiRequest): boolean {
  const isMethod = fault.method === undefined || fault.method.toUpperCase() === method;
  return isMethod && (fault.path === undefined || new RegExp(fault.path).test(path));
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}
