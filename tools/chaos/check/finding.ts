/** What can be wrong between what clients were told and what there is. */
export const FINDING_KINDS = [
  "lost-write",
  "doubled-write",
  "resurrected-delete",
  "lost-update",
  "phantom",
  "impossible-read",
  "changed-replay",
] as const;

export type FindingKind = (typeof FINDING_KINDS)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly username: string;
  /** What was expected and what was seen, in a line. */
  readonly detail: string;
}
