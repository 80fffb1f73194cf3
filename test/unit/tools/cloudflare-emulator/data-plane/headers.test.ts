import { describe, test } from "vitest";

import { addEdgeHeaders, withoutHopByHop } from "../../../../../tools/cloudflare-emulator/data-plane/edge/headers.ts";

const FACTS = { clientAddress: "::ffff:192.0.2.1", ray: "0123456789abcdef-EMU" };

function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);
}

describe("Headers", () => {
  test("of the edge replace what a client claims", ({ expect }) => {
    const claimed = ["cf-connecting-ip", "203.0.113.9", "X-Real-IP", "203.0.113.9", "CF-Ray", "x", "MF-CF-Blob", "{}"];
    const headers = addEdgeHeaders(["Host", "api.example.com", ...claimed, "X-Forwarded-Proto", "https"], FACTS);
    expect(valuesOf(headers, "host")).toEqual(["api.example.com"]);
    expect(valuesOf(headers, "cf-connecting-ip")).toEqual(["192.0.2.1"]);
    expect(valuesOf(headers, "x-real-ip")).toEqual(["192.0.2.1"]);
    expect(valuesOf(headers, "cf-ray")).toEqual([FACTS.ray]);
    expect(valuesOf(headers, "x-forwarded-proto")).toEqual(["http"]);
    expect(valuesOf(headers, "mf-cf-blob")).toEqual([]);
  });

  test("of earlier proxies are continued", ({ expect }) => {
    const headers = addEdgeHeaders(["X-Forwarded-For", "203.0.113.9"], { ...FACTS, clientAddress: "2001:db8::1" });
    expect(valuesOf(headers, "x-forwarded-for")).toEqual(["203.0.113.9, 2001:db8::1"]);
    expect(valuesOf(addEdgeHeaders([], FACTS), "x-forwarded-for")).toEqual(["192.0.2.1"]);
  });

  test("of a connection stay with it, also those that it names itself", ({ expect }) => {
    const all = ["Connection", "close, X-Mine", "Keep-Alive", "timeout=5", "X-Mine", "1", "TE", "trailers"];
    const kept = ["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Content-Length", "3"];
    expect(withoutHopByHop([...all, "Transfer-Encoding", "chunked", "Expect", "100-continue", ...kept])).toEqual(kept);
  });
});
