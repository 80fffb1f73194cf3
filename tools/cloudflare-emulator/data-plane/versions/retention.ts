/** What decides whether a running version may go. */
export interface RetainedVersion {
  readonly id: string;
  /** In the order of upload. */
  readonly number: number;
  /** Part of the live deployment, or of one that is about to take effect. */
  readonly isNeeded: boolean;
  /** Uploaded last, and not deployed yet. */
  readonly isFresh: boolean;
  /** Called by its own URL until a moment ago. */
  readonly isVisited: boolean;
}

/** The versions that are not worth a process any more: all but those in use and the newest of the rest. */
export function versionsToRetire(running: readonly RetainedVersion[], warmVersions: number): ReadonlySet<string> {
  const spare = running.filter(({ isNeeded, isFresh, isVisited }) => !isNeeded && !isFresh && !isVisited);
  const byAge = spare.toSorted((left, right) => right.number - left.number);
  return new Set(byAge.slice(warmVersions).map(({ id }) => id));
}
