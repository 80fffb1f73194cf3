import type { CheckedOut } from "../adapters/git.ts";
import type { ReleasePorts } from "../ports.ts";
import { StageFailure } from "../stage-failure.ts";

const SHOWN_CHANGES = 5;

/** The tag of a version is its commit, so what is not in the commit must not be in the version. */
export function assertClean({ changes }: CheckedOut): void {
  if (changes.length === 0) return;
  const shown = changes.slice(0, SHOWN_CHANGES).join(", ");
  const more = changes.length > SHOWN_CHANGES ? ` and ${changes.length - SHOWN_CHANGES} more` : "";
  throw new StageFailure([
    `The working tree differs from its commit: ${shown}${more}. Commit it, or put it away (git stash -u).`,
  ]);
}

/**
 * Looks again, because minutes may have passed since the checks: what was checked and agreed to is what goes on.
 * @throws StageFailure
 */
export async function assertUnchanged(
  { checkedOut }: Pick<ReleasePorts, "checkedOut">,
  checked: CheckedOut,
): Promise<void> {
  const now = await checkedOut();
  if (now.commit !== checked.commit) {
    throw new StageFailure([
      `Checked was ${checked.commit}, but ${now.commit} is checked out now. Start again, and leave the working tree alone until it is over.`,
    ]);
  }
  assertClean(now);
}
