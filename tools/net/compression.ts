/**
 * What Cloudflare's edge compresses on the way to a client, and what becomes of the headers then. No imports: the emulator
 * uses it in Node, the local stack within the Workers runtime.
 * Sources: developers.cloudflare.com/speed/optimization/content/compression/ (types, statuses, sizes, no-transform) and
 * developers.cloudflare.com/cache/reference/etag-headers/ (tags).
 */

/** Content codings that the edge may choose (RFC 9110 section 8.4.1). */
export type ContentCoding = "zstd" | "br" | "gzip";

/** An answer as the Worker gave it. */
export interface AnswerHead {
  readonly status: number;
  /** The value of a header by its lowercase name; null when there is none. */
  readonly header: (name: string) => string | null;
}

/** Of errors only these two. */
const STATUSES: ReadonlySet<number> = new Set([200, 403, 404]);

/** Smaller bodies would hardly shrink. */
const MIN_BYTES: Readonly<Record<ContentCoding, number>> = { zstd: 50, br: 50, gzip: 48 };

/** Subtypes of each type that is compressed. */
const SUBTYPES = {
  application:
    "eot font font-sfnt font-woff geo+json graphql+json javascript javascript-binast json ld+json " +
    "manifest+json opentype otf rss+xml truetype ttf vnd.api+json vnd.ms-fontobject wasm x-httpd-cgi " +
    "x-javascript x-opentype x-otf x-perl x-protobuf x-ttf xhtml+xml xml",
  font: "otf ttf x-woff",
  image: "svg+xml vnd.microsoft.icon x-icon",
  multipart: "bag mixed",
  text: "css html javascript js plain richtext x-component x-java-source x-markdown x-script xml",
};

const MEDIA_TYPES: ReadonlySet<string> = new Set(
  Object.entries(SUBTYPES).flatMap(([type, subtypes]) => subtypes.split(" ").map((subtype) => `${type}/${subtype}`)),
);

/**
 * The coding that an answer is sent in; null leaves it as it is.
 * @param acceptEncoding the client's `Accept-Encoding`; null when it sent none
 * @param offered codings in the order in which the edge prefers them
 */
export function chooseCoding(
  acceptEncoding: string | null,
  answer: AnswerHead,
  offered: readonly ContentCoding[],
): ContentCoding | null {
  if (acceptEncoding === null || !mayBeCompressed(answer)) return null;
  const weights = parseWeights(acceptEncoding);
  const length = answer.header("content-length");
  let best: ContentCoding | null = null;
  let bestWeight = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? weights.get("*") ?? 0;
    if (weight <= bestWeight || (length !== null && Number(length) < MIN_BYTES[coding])) continue;
    best = coding;
    bestWeight = weight;
  }
  return best;
}

function mayBeCompressed({ status, header }: AnswerHead): boolean {
  if (!STATUSES.has(status) || header("content-encoding") !== null) return false;
  const type = header("content-type")?.split(";", 1)[0] ?? "";
  return MEDIA_TYPES.has(type.trim().toLowerCase()) && !hasDirective(header("cache-control") ?? "", "no-transform");
}

function hasDirective(cacheControl: string, name: string): boolean {
  return cacheControl.split(",").some((directive) => directive.trim().toLowerCase() === name);
}

/** RFC 9110 section 12.5.3: codings with their weights, 1 unless stated. */
function parseWeights(acceptEncoding: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const item of acceptEncoding.toLowerCase().split(",")) {
    const [, coding, weight = "1"] = /^\s*([^\s;]+)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(item) ?? [];
    if (coding !== undefined) weights.set(coding, Number(weight));
  }
  return weights;
}

/** The tag of a compressed answer: the bytes are others than those that the Worker named. */
export function weaken(entityTag: string): string {
  return entityTag.startsWith("W/") ? entityTag : `W/${entityTag}`;
}
