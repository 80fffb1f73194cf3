import type { DesiredState } from "../desired-state.ts";
import { NeonError } from "../neon/errors.ts";
import type { NeonApi } from "../neon/model.ts";
import type { Branch } from "../neon/schemas.ts";
import { isPreviewBranch } from "./names.ts";

/** Where previews get their databases from. */
export interface PreviewSite {
  readonly projectId: string;
  readonly stagingId: string;
  /** Branches that belong to pull requests, and to nothing else. */
  readonly previews: readonly Branch[];
}

/** @throws NeonError when there is no project, or no staging branch in it */
export async function findPreviewSite(neon: NeonApi, desired: DesiredState): Promise<PreviewSite> {
  const project = await neon.findProject(desired.project.name);
  const branches = project === null ? [] : await neon.listBranches(project.id);
  const staging = branches.find(({ name }) => name === desired.branches.staging.name);
  if (project === null || staging === undefined) {
    throw new NeonError(
      404,
      `Neon has no branch ${desired.branches.staging.name} to start from. Run npm run setup first.`,
    );
  }
  const previews = branches.filter((branch) => isPreviewBranch(branch, staging.id));
  return { projectId: project.id, stagingId: staging.id, previews };
}
