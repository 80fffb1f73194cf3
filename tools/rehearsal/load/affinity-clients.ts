import { pickIndex, type Random } from "./random.ts";

/**
 * Clients that send a version key, so that they stay with one version. Each sends one request at a time: the order of
 * its answers is then the order in which they were routed.
 */
export interface AffinityClients {
  /** A key that no request under way carries; null when all do. */
  take(random: Random): string | null;
  give(key: string): void;
}

export function createAffinityClients(count: number): AffinityClients {
  const idle = Array.from({ length: count }, (_, index) => `client-${index}`);
  return {
    take: (random) => (idle.length === 0 ? null : (idle.splice(pickIndex(random, idle.length), 1)[0] ?? null)),
    give: (key) => void idle.push(key),
  };
}
