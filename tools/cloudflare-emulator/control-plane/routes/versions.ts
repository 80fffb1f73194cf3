import { z } from "zod";

import { changeScript, type Context, findScript } from "../context.ts";
import { refuse, versionNotFound } from "../http/api-error.ts";
import { readJson } from "../http/body.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { deployableVersions } from "../rules/deployment.ts";
import { changeSecrets } from "../rules/secrets.ts";
import { newestVersion } from "../state/records.ts";
import { growByBindings } from "../versions/versions.ts";
import { viewVersion, viewVersionDetail } from "../versions/views.ts";

const SCRIPT = "/accounts/:account/workers/scripts/:script";

const latestSchema = z.looseObject({
  env: z.record(z.string().min(1), z.looseObject({ type: z.literal("secret_text"), text: z.string() }).nullable()),
  annotations: z.record(z.string(), z.string().optional()).default({}),
});

export const versionRoutes: readonly Route[] = [
  { method: "GET", pattern: `${SCRIPT}/versions`, handle: listVersions },
  { method: "GET", pattern: `${SCRIPT}/versions/:version`, handle: showVersion },
  { method: "PATCH", pattern: "/accounts/:account/workers/workers/:script/versions/latest", handle: changeLatest },
];

/** Newest first. */
function listVersions(call: RoutedCall, context: Context): ApiAnswer {
  const script = findScript(context, call.param("script"));
  const isDeployable = call.query.get("deployable") === "true";
  const items = isDeployable
    ? deployableVersions(script).map((version) => viewVersion(script, version))
    : script.versions.toReversed().map((version) => viewVersionDetail(script, version));
  return { result: { items } };
}

function showVersion(call: RoutedCall, context: Context): ApiAnswer {
  const script = findScript(context, call.param("script"));
  const id = call.param("version");
  const version = script.versions.find((known) => known.id === id);
  if (version === undefined) throw versionNotFound(id);
  return { result: viewVersionDetail(script, version) };
}

/** Changes secrets in a new version that is based on the newest one, deployed or not; deploys nothing. */
async function changeLatest(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const { env, annotations } = readJson(latestSchema, call.body);
  return await changeScript(context, call.param("script"), async (script) => {
    const base = newestVersion(script);
    if (base === null) throw refuse(404, "noVersions", "This Worker has no versions.");
    const changes = new Map(Object.entries(env).map(([name, secret]) => [name, secret?.text ?? null]));
    const grown = await growByBindings(context, script, {
      base,
      bindings: changeSecrets(base.bindings, changes),
      annotations: { ...annotations, "workers/triggered_by": "secret" },
    });
    await context.store.save(grown.script);
    return { result: viewVersionDetail(grown.script, grown.version) };
  });
}
