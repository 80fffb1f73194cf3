import { ControlPlaneError } from "../cloudflare/control-plane.ts";
import { fitMessage } from "../cloudflare/messages.ts";
import { explainFailure } from "../cloudflare/wrangler-answers.ts";
import { runWrangler, type WranglerOptions, type WranglerRun } from "../cloudflare/wrangler-process.ts";

export interface WranglerDeployOptions extends WranglerOptions {
  readonly env: string;
}

export interface DeployAtOnceOptions extends WranglerDeployOptions {
  /** Git commit. */
  readonly tag: string;
  readonly message: string;
}

/**
 * Uploads, applies the class migrations and gives the version all traffic, in the one step that Cloudflare has for it; resolves to the
 * version's id. See developers.cloudflare.com/workers/versions-and-deployments/gradual-deployments/with-durable-objects/.
 */
export async function deployAtOnce(options: DeployAtOnceOptions): Promise<string> {
  const { tag, message } = options;
  const args = ["deploy", `--tag=${tag}`, `--message=${fitMessage(message)}`];
  const { events } = await runDeploy("Deploying", args, options);
  const id = events.flatMap((event) => readDeployedId(event) ?? [])[0];
  if (id === undefined) throw new ControlPlaneError("Deploying gave no id. Look with: npx wrangler versions list");
  return id;
}

/** Cron triggers and consumers of queues, as the configuration has them; versions stay as they are. */
export async function deployTriggers(options: WranglerDeployOptions): Promise<void> {
  await runDeploy("Deploying the triggers", ["triggers", "deploy"], options);
}

async function runDeploy(task: string, args: readonly string[], options: WranglerDeployOptions): Promise<WranglerRun> {
  const result = await runWrangler([...args, "--env", options.env], options, { isRead: false });
  if (result.exitCode === 0) return result;
  throw new ControlPlaneError(`${task} failed:\n${explainFailure(result.output, [options.apiToken])}`);
}

function readDeployedId(event: unknown): string | null {
  if (typeof event !== "object" || event === null || !("type" in event) || event.type !== "deploy") return null;
  return "version_id" in event && typeof event.version_id === "string" ? event.version_id : null;
}
