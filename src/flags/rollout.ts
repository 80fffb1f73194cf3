/** As fine as whole percents need, with room for finer ones. */
const BUCKETS = 10_000;

/**
 * Whether a flag is on for a caller when it is on for `percent` of them: the same answer in every isolate and version, and
 * whoever has it keeps it when the share grows. Callers are dealt anew for each flag, so that it is not always the same ones.
 */
export function isInRollout(flag: string, caller: string, percent: number): boolean {
  return bucketOf(flag, caller) < (percent * BUCKETS) / 100;
}

/** From 0 to 9999, evenly. */
export function bucketOf(flag: string, caller: string): number {
  return mix(hash(`${flag}\0${caller}`)) % BUCKETS;
}

/** FNV-1a over UTF-16 code units: not for secrets, but without waiting, as a digest of the runtime's would need. */
function hash(text: string): number {
  let value = FNV_OFFSET;
  for (let place = 0; place < text.length; place++) value = Math.imul(value ^ text.charCodeAt(place), FNV_PRIME);
  return value >>> 0;
}

const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

/** The end of MurmurHash3: FNV alone leaves names that differ in their last letter close to each other. */
function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
