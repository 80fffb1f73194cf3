import type { VersionShare } from "../../model.ts";
import type { Context } from "../context.ts";
import { withRouteHosts } from "../rules/route-hosts.ts";
import type { ScriptRecord } from "../state/records.ts";
import { readAnnotations, whileStarting } from "./versions.ts";

/** Older ones are forgotten; the list would grow without end in a folder that is kept. */
const MAX_DEPLOYMENTS = 500;

/**
 * Makes a deployment live, then saves it: what is served is never older than what was answered.
 * @throws ApiError 10021 when one of its versions does not start
 */
export async function release(
  context: Context,
  script: ScriptRecord,
  {
    shares,
    annotations,
  }: { shares: readonly VersionShare[]; annotations: Readonly<Record<string, string | undefined>> },
): Promise<ScriptRecord> {
  const deployment = {
    id: context.newId(),
    createdOn: context.now().toISOString(),
    annotations: readAnnotations(annotations),
    versions: shares,
  };
  const released = { ...script, deployments: [deployment, ...script.deployments].slice(0, MAX_DEPLOYMENTS) };
  await publish(context, released);
  context.onDeployment(released);
  return released;
}

/** Serves a script as it is now, and saves it. */
export async function publish({ dataPlane, store }: Context, script: ScriptRecord): Promise<void> {
  await whileStarting(() => dataPlane.publish(withRouteHosts(script)));
  await store.save(script);
}
