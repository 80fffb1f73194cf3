import { explainFailure, isUnknownWorker } from "../../tools/release/cloudflare/wrangler-answers.ts";
import { withSecretsFile } from "../secrets/secrets-file.ts";
import type { Secrets } from "../secrets/stores.ts";
import { eventOf, type Wrangler } from "../secrets/wrangler.ts";
import { aliasOf } from "./names.ts";

/** The environment of wrangler.toml that all previews are versions of. */
const ENVIRONMENT = "preview";

export interface PreviewVersion {
  readonly id: string;
  /** Where this version answers, and the next one of the same pull request. */
  readonly url: string;
}

/**
 * Uploads what is checked out as a version with secrets and an address of its own; it is deployed to nobody.
 * @throws Error with wrangler's own words
 */
export async function uploadPreviewVersion(
  pullRequest: number,
  secrets: Secrets,
  wrangler: Wrangler,
): Promise<PreviewVersion> {
  const values = Object.values(secrets);
  return await withSecretsFile(secrets, async (file) => {
    const secretsFile = `--secrets-file=${file}`;
    // A version needs a Worker to belong to. What is deployed has no address: workers_dev is off.
    if (!(await isDeployed(wrangler))) await wrangler.change(ENVIRONMENT, ["deploy", secretsFile], values);
    const alias = aliasOf(pullRequest);
    const args = [
      "versions",
      "upload",
      `--preview-alias=${alias}`,
      `--tag=${alias}`,
      `--message=Pull request ${pullRequest}`,
    ];
    const run = await wrangler.change(ENVIRONMENT, [...args, secretsFile], values);
    const upload = eventOf(run, "version-upload");
    const [id, url] = [upload.get("version_id"), upload.get("preview_alias_url")];
    if (typeof id === "string" && typeof url === "string") return { id, url };
    throw new Error("wrangler told no address of the version: is preview_urls on for the environment preview?");
  });
}

async function isDeployed(wrangler: Wrangler): Promise<boolean> {
  const run = await wrangler.read(ENVIRONMENT, ["deployments", "list", "--json"]);
  if (run.exitCode === 0) return true;
  if (isUnknownWorker(run.output)) return false;
  throw new Error(`wrangler deployments list failed:\n${explainFailure(run.output, [])}`);
}
