/** Bytes of all headers of a message together, as on Cloudflare. */
export const MAX_HEADER_SIZE = 128 * 1_024;

/** Meant for one connection, not for the whole way (RFC 9110 section 7.6.1); `expect` was answered by our server. */
const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Cloudflare sets these itself, so that a Worker may trust them; the last one would be read by the local runtime. */
const SET_BY_EDGE = new Set([
  "cf-connecting-ip",
  "cf-ray",
  "cf-visitor",
  "x-forwarded-proto",
  "x-real-ip",
  "mf-cf-blob",
]);

/** Names and values in turn, as Node has them. */
export type RawHeaders = readonly string[];

export interface EdgeFacts {
  readonly clientAddress: string;
  readonly ray: string;
}

/** The headers that a Worker gets of a client's request. */
export function addEdgeHeaders(headers: RawHeaders, { clientAddress, ray }: EdgeFacts): string[] {
  const address = clientAddress.replace(/^::ffff:(?=\d+\.)/, "");
  const forwardedFor = pairs(headers).find(([name]) => name.toLowerCase() === "x-forwarded-for")?.[1];
  return [
    ...without(headers, (name) => SET_BY_EDGE.has(name) || name === "x-forwarded-for"),
    "CF-Connecting-IP",
    address,
    "CF-Ray",
    ray,
    "CF-Visitor",
    '{"scheme":"http"}',
    "X-Real-IP",
    address,
    "X-Forwarded-Proto",
    "http",
    "X-Forwarded-For",
    forwardedFor === undefined ? address : `${forwardedFor}, ${address}`,
  ];
}

/** Leaves out what belongs to the connection that the headers came over. */
export function withoutHopByHop(headers: RawHeaders): string[] {
  const named = new Set<string>();
  for (const [name, value] of pairs(headers)) {
    if (name.toLowerCase() !== "connection") continue;
    for (const token of value.split(",")) named.add(token.trim().toLowerCase());
  }
  return without(headers, (name) => HOP_BY_HOP.has(name) || named.has(name));
}

/** Leaves out headers by their lowercase name. */
export function without(headers: RawHeaders, isUnwanted: (name: string) => boolean): string[] {
  return pairs(headers).flatMap(([name, value]) => (isUnwanted(name.toLowerCase()) ? [] : [name, value]));
}

/** Names with their values. */
export function pairs(headers: RawHeaders): [name: string, value: string][] {
  const result: [string, string][] = [];
  for (let index = 0; index < headers.length; index += 2) result.push([headers[index] ?? "", headers[index + 1] ?? ""]);
  return result;
}
