import { z } from "zod";

import type { Deployment } from "./control-plane.ts";

const deployment = z
  .object({
    id: z.string(),
    created_on: z.string(),
    annotations: z.object({ "workers/message": z.string().optional() }).nullish(),
    versions: z.array(z.object({ version_id: z.string(), percentage: z.number() })).default([]),
  })
  .transform(({ id, created_on: createdOn, annotations, versions }): Deployment => {
    const shares = versions.map(({ version_id: versionId, percentage }) => ({ versionId, percentage }));
    return { id, createdOn, message: annotations?.["workers/message"] ?? null, versions: shares };
  });

/** Deployments as Cloudflare's API gives them and wrangler prints them, in any order; the newest comes first then. */
export const deploymentsSchema = z
  .array(deployment)
  .transform((list): readonly Deployment[] => list.toSorted((a, b) => b.createdOn.localeCompare(a.createdOn)));
