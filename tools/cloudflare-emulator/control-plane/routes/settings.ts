import { z } from "zod";

import { changeScript, type Context, findScript } from "../context.ts";
import { badRequest, refuse } from "../http/api-error.ts";
import { checkBody, readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { mergeBindings } from "../rules/bindings.ts";
import { isNewestFullyDeployed } from "../rules/secrets.ts";
import { newestVersion } from "../state/records.ts";
import { release } from "../versions/releases.ts";
import { readForm } from "../versions/upload-form.ts";
import { growByBindings } from "../versions/versions.ts";
import { viewSettings } from "../versions/views.ts";

const SCRIPT = "/accounts/:account/workers/scripts/:script";

const scriptSettingsSchema = z.object({
  tags: z.array(z.string()).nullish(),
  observability: z.unknown().optional(),
  logpush: z.boolean().nullish(),
  tail_consumers: z.array(z.unknown()).nullish(),
});

const versionSettingsSchema = z.looseObject({
  bindings: z.array(z.looseObject({ name: z.string().min(1), type: z.string().min(1) })),
});

export const settingsRoutes: readonly Route[] = [
  { method: "GET", pattern: `${SCRIPT}/settings`, handle: showSettings },
  { method: "PATCH", pattern: `${SCRIPT}/settings`, handle: changeBindings },
  { method: "GET", pattern: `${SCRIPT}/script-settings`, handle: showScriptSettings },
  { method: "PATCH", pattern: `${SCRIPT}/script-settings`, handle: changeScriptSettings },
];

function showSettings(call: RoutedCall, context: Context): ApiAnswer {
  return { result: viewSettings(findScript(context, call.param("script"))) };
}

/** Makes a version with other bindings and deploys it; the secrets stay. */
async function changeBindings(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const part = (await readForm(call.headers, call.body)).get("settings");
  if (part === null) throw badRequest("The form has no part named settings.");
  const text = Buffer.from(typeof part === "string" ? part : await part.text());
  const { bindings: uploaded } = checkBody(versionSettingsSchema, readJson(z.unknown(), text));
  return await changeScript(context, call.param("script"), async (script) => {
    const base = newestVersion(script);
    if (base === null || !isNewestFullyDeployed(script)) {
      const message = "The newest version of this Worker does not have all traffic, so its settings cannot be edited.";
      throw refuse(400, "settingsOfUndeployedVersion", message);
    }
    const bindings = mergeBindings({ uploaded, previous: base.bindings, keepTypes: undefined });
    const annotations = { "workers/triggered_by": "settings" };
    const grown = await growByBindings(context, script, { base, bindings, annotations });
    const shares = [{ versionId: grown.version.id, percentage: 100 }];
    return { result: viewSettings(await release(context, grown.script, { shares, annotations })) };
  });
}

function showScriptSettings(call: RoutedCall, context: Context): ApiAnswer {
  return { result: findScript(context, call.param("script")).settings };
}

/** These are not versioned: they change nothing that is served. */
async function changeScriptSettings(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { tags, observability, logpush, tail_consumers: tailConsumers } = readJson(scriptSettingsSchema, call.body);
  return await changeScript(context, call.param("script"), async (script) => {
    const settings = {
      tags: tags ?? script.settings.tags,
      observability: observability ?? script.settings.observability,
      logpush: logpush ?? script.settings.logpush,
      tail_consumers: tailConsumers ?? script.settings.tail_consumers,
    };
    await context.store.save({ ...script, settings });
    return { result: settings };
  });
}
