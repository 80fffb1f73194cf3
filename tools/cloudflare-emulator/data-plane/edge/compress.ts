import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { constants, createBrotliCompress, createGzip, createZstdCompress } from "node:zlib";

import { chooseCoding, type ContentCoding, weaken } from "../../../net/compression.ts";
import { pairs, type RawHeaders } from "./headers.ts";

/** The first that a client takes, as on Cloudflare's free plan. */
const OFFERED: readonly ContentCoding[] = ["zstd", "br", "gzip"];

/** Cheap enough to do for each request anew. */
const BROTLI_QUALITY = 4;

/** Each passes on at once what it gets: a stream's next part may be a long time coming. */
const ENCODERS: Readonly<Record<ContentCoding, () => Transform>> = {
  zstd: () => createZstdCompress({ flush: constants.ZSTD_e_flush }),
  br: () =>
    createBrotliCompress({
      flush: constants.BROTLI_OPERATION_FLUSH,
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY },
    }),
  gzip: () => createGzip({ flush: constants.Z_SYNC_FLUSH }),
};

/** How an answer is sent to a client. */
export interface Compression {
  /** Takes the body as the Worker gave it. */
  readonly encoder: Transform;
  /** Those of the answer, as they are now. */
  readonly headers: RawHeaders;
}

/** Compresses what Cloudflare's edge would; null leaves an answer as it is. `acceptEncoding` is what the client takes. */
export function compress(
  { statusCode = 0, headers, rawHeaders }: IncomingMessage,
  acceptEncoding: string | null,
): Compression | null {
  const header = (name: string): string | null => headers[name]?.toString() ?? null;
  const coding = chooseCoding(acceptEncoding, { status: statusCode, header }, OFFERED);
  if (coding === null) return null;
  return { encoder: ENCODERS[coding](), headers: [...recode(rawHeaders), "Content-Encoding", coding] };
}

/** The length is known only at the end, and a strong tag named other bytes. */
function recode(headers: RawHeaders): string[] {
  return pairs(headers).flatMap(([name, value]) => {
    if (/^content-length$/i.test(name)) return [];
    return [name, /^etag$/i.test(name) ? weaken(value) : value];
  });
}
