import type { CheckedOut } from "../adapters/git.ts";
import type { ReleasePorts } from "../ports.ts";
import type { StageNotes } from "../report/journal.ts";
import { assertUnchanged } from "./checked-out.ts";

/** As much of a commit's id as git itself shows, and some more. */
const TAG_LENGTH = 12;

/** Builds and uploads the version, without giving it traffic; gives its id. What was not checked is not uploaded. */
export async function uploadVersion(ports: ReleasePorts, checkedOut: CheckedOut, notes: StageNotes): Promise<string> {
  const tag = checkedOut.commit.slice(0, TAG_LENGTH);
  await assertUnchanged(ports, checkedOut);
  const versionId = await ports.forward.upload({ tag, message: checkedOut.subject });
  // It was built meanwhile.
  await assertUnchanged(ports, checkedOut);
  notes.detail(`Uploaded ${versionId}, tagged ${tag}.`);
  return versionId;
}
