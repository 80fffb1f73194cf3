import type { Branch } from "../neon/schemas.ts";

const PREFIX = "preview/pr-";

/** Name of the Neon branch of a pull request. */
export const branchNameOf = (pullRequest: number): string => `${PREFIX}${pullRequest}`;

/** First part of its version's address: `pr-12-users-api-preview.….workers.dev`. */
export const aliasOf = (pullRequest: number): string => `pr-${pullRequest}`;

/** The pull request that a Neon branch belongs to; null for a branch of another kind. */
export function pullRequestOf(branchName: string): number | null {
  const digits = new RegExp(`^${PREFIX}([1-9]\\d{0,8})$`).exec(branchName)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Whether a branch is a preview's, by everything that tells: only such a one is ever deleted. */
export function isPreviewBranch(branch: Branch, stagingId: string): boolean {
  return pullRequestOf(branch.name) !== null && branch.parent_id === stagingId && !branch.default && !branch.protected;
}
