export interface Limit {
  /** Limits of the same namespace share their counters, whatever version or script asks. */
  readonly namespaceId: string;
  readonly key: string;
  /** Most calls per period. */
  readonly limit: number;
  /** Seconds. */
  readonly periodS: number;
}

/**
 * Counts for the rate limit bindings of all versions: counters belong to the account, so that neither a split of the
 * traffic nor a new version gives anybody a fresh start. Windows are fixed and aligned to the clock, as Miniflare's are.
 */
export function createLimiter(now: () => number): (limit: Limit) => boolean {
  const windows = new Map<string, { readonly epoch: number; readonly counts: Map<string, number> }>();
  return ({ namespaceId, key, limit, periodS }) => {
    const epoch = Math.floor(now() / (periodS * 1_000));
    const name = `${namespaceId}/${periodS}`;
    let window = windows.get(name);
    if (window?.epoch !== epoch) windows.set(name, (window = { epoch, counts: new Map() }));
    const count = window.counts.get(key) ?? 0;
    if (count >= limit) return false;
    window.counts.set(key, count + 1);
    return true;
  };
}
