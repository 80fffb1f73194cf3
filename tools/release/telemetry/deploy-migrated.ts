import { ControlPlaneError } from "../cloudflare/control-plane.ts";
import { fitMessage } from "../cloudflare/messages.ts";
import { explainFailure } from "../cloudflare/wrangler-answers.ts";
import { runWrangler, type WranglerOptions } from "../cloudflare/wrangler-process.ts";

export interface DeployMigratedOptions extends WranglerOptions {
  readonly env: string;
  /** Git commit. */
  readonly tag: string;
  readonly message: string;
}

/**
 * Uploads, applies the class migrations and gives the version all traffic, in the one step that Cloudflare has for it; resolves to the
 * version's id. See developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/with-durable-objects/.
 */
export async function deployMigrated(options: DeployMigratedOptions): Promise<string> {
  const { env, tag, message } = options;
  const args = ["deploy", `--tag=${tag}`, `--message=${fitMessage(message)}`, "--env", env];
  const { exitCode, output, events } = await runWrangler(args, options, { isRead: false });
  if (exitCode !== 0) {
    throw new ControlPlaneError(`Deploying failed:\n${explainFailure(output, [options.apiToken])}`);
  }
  const id = events.flatMap((event) => readDeployedId(event) ?? [])[0];
  if (id === undefined) throw new ControlPlaneError("Deploying gave no id. Look with: npx wrangler versions list");
  return id;
}

function readDeployedId(event: unknown): string | null {
  if (typeof event !== "object" || event === null || !("type" in event) || event.type !== "deploy") return null;
  return "version_id" in event && typeof event.version_id === "string" ? event.version_id : null;
}
