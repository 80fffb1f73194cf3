import { changeScript, type Context } from "../context.ts";
import { refuse } from "../http/api-error.ts";
import type { ApiAnswer, RoutedCall, Route } from "../http/router.ts";
import { applyMigrations } from "../rules/object-classes.ts";
import type { ScriptRecord } from "../state/records.ts";
import { newScript } from "../state/records.ts";
import { release } from "../versions/releases.ts";
import { readUpload, type Upload } from "../versions/upload-form.ts";
import { growByUpload } from "../versions/versions.ts";
import { viewScript, viewVersionDetail } from "../versions/views.ts";

const SCRIPT_NAME = /^[a-z0-9_][a-z0-9_-]{0,62}$/;

export const uploadRoutes: readonly Route[] = [
  { method: "PUT", pattern: "/accounts/:account/workers/scripts/:script", handle: deployUpload },
  { method: "POST", pattern: "/accounts/:account/workers/scripts/:script/versions", handle: uploadVersion },
];

/** The upload that makes the script when it is new, and gives the version all traffic. */
async function deployUpload(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  const name = call.param("script");
  if (!SCRIPT_NAME.test(name)) {
    throw refuse(
      400,
      "invalidName",
      "A Worker's name has up to 63 lowercase letters, digits, underscores and hyphens.",
    );
  }
  const upload = await readUpload(call.headers, call.body);
  return await context.exclusively(name, async () => {
    const before = context.store.find(name) ?? blankScript(context, name);
    const { migrations } = upload.metadata;
    const script = migrations === undefined ? before : applyMigrations(before, migrations, context.newId);
    const grown = await growByUpload(context, script, { upload, triggeredBy: "upload" });
    const released = await release(context, applySettings(grown.script, upload), {
      shares: [{ versionId: grown.version.id, percentage: 100 }],
      annotations: { ...upload.metadata.annotations, "workers/triggered_by": "upload" },
    });
    return { result: viewScript(released, grown.version) };
  });
}

async function uploadVersion(call: RoutedCall, context: Context): Promise<ApiAnswer> {
  return await changeScript(context, call.param("script"), async (script) => {
    const upload = await readUpload(call.headers, call.body);
    if (upload.metadata.migrations !== undefined) {
      const message =
        "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, " +
        "but migrations must be fully applied via a non-versioned deployment. Refer to the documentation for more information.";
      throw refuse(400, "migrationInVersionUpload", message);
    }
    const grown = await growByUpload(context, script, { upload, triggeredBy: "version_upload" });
    await context.store.save(grown.script);
    return { result: viewVersionDetail(grown.script, grown.version) };
  });
}

function blankScript({ now, newId }: Context, name: string): ScriptRecord {
  return newScript({ name, tag: newId().replaceAll("-", ""), createdOn: now().toISOString() });
}

/** Settings that come along with an upload hold for the whole script. */
function applySettings(script: ScriptRecord, { metadata }: Upload): ScriptRecord {
  const { observability, logpush, tail_consumers: tailConsumers } = metadata;
  const { settings } = script;
  return {
    ...script,
    settings: {
      ...settings,
      observability: observability ?? settings.observability,
      logpush: logpush ?? settings.logpush,
      tail_consumers: tailConsumers ?? settings.tail_consumers,
    },
  };
}
