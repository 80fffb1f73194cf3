import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { addBinding } from "../../bindings/service-binding.ts";
import { EVENTS_BINDING } from "../../events/bind/binding.ts";
import type { ProjectCopy } from "../scenarios/project-copy.ts";
import { type Deployment, runWrangler } from "../stack/deploy.ts";

const CONFIG = "events/wrangler.toml";
const PRODUCTION = `[env.production.vars]\nENVIRONMENT = "production"\n`;
/** In production nothing is sent to this machine, which is where the rehearsal's receiver is. */
const LOOPBACK = `[env.production.vars]\nENVIRONMENT = "development"\nWEBHOOKS_ALLOW_LOOPBACK = "true"\n`;

/** Deploys the events Worker with its queues, which wrangler makes, and writes the API's binding to it, as `npm run events:bind` does. */
export async function deployEvents(
  copy: ProjectCopy,
  secrets: Readonly<Record<string, string>>,
  { folder, ...deployment }: Deployment & { readonly folder: string },
): Promise<void> {
  const config = copy.read(CONFIG);
  if (!config.includes(PRODUCTION)) throw new Error(`${CONFIG} has no variables of production to change`);
  copy.write(CONFIG, config.replace(PRODUCTION, LOOPBACK));
  const secretsFile = join(folder, "events-secrets.json");
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  const target = ["--config", CONFIG, "--env", "production"];
  await runWrangler(copy.folder, ["deploy", ...target, "--secrets-file", secretsFile], deployment);
  copy.write("wrangler.toml", addBinding(copy.read("wrangler.toml"), "production", EVENTS_BINDING));
}
