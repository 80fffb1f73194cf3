/** Requests that are under way. */
export interface Pending {
  /** @returns to be called when it has ended, whatever became of it */
  add(route: string): () => void;
  /** Routes of those that have been under way for longer than is right. */
  overdue(): readonly string[];
  /** Milliseconds for which the oldest of the others has been under way; 0 when there is none. */
  oldestMs(): number;
}

/** @param overdueMs milliseconds from which a request is overdue */
export function createPending(overdueMs: number, now: () => number): Pending {
  const open = new Set<{ readonly route: string; readonly sentAt: number }>();
  const ages = () => [...open].map(({ route, sentAt }) => ({ route, ms: now() - sentAt }));
  return {
    add(route) {
      const request = { route, sentAt: now() };
      open.add(request);
      return () => void open.delete(request);
    },
    overdue: () =>
      ages()
        .filter(({ ms }) => ms >= overdueMs)
        .map(({ route }) => route),
    oldestMs: () =>
      Math.max(
        0,
        ...ages()
          .map(({ ms }) => ms)
          .filter((ms) => ms < overdueMs),
      ),
  };
}
