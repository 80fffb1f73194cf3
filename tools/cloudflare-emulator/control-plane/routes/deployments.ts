import { z } from "zod";

import { changeScript, type Context, findScript } from "../context.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { checkRollbackSecrets, checkShares } from "../rules/deployment.ts";
import { release } from "../versions/releases.ts";
import { viewDeployment } from "../versions/views.ts";

const pattern = "/accounts/:account/workers/scripts/:script/deployments";

const deploymentSchema = z.looseObject({
  strategy: z.literal("percentage"),
  versions: z.array(z.looseObject({ version_id: z.string(), percentage: z.number() })),
  annotations: z.record(z.string(), z.string().optional()).default({}),
});

export const deploymentRoutes: readonly Route[] = [
  { method: "GET", pattern, handle: listDeployments },
  { method: "POST", pattern, handle: createDeployment },
];

/** Newest first; wrangler takes the first one as live. */
function listDeployments(call: RoutedCall, context: Context): ApiAnswer {
  const { deployments } = findScript(context, call.param("script"));
  return { result: { deployments: deployments.map(viewDeployment) } };
}

async function createDeployment(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { versions, annotations } = readJson(deploymentSchema, call.body);
  const shares = versions.map(({ version_id: versionId, percentage }) => ({ versionId, percentage }));
  return await changeScript(context, call.param("script"), async (script) => {
    checkShares(script, shares);
    if (call.query.get("force") !== "true") checkRollbackSecrets(script, shares);
    const released = await release(context, script, {
      shares,
      annotations: { ...annotations, "workers/triggered_by": "deployment" },
    });
    return { result: released.deployments.slice(0, 1).map(viewDeployment)[0] };
  });
}
