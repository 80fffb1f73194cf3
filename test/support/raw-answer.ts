import { type IncomingHttpHeaders, request as sendRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";

/** An answer as it came over the wire: fetch would have undone the compression. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** What it says, once the compression that the headers name is undone. */
  readonly text: string;
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Asks without any header that is not given. */
export async function askRaw(url: URL, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  sendRequest(url, { method, headers }, (response) => {
    const { statusCode = 0, headers: received } = response;
    const decode = DECODERS[received["content-encoding"] ?? ""] ?? ((body) => body);
    buffer(response)
      .then((body) => ({
        status: statusCode,
        headers: received,
        text: body.length === 0 ? "" : decode(body).toString(),
      }))
      .then(resolve, reject);
  })
    .on("error", reject)
    .end();
  return await promise;
}
