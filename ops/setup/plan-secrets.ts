import { randomBytes } from "node:crypto";

import { type MintedKey, mintKey } from "../../tools/keys/api-key.ts";
import type { DatabaseAdmin } from "../database/admin.ts";
import { workerUrl } from "../database/worker-role.ts";
import type { EnvironmentName } from "../desired-state.ts";
import { PIPELINE_SECRETS, type Secrets, type Stores, WORKER_SECRETS } from "../secrets/stores.ts";
import type { ObservedEnvironment } from "./observe.ts";
import type { Site } from "./site.ts";
import { create, keep, manual, type Step } from "./step.ts";

/** 192 bits, of characters that need no escaping in a URL. */
const SECRET_BYTES = 24;
const newSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

export interface SecretTools {
  readonly stores: Stores;
  readonly databases: DatabaseAdmin;
  readonly site: Site;
  /** What a Worker gets along with its DATABASE_URL, at an emulator. */
  readonly workerVariables: Secrets;
  /** What the pipeline gets and we were given. */
  readonly cloudflare: { readonly accountId: string; readonly apiToken: string };
}

/**
 * The secrets that nobody keeps yet. What is kept is never replaced: a new password would cut off the service that uses the old
 * one. The pipeline comes first, so that a run that is cut off in between leaves no Worker whose key nobody has.
 */
export function planSecrets(env: EnvironmentName, observed: ObservedEnvironment, tools: SecretTools): readonly Step[] {
  const { worker, pipeline, database } = observed;
  if (worker === null || pipeline === null) return [];
  const wasHandedOver = database?.role.isHandedOver === true && database.role.hasLogin;
  const missing = WORKER_SECRETS.filter((name) => !(worker.names?.includes(name) ?? wasHandedOver));
  // What a release asks of the API, and nothing else.
  const key = mintKey({ id: "release", scopes: ["users:read", "users:write"] });
  const missingInPipeline = PIPELINE_SECRETS.filter((name) => {
    const isKept = pipeline.secrets?.includes(name) ?? (wasHandedOver && missing.length === 0);
    return !isKept || (name === "RELEASE_API_KEYS" && missing.includes("API_KEYS"));
  });
  return [
    ...planPipeline(env, missingInPipeline, missing.includes("API_KEYS") ? key : null, tools, observed),
    planWorker(env, missing, key, tools, observed),
    ...planUrl(env, tools, observed),
  ];
}

function planPipeline(
  env: EnvironmentName,
  missing: readonly string[],
  key: MintedKey | null,
  { stores, site, cloudflare }: SecretTools,
  { pipeline }: ObservedEnvironment,
): Step[] {
  const subject = `${env}: pipeline`;
  const names = missing.filter((name) => name !== "RELEASE_API_KEYS" || key !== null);
  const lost = names.length < missing.length;
  const hasAccount = pipeline?.variables?.includes("CLOUDFLARE_ACCOUNT_ID") ?? names.length === 0;
  const apply = async (): Promise<void> => {
    const all: Readonly<Record<string, string>> = {
      CLOUDFLARE_API_TOKEN: cloudflare.apiToken,
      MIGRATION_DATABASE_URL: names.includes("MIGRATION_DATABASE_URL") ? await site.ownerUrl(env) : "",
      RELEASE_API_KEYS: key?.key ?? "",
    };
    const secrets = Object.fromEntries(names.map((name) => [name, all[name] ?? ""]));
    await stores.pipeline.keep(env, { secrets, variables: { CLOUDFLARE_ACCOUNT_ID: cloudflare.accountId } });
  };
  const wanted = [...names, ...(hasAccount ? [] : ["CLOUDFLARE_ACCOUNT_ID"])];
  const { place } = stores.pipeline;
  return [
    wanted.length === 0
      ? keep(subject, `all secrets are kept by ${place}`)
      : create(subject, `${wanted.join(", ")} to ${place}`, apply),
    ...(lost ? [manual(subject, LOST_KEY)] : []),
  ];
}

const LOST_KEY =
  "RELEASE_API_KEYS is missing, and the Worker's API_KEYS cannot be read back: npm run keys:mint, add the entry (docs/operations.md), store the key";

function planWorker(
  env: EnvironmentName,
  missing: readonly string[],
  key: MintedKey,
  { stores, databases, site, workerVariables }: SecretTools,
  { worker, database }: ObservedEnvironment,
): Step {
  const subject = `${env}: Worker`;
  const { place } = stores.worker;
  if (missing.length === 0 || worker === null) return keep(subject, `all secrets are kept by ${place}`);
  const isReplaced = missing.includes("DATABASE_URL") && database?.role.hasLogin === true;
  const note = isReplaced ? ". The role gets a new password: a DATABASE_URL that was handed out before ends" : "";
  const how = worker.isDeployed || worker.names === null ? "" : ", with its first deployment";
  return create(subject, `${missing.join(", ")} to ${place}${how}${note}`, async () => {
    const ownerUrl = await site.ownerUrl(env);
    const password = newSecret();
    if (missing.includes("DATABASE_URL")) await databases.setPassword(ownerUrl, password);
    const all: Readonly<Record<string, string>> = {
      DATABASE_URL: workerUrl(ownerUrl, password),
      API_KEYS: JSON.stringify([key.entry]),
      CURSOR_SECRET: newSecret(),
    };
    const own = Object.fromEntries(missing.map((name) => [name, all[name] ?? ""]));
    const secrets = missing.includes("DATABASE_URL") ? { ...own, ...workerVariables } : own;
    await stores.worker.keep(env, secrets, worker);
    await databases.noteHandOver(ownerUrl);
  });
}

/** Known once the Worker exists. One that is set stays: it may be a domain of one's own. */
function planUrl(env: EnvironmentName, { stores }: SecretTools, { pipeline }: ObservedEnvironment): Step[] {
  if (pipeline?.variables?.includes("RELEASE_URL") ?? true) return [];
  const subject = `${env}: address`;
  const { address } = stores.worker;
  if (address === null)
    return [manual(subject, "set the variable RELEASE_URL of GitHub's environment to where the Worker answers")];
  return [
    create(subject, `RELEASE_URL to ${stores.pipeline.place}`, async () => {
      await stores.pipeline.keep(env, { secrets: {}, variables: { RELEASE_URL: await address(env) } });
    }),
  ];
}
