import { randomBytes } from "node:crypto";

import type { DatabaseAdmin } from "../database/admin.ts";
import { workerUrl } from "../database/worker-role.ts";
import type { Compute, DesiredState } from "../desired-state.ts";
import type { NeonApi } from "../neon/model.ts";
import { branchNameOf } from "./names.ts";
import { findPreviewSite, type PreviewSite } from "./site.ts";

/** The least there is, and asleep most of the time. */
const COMPUTE: Compute = { minCu: 0.25, maxCu: 0.25, suspendSeconds: 0 };
/** After the last push; a pull request that is older than that gets a new one with its next push. */
const LIFETIME_MS = 7 * 86_400_000;
const PASSWORD_BYTES = 24;

export interface PreviewDatabaseTools {
  readonly neon: NeonApi;
  readonly databases: DatabaseAdmin;
  readonly desired: DesiredState;
  readonly now: () => Date;
  readonly note: (text: string) => void;
}

/**
 * The database of a pull request, with its migrations: made from staging, or the one of its last push.
 * @returns the Worker's URL of it: a secret
 */
export async function preparePreviewDatabase(pullRequest: number, tools: PreviewDatabaseTools): Promise<string> {
  const { neon, databases, desired, note } = tools;
  const site = await findPreviewSite(neon, desired);
  let branchId = await renewOrCreate(pullRequest, site, tools);
  const ownerUrlOf = (id: string): Promise<string> =>
    neon.connectionUrl(site.projectId, { branchId: id, database: desired.database, role: desired.ownerRole });
  let ownerUrl = await ownerUrlOf(branchId);
  try {
    await databases.migrate(ownerUrl);
  } catch (error) {
    // A migration that was changed after a push is usual here, and must not be anywhere else.
    note(
      `The migrations do not fit (${error instanceof Error ? error.message : String(error)}): starting again from staging`,
    );
    await neon.deleteBranch(site.projectId, branchId);
    branchId = await create(pullRequest, site, tools);
    ownerUrl = await ownerUrlOf(branchId);
    await databases.migrate(ownerUrl);
  }
  await databases.grantRights(ownerUrl);
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  await databases.setPassword(ownerUrl, password);
  return workerUrl(ownerUrl, password);
}

async function renewOrCreate(pullRequest: number, site: PreviewSite, tools: PreviewDatabaseTools): Promise<string> {
  const found = site.previews.find(({ name }) => name === branchNameOf(pullRequest));
  if (found === undefined) return await create(pullRequest, site, tools);
  tools.note(`Neon branch ${found.name} is there already`);
  await tools.neon.updateBranch(site.projectId, found.id, { expiresAt: expiry(tools) });
  return found.id;
}

async function create(pullRequest: number, site: PreviewSite, tools: PreviewDatabaseTools): Promise<string> {
  const name = branchNameOf(pullRequest);
  const wanted = { name, parentId: site.stagingId, compute: COMPUTE, expiresAt: expiry(tools) };
  const { id } = await tools.neon.createBranch(site.projectId, wanted);
  tools.note(`Neon branch ${name} made from ${tools.desired.branches.staging.name}`);
  return id;
}

/** RFC 3339, in whole seconds. */
function expiry({ now }: PreviewDatabaseTools): string {
  return new Date(now().getTime() + LIFETIME_MS).toISOString().replace(/\.\d+Z$/, "Z");
}
