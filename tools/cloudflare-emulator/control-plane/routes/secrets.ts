import { z } from "zod";

import { changeScript, type Context, findScript } from "../context.ts";
import { refuse } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { isSecret } from "../rules/bindings.ts";
import { changeSecrets, isNewestFullyDeployed, type SecretChanges } from "../rules/secrets.ts";
import { newestVersion } from "../state/records.ts";
import { release } from "../versions/releases.ts";
import { growByBindings } from "../versions/versions.ts";

const SCRIPT = "/accounts/:account/workers/scripts/:script";

const secretSchema = z.looseObject({ name: z.string().min(1), text: z.string(), type: z.literal("secret_text") });
const bulkSchema = z.looseObject({ secrets: z.record(z.string().min(1), secretSchema.nullable()) });

export const secretRoutes: readonly Route[] = [
  { method: "GET", pattern: `${SCRIPT}/secrets`, handle: listSecrets },
  { method: "PUT", pattern: `${SCRIPT}/secrets`, handle: putSecret },
  { method: "DELETE", pattern: `${SCRIPT}/secrets/:secret`, handle: deleteSecret },
  { method: "PATCH", pattern: `${SCRIPT}/secrets-bulk`, handle: changeInBulk },
];

function listSecrets(call: RoutedCall, context: Context): ApiAnswer {
  return { result: secretNames(context, call.param("script")) };
}

async function putSecret(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { name, text, type } = readJson(secretSchema, call.body);
  await changeAndDeploy(context, call.param("script"), new Map([[name, text]]));
  return { result: { name, type } };
}

async function deleteSecret(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  await changeAndDeploy(context, call.param("script"), new Map([[call.param("secret"), null]]));
  return { result: null };
}

async function changeInBulk(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { secrets } = readJson(bulkSchema, call.body);
  const changes = new Map(Object.entries(secrets).map(([name, secret]) => [name, secret?.text ?? null]));
  await changeAndDeploy(context, call.param("script"), changes);
  return { result: secretNames(context, call.param("script")) };
}

function secretNames(context: Context, scriptName: string) {
  const bindings = newestVersion(findScript(context, scriptName))?.bindings ?? [];
  return bindings.filter(isSecret).map(({ name, type }) => ({ name, type }));
}

/** A change of a secret is a new version with all traffic, so it must not bring anything else along. */
async function changeAndDeploy(context: Context, scriptName: string, changes: SecretChanges): Promise<void> {
  await changeScript(context, scriptName, async (script) => {
    const base = newestVersion(script);
    if (base === null || !isNewestFullyDeployed(script)) {
      const message = "The newest version of this Worker does not have all traffic, so its secrets cannot be edited.";
      throw refuse(400, "secretOfUndeployedVersion", message);
    }
    const annotations = { "workers/triggered_by": "secret" };
    const bindings = changeSecrets(base.bindings, changes);
    const grown = await growByBindings(context, script, { base, bindings, annotations });
    const shares = [{ versionId: grown.version.id, percentage: 100 }];
    await release(context, grown.script, { shares, annotations });
  });
}
