import { z } from "zod";

const cu = z.number().min(0.25).max(56);

/** Settings of a compute, as bodies of several calls hold them. */
export const compute = {
  autoscaling_limit_min_cu: cu.optional(),
  autoscaling_limit_max_cu: cu.optional(),
  /** -1 never, 0 the plan's default. */
  suspend_timeout_seconds: z.int().min(-1).max(604_800).optional(),
};

const computeObject = z.strictObject(compute);
export type ComputeSettings = z.infer<typeof computeObject>;
