import { readFileSync } from "node:fs";
import path from "node:path";

import { METRICS_CONTRACT } from "../../../../src/observability/metrics-batch.ts";
import { ROOT } from "../../../process/run-script.ts";
import { hasBinding, telemetryWorker } from "../../../telemetry/bind/binding.ts";
import { createDeploymentsApi } from "../../cloudflare/deployments-api.ts";
import { type ReadOptions, readVariables } from "../../cloudflare/worker-reads.ts";

export interface ReceiverOptions extends Omit<ReadOptions, "scriptName"> {
  readonly env: string;
  /** Text of the API's `wrangler.toml`; that of this repository when absent. */
  readonly wranglerToml?: string;
}

const VARIABLE = "METRICS_CONTRACT";

/**
 * What stands against releasing an API that is bound to telemetry: its receiver has to be there, and to take what it sends. Nothing
 * when there is no binding. Receiver first, sender later: so whatever the API is released or rolled back to, telemetry understands it.
 */
export async function findReceiverProblems(options: ReceiverOptions): Promise<readonly string[]> {
  const { env, wranglerToml = readFileSync(path.join(ROOT, "wrangler.toml"), "utf8") } = options;
  if (!hasBinding(wranglerToml, env)) return [];
  const scriptName = telemetryWorker(env);
  const reading = { ...options, scriptName };
  const [live] = await createDeploymentsApi(reading).deployments();
  if (live === undefined) {
    return [
      `The binding TELEMETRY leads to ${scriptName}, which was never deployed, and Cloudflare refuses such a version. Deploy it first ` +
        `(docs/observability.md, Turn it on), or take the binding out: npm run telemetry:bind -- --env ${env} --remove`,
    ];
  }
  const problems: string[] = [];
  for (const { versionId } of live.versions) {
    const takes = Number((await readVariables(versionId, reading)).get(VARIABLE) ?? 0);
    if (takes >= METRICS_CONTRACT) continue;
    problems.push(
      `Version ${versionId} of ${scriptName}, which is live, takes batches of contract ${takes}, but this commit sends ${METRICS_CONTRACT}. ` +
        `Release the receiver first: npm run release -- --worker telemetry --env ${env}`,
    );
  }
  return problems;
}
