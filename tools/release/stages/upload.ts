import type { ReleaseParts } from "../parts.ts";
import type { CheckedOut } from "../parts/git.ts";
import type { StageNotes } from "../report/journal.ts";

/** As much of a commit's id as git itself shows, and some more. */
const TAG_LENGTH = 12;

/** Builds and uploads the version, without giving it traffic; gives its id. */
export async function uploadVersion(parts: ReleaseParts, checkedOut: CheckedOut, notes: StageNotes): Promise<string> {
  const tag = checkedOut.commit.slice(0, TAG_LENGTH);
  const versionId = await parts.forward.upload({ tag, message: checkedOut.subject });
  notes.detail(`Uploaded ${versionId}, tagged ${tag}.`);
  return versionId;
}
