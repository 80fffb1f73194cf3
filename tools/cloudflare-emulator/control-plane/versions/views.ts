import { createHash } from "node:crypto";

import type { Deployment } from "../../model.ts";
import { hideSecrets } from "../rules/bindings.ts";
import type { ScriptRecord, VersionRecord } from "../state/records.ts";
import { hasOwnDurableObjects, newestVersion } from "../state/records.ts";

/** Whoever holds the API token of the emulator. */
const AUTHOR = { author_id: "0000000000000000000000000000beef", author_email: "emulator@example.com" };
/** "dash" or "api" would make wrangler warn before it overwrites. */
const SOURCE = "wrangler";
const HANDLERS = ["fetch"];

export function viewVersion(script: ScriptRecord, version: VersionRecord) {
  return {
    id: version.id,
    number: version.number,
    metadata: {
      created_on: version.createdOn,
      modified_on: version.createdOn,
      ...AUTHOR,
      source: SOURCE,
      has_preview: script.hasPreviewUrls && !hasOwnDurableObjects(version),
    },
    annotations: version.annotations,
  };
}

export function viewVersionDetail(script: ScriptRecord, version: VersionRecord) {
  return {
    ...viewVersion(script, version),
    startup_time_ms: version.startupTimeMs,
    resources: {
      bindings: hideSecrets(version.bindings),
      script: { etag: etagOf(version), handlers: HANDLERS, last_deployed_from: SOURCE },
      script_runtime: {
        compatibility_date: version.compatibilityDate,
        compatibility_flags: version.compatibilityFlags,
        usage_model: "standard",
      },
    },
  };
}

export function viewDeployment({ id, createdOn, annotations, versions }: Deployment) {
  return {
    id,
    created_on: createdOn,
    author_email: AUTHOR.author_email,
    source: SOURCE,
    strategy: "percentage",
    annotations,
    versions: versions.map(({ versionId, percentage }) => ({ version_id: versionId, percentage })),
  };
}

export function viewService(script: ScriptRecord) {
  const modifiedOn = script.deployments[0]?.createdOn ?? script.createdOn;
  return {
    id: script.name,
    created_on: script.createdOn,
    modified_on: modifiedOn,
    default_environment: {
      environment: "production",
      created_on: script.createdOn,
      modified_on: modifiedOn,
      script: {
        id: script.name,
        tag: script.tag,
        tags: script.settings.tags,
        handlers: HANDLERS,
        last_deployed_from: SOURCE,
        ...(script.migrationTag === null ? {} : { migration_tag: script.migrationTag }),
      },
    },
  };
}

/** The answer to the upload that also deploys. */
export function viewScript(script: ScriptRecord, version: VersionRecord) {
  return {
    id: script.name,
    tag: script.tag,
    etag: etagOf(version),
    handlers: HANDLERS,
    // Wrangler prints it as the id of the version, which it is.
    deployment_id: version.id,
    startup_time_ms: version.startupTimeMs,
    created_on: script.createdOn,
    modified_on: version.createdOn,
  };
}

export function viewSettings(script: ScriptRecord) {
  const newest = newestVersion(script);
  return {
    bindings: hideSecrets(newest?.bindings ?? []),
    compatibility_date: newest?.compatibilityDate,
    compatibility_flags: newest?.compatibilityFlags ?? [],
    usage_model: "standard",
    ...script.settings,
  };
}

export function viewSubdomain({ hasWorkersDev, hasPreviewUrls }: ScriptRecord) {
  return { enabled: hasWorkersDev, previews_enabled: hasPreviewUrls };
}

function etagOf({ id }: VersionRecord): string {
  return createHash("sha256").update(id).digest("hex");
}
