import { describe, test } from "vitest";

import { formatBanner, wantsColor } from "../../../tools/dev/banner.ts";

const banner = (overrides: Partial<Parameters<typeof formatBanner>[0]> = {}): string =>
  formatBanner({
    origin: "http://127.0.0.1:8787",
    databaseUrl: "postgresql://postgres:postgres@127.0.0.1:5555/postgres",
    isExternalDatabase: false,
    hasApiKey: false,
    telemetry: null,
    rpcOrigin: "http://127.0.0.1:8789",
    hasColor: false,
    ...overrides,
  });

describe("banner", () => {
  test("Given an open API, then it shows where everything is and a command that works as it stands", ({ expect }) => {
    const text = banner();
    for (const path of ["/api/v1/users", "/docs", "/openapi.json", "/health/ready"]) {
      expect(text).toContain(`http://127.0.0.1:8787${path}\n`);
    }
    expect(text).toContain("  RPC       http://127.0.0.1:8789 (Connect, gRPC-Web: docs/rpc.md)\n");
    expect(text).toContain("psql 'postgresql://postgres:postgres@127.0.0.1:5555/postgres?");
    expect(text).toContain("Try: curl 'http://127.0.0.1:8787/api/v1/users?limit=2'");
  });

  test("Given an API key, then the command has a place for it", ({ expect }) => {
    expect(banner({ hasApiKey: true })).toContain("curl -H 'X-API-Key: YOUR_KEY' 'http");
  });

  test("Given telemetry, then it shows where the metrics are, with their token", ({ expect }) => {
    const text = banner({ telemetry: { url: "http://127.0.0.1:8788/metrics", token: "abc" } });
    expect(text).toContain("  Metrics   http://127.0.0.1:8788/metrics (live: npm run top)\n  Token     abc");
    expect(banner()).not.toContain("Metrics");
  });

  test("Given somebody's own database, then its password is not shown", ({ expect }) => {
    const text = banner({
      isExternalDatabase: true,
      databaseUrl: "postgres://me:sesame@db.example:5432/app?sslpassword=sesame",
    });
    expect(text).toContain("postgres://me@db.example:5432/app");
    expect(text).not.toContain("sesame");
  });

  test("Colours are for terminals whose user did not refuse them", ({ expect }) => {
    expect(banner()).not.toContain("\u001B");
    expect(banner({ hasColor: true })).toContain("\u001B[36m");
    expect(wantsColor({ isTTY: true }, {})).toBe(true);
    expect(wantsColor({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(wantsColor({}, {})).toBe(false);
  });
});
