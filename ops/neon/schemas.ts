import { z } from "zod";

// Of what Neon answers, the part that is used. Unknown members are dropped: its API gains some every few weeks.

const OPERATION_STATES = ["scheduling", "running", "finished", "failed", "error", "cancelling", "cancelled", "skipped"];

export const operationSchema = z.object({
  id: z.string(),
  action: z.string(),
  status: z.enum(OPERATION_STATES),
});
export type Operation = z.infer<typeof operationSchema>;

export const projectSchema = z.object({
  id: z.string(),
  name: z.string(),
  region_id: z.string(),
  pg_version: z.number(),
  history_retention_seconds: z.number().optional(),
});
export type Project = z.infer<typeof projectSchema>;

export const branchSchema = z.object({
  id: z.string(),
  name: z.string(),
  parent_id: z.string().optional(),
  default: z.boolean(),
  protected: z.boolean(),
  expires_at: z.string().nullish(),
});
export type Branch = z.infer<typeof branchSchema>;

export const endpointSchema = z.object({
  id: z.string(),
  branch_id: z.string(),
  type: z.string(),
  autoscaling_limit_min_cu: z.number(),
  autoscaling_limit_max_cu: z.number(),
  suspend_timeout_seconds: z.number(),
});
export type Endpoint = z.infer<typeof endpointSchema>;

export const roleSchema = z.object({ name: z.string() });
export const databaseSchema = z.object({ name: z.string() });

/** Where the next page of a list begins; missing, or not followed by anything, at its end. */
export const paginationSchema = z.object({ cursor: z.string().optional(), next: z.string().optional() }).optional();

/** Every answer to a change may name operations that still have to run. */
export const startedSchema = z.object({ operations: z.array(operationSchema).default([]) });

/** What an answer says when it is no success. */
export const problemSchema = z.object({ message: z.string().default(""), request_id: z.string().optional() });
