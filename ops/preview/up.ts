import { createHash, randomBytes } from "node:crypto";

import { SCOPES } from "../../src/models/principal.ts";
import type { Secrets } from "../secrets/stores.ts";
import type { Wrangler } from "../secrets/wrangler.ts";
import type { PreviewState } from "./comment.ts";
import { type PreviewDatabaseTools, preparePreviewDatabase } from "./database.ts";
import { examinePreview, type ExamineOptions } from "./examine.ts";
import { type PreviewVersion, uploadPreviewVersion } from "./version.ts";

const SECRET_BYTES = 24;

export interface PreviewUpTools extends PreviewDatabaseTools, ExamineOptions {
  readonly wrangler: Wrangler;
  /** Beside those of every Worker. */
  readonly workerVariables: Secrets;
  /** Tells the pull request. */
  readonly tell: (state: PreviewState) => Promise<void>;
}

/**
 * Makes, or renews, the preview of a pull request: database, version, smoke test, comment.
 * @throws what failed, after the pull request was told that something did
 */
export async function previewUp(pullRequest: number, tools: PreviewUpTools): Promise<PreviewVersion> {
  let version: PreviewVersion | null = null;
  try {
    const databaseUrl = await preparePreviewDatabase(pullRequest, tools);
    version = await uploadPreviewVersion(pullRequest, secretsFor(databaseUrl, tools), tools.wrangler);
    tools.note(`version ${version.id} at ${version.url}`);
    const summary = await examinePreview(version, tools);
    tools.note(summary);
    await tools.tell({ kind: "ready", url: version.url, versionId: version.id, summary });
    return version;
  } catch (error) {
    // What failed comes first: a comment that cannot be written must not hide it.
    await tools.tell({ kind: "failed", url: version?.url ?? null }).catch(() => undefined);
    throw error;
  }
}

function secretsFor(databaseUrl: string, { apiKey, workerVariables }: PreviewUpTools): Secrets {
  const sha256 = createHash("sha256").update(apiKey).digest("hex");
  return {
    DATABASE_URL: databaseUrl,
    API_KEYS: JSON.stringify([{ id: "preview", sha256, scopes: SCOPES }]),
    CURSOR_SECRET: randomBytes(SECRET_BYTES).toString("base64url"),
    ...workerVariables,
  };
}
