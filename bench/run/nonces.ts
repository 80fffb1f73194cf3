import type { Nonce } from "../scenarios/template.ts";

const LENGTH = 6;

/** Makes nonces that differ from each other, and from those of other prefixes. */
export function createNonces(prefix: string): () => Nonce {
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}${count.toString(36).padStart(LENGTH - prefix.length, "0")}`;
  };
}
