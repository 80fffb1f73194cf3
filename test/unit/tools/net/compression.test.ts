import { describe, test } from "vitest";

import { chooseCoding, type ContentCoding, weaken } from "../../../../tools/net/compression.ts";

const ALL: readonly ContentCoding[] = ["zstd", "br", "gzip"];

/** By lowercase names; null for one that is missing. */
type Headers = Readonly<Record<string, string | null>>;

/** The coding of an answer that may be compressed, but for `headers` and `status`. */
function choose(acceptEncoding: string | null, headers: Headers = {}, status = 200) {
  const all: Headers = { "content-type": "application/json", "content-length": "50", ...headers };
  return chooseCoding(acceptEncoding, { status, header: (name) => all[name] ?? null }, ALL);
}

describe("The edge compresses", () => {
  test.for<[acceptEncoding: string | null, coding: ContentCoding | null]>([
    ["gzip", "gzip"],
    ["gzip, deflate", "gzip"],
    ["GZIP", "gzip"],
    ["br", "br"],
    ["gzip, deflate, br", "br"],
    ["gzip, deflate, br, zstd", "zstd"],
    ["gzip;q=1.0, br;q=0.5", "gzip"],
    ["br ; q=0.5 , gzip; q=0.5", "br"],
    ["gzip;q=0, br;q=0.001", "br"],
    ["*", "zstd"],
    ["*;q=0.5, gzip", "gzip"],
    ["zstd;q=0, br;q=0, *", "gzip"],
    ["gzip;q=0", null],
    ["*;q=0", null],
    ["identity", null],
    ["deflate, compress", null],
    ["gzip;level=9", null],
    ["", null],
    [null, null],
  ])("for Accept-Encoding %j by %s", ([acceptEncoding, coding], { expect }) => {
    expect(choose(acceptEncoding)).toBe(coding);
  });

  test.for<[what: string, headers: Headers, status?: number]>([
    ["JSON with a charset", { "content-type": "Application/JSON; charset=utf-8" }],
    ["a page", { "content-type": "text/html" }],
    ["a refused access", {}, 403],
    ["an unknown path", {}, 404],
    ["a stream of unknown length", { "content-length": null }],
    ["what may be stored", { "cache-control": "private, no-cache" }],
    ["what has a tag", { etag: '"1"' }],
  ])("%s", ([, headers, status], { expect }) => {
    expect(choose("gzip", headers, status)).toBe("gzip");
  });

  test.for<[what: string, headers: Headers, status?: number]>([
    ["what may not be transformed", { "cache-control": "private, no-cache, no-transform" }],
    ["that in other words", { "cache-control": "No-Transform,private" }],
    ["what is compressed already", { "content-encoding": "gzip" }],
    ["problem details", { "content-type": "application/problem+json" }, 404],
    ["a picture", { "content-type": "image/png" }],
    ["an answer without a type", { "content-type": null }],
    ["a creation", {}, 201],
    ["an answer without content", {}, 204],
    ["an unchanged copy", {}, 304],
    ["a missed precondition", {}, 412],
    ["a failure", {}, 500],
    ["a few bytes", { "content-length": "47" }],
  ])("not %s", ([, headers, status], { expect }) => {
    expect(choose("gzip", headers, status)).toBeNull();
  });

  test("by a coding that pays: each has its own least size", ({ expect }) => {
    expect(choose("gzip, br", { "content-length": "49" })).toBe("gzip");
    expect(choose("br", { "content-length": "49" })).toBeNull();
    expect(choose("gzip", { "content-length": "48" })).toBe("gzip");
  });

  test("and a strong tag is weak then", ({ expect }) => {
    expect(weaken('"1"')).toBe('W/"1"');
    expect(weaken('W/"1"')).toBe('W/"1"');
  });
});
