import { createHash } from "node:crypto";

import { REFUSED_CALLER } from "../../tools/workerd/workerd-config.ts";

/** The caller whom nothing limits. No secret: whoever takes part in a comparison has to accept it. */
export const BENCH_KEY = "bench-key-for-measurements-only";

/** The caller whom every limiter refuses. */
export const LIMITED_KEY = "limited-key-for-measurements-only";

/** Id of the caller with `BENCH_KEY`. */
export const BENCH_CALLER = "bench";

export interface KeyEntry {
  readonly id: string;
  readonly sha256: string;
  readonly scopes: readonly string[];
}

/** What `API_KEYS` holds: so many keys, that of the measurement last, before it the limited one if there is room. */
export function keyEntries(count = 2): readonly KeyEntry[] {
  const entry = (id: string, key: string): KeyEntry => ({
    id,
    sha256: createHash("sha256").update(key).digest("hex"),
    scopes: ["users:read", "users:write"],
  });
  const others = Array.from({ length: count }, (_, place) => entry(`other-${place}`, `other-key-${place}`));
  return [...others, entry(REFUSED_CALLER, LIMITED_KEY), entry(BENCH_CALLER, BENCH_KEY)].slice(-count);
}
