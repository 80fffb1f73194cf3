import type { DesiredState } from "../desired-state.ts";
import type { NeonApi } from "../neon/model.ts";
import type { PreviewState } from "./comment.ts";
import { branchNameOf, pullRequestOf } from "./names.ts";
import { findPreviewSite } from "./site.ts";

export interface PreviewDownTools {
  readonly neon: NeonApi;
  readonly desired: DesiredState;
  readonly note: (text: string) => void;
}

/** Deletes the database of a pull request; one that is gone already is no error. */
export async function previewDown(
  pullRequest: number,
  tools: PreviewDownTools & { readonly tell: (state: PreviewState) => Promise<void> },
): Promise<void> {
  const name = branchNameOf(pullRequest);
  const isDeleted = await deletePreviews(tools, (found) => found === pullRequest);
  if (isDeleted === 0) tools.note(`Neon has no branch ${name}: nothing to do`);
  else await tools.tell({ kind: "gone" });
}

/**
 * Deletes the databases of pull requests that are not open: those whose end nobody has seen.
 * @returns how many there were
 */
export async function previewSweep(open: readonly number[], tools: PreviewDownTools): Promise<number> {
  const count = await deletePreviews(tools, (found) => !open.includes(found));
  tools.note(`${count} branches of closed pull requests deleted, ${open.length} pull requests are open`);
  return count;
}

async function deletePreviews(
  { neon, desired, note }: PreviewDownTools,
  isMeant: (pullRequest: number) => boolean,
): Promise<number> {
  const { projectId, previews } = await findPreviewSite(neon, desired);
  const meant = previews.filter(({ name }) => isMeant(pullRequestOf(name) ?? 0));
  for (const { id, name } of meant) {
    await neon.deleteBranch(projectId, id);
    note(`Neon branch ${name} deleted`);
  }
  return meant.length;
}
