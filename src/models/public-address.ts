/** An IP address as a number of its family's bits. */
export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

/** A block of addresses: a first one, and how many bits all of them have in common. */
type Block = readonly [first: string, bits: number];

/** IPv4 that is not on the public internet (IANA's registry of special purposes; and those of clouds that only look public). */
const NOT_PUBLIC_V4: readonly Block[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // shared by carriers; Alibaba's metadata
  ["127.0.0.0", 8], // this machine
  ["168.63.129.16", 32], // Azure's host
  ["169.254.0.0", 16], // this link; metadata of most clouds
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocols
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // relays of 6to4
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 4], // multicast
  ["240.0.0.0", 4], // reserved, and broadcast
];

/** All that IPv6 has given out for the internet; loopback, IPv4 in disguise, NAT64, private, link and multicast are outside it. */
const GLOBAL_V6: Block = ["2000::", 3];

/** Blocks within it that lead elsewhere. */
const NOT_PUBLIC_V6: readonly Block[] = [
  ["2001::", 23], // protocols, with Teredo, which carries IPv4
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4, which carries IPv4
  ["3fff::", 20], // documentation
];

/** Reads an IPv4 address in four decimal parts, or an IPv6 address, in brackets or without; null for anything else. */
export function parseAddress(text: string): Address | null {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  if (bare.includes(":")) return toAddress(6, parseV6(bare));
  return toAddress(4, parseV4(bare));
}

/** Whether it is an address that the public internet leads to; false for what is no address. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === null) return false;
  if (address.family === 4) return !isInAny(address, NOT_PUBLIC_V4);
  return isIn(address, GLOBAL_V6) && !isInAny(address, NOT_PUBLIC_V6);
}

function toAddress(family: 4 | 6, value: bigint | null): Address | null {
  return value === null ? null : { family, value };
}

function parseV4(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  const isByte = (part: string): boolean => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.every(isByte) ? parts.reduce((value, part) => (value << 8n) + BigInt(part), 0n) : null;
}

/** RFC 4291 section 2.2: eight groups, of which one run of zeros may be left out, and the last two may be an IPv4 address. */
function parseV6(text: string): bigint | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half, place) => toGroups(half, place === halves.length - 1));
  if (head === undefined || head === null || tail === null) return null;
  if (tail === undefined) return head.length === 8 ? join(head) : null;
  const missing = 8 - head.length - tail.length;
  return missing < 1 ? null : join([...head, ...Array.from({ length: missing }, () => 0n), ...tail]);
}

/** @param isEnd whether the address ends with it */
function toGroups(half: string, isEnd: boolean): readonly bigint[] | null {
  if (half === "") return [];
  const groups: bigint[] = [];
  const parts = half.split(":");
  for (const [place, part] of parts.entries()) {
    const v4 = isEnd && place === parts.length - 1 ? parseV4(part) : null;
    if (v4 !== null) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}

function join(groups: readonly bigint[]): bigint {
  return groups.reduce((value, group) => (value << 16n) + group, 0n);
}

function isInAny(address: Address, blocks: readonly Block[]): boolean {
  return blocks.some((block) => isIn(address, block));
}

function isIn({ family, value }: Address, [first, bits]: Block): boolean {
  const start = parseAddress(first);
  if (start === null || start.family !== family) return false;
  const rest = BigInt((family === 4 ? 32 : 128) - bits);
  return value >> rest === start.value >> rest;
}
