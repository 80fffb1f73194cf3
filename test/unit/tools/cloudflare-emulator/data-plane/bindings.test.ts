import { describe, test } from "vitest";

import { COMPANION, toBindingOptions } from "../../../../../tools/cloudflare-emulator/data-plane/runtime/bindings.ts";
import { type Binding, StartupError, type Version } from "../../../../../tools/cloudflare-emulator/model.ts";

function versionWith(bindings: readonly Binding[], annotations: Record<string, string> = {}): Version {
  return {
    id: "aaaaaaaa-0000-4000-8000-000000000000",
    number: 1,
    createdOn: "2026-11-20T08:00:00Z",
    annotations,
    mainModule: "index.js",
    modules: [],
    bindings,
    compatibilityDate: "2026-08-15",
    compatibilityFlags: [],
    assets: null,
  };
}

describe("Bindings", () => {
  test("of every kind become what Miniflare understands", ({ expect }) => {
    const options = toBindingOptions(
      versionWith(
        [
          { name: "TEXT", type: "plain_text", text: "a" },
          { name: "SECRET", type: "secret_text", text: "b" },
          { name: "JSON", type: "json", json: { c: [1, null] } },
          { name: "META", type: "version_metadata" },
          { name: "LIMITER", type: "ratelimit", namespace_id: "1001", simple: { limit: 5, period: 10 } },
          { name: "OTHER", type: "service", service: "telemetry" },
          { name: "FLAGS", type: "kv_namespace", namespace_id: "0123" },
          { name: "ASSETS", type: "assets" },
        ],
        { "workers/tag": "3fded92" },
      ),
    );
    expect(options.bindings).toEqual({
      TEXT: "a",
      SECRET: "b",
      JSON: { c: [1, null] },
      META: { id: "aaaaaaaa-0000-4000-8000-000000000000", tag: "3fded92", timestamp: "2026-11-20T08:00:00Z" },
    });
    expect(options.serviceBindings).toEqual({
      LIMITER: { name: COMPANION, entrypoint: "RateLimit", props: { namespaceId: "1001", limit: 5, periodS: 10 } },
      OTHER: { name: COMPANION, entrypoint: "Service", props: { service: "telemetry", entrypoint: null } },
    });
    expect(options.unsafeBindings).toMatchObject([
      {
        name: "FLAGS",
        type: "emulated-kv",
        options: { service: `core:user:${COMPANION}`, entrypoint: "KvNamespace", namespaceId: "0123" },
      },
    ]);
    expect(options.assetsBinding).toBe("ASSETS");
  });

  test("are complete without any", ({ expect }) => {
    expect(toBindingOptions(versionWith([]))).toEqual({
      bindings: {},
      serviceBindings: {},
      unsafeBindings: [],
      assetsBinding: null,
    });
  });

  test.for([
    [{ name: "BUCKET", type: "r2_bucket", bucket_name: "b" }, /"r2_bucket".*"BUCKET"/],
    [{ name: "KV", type: "kv_namespace" }, /"KV".*"kv_namespace".*namespace_id/],
    [{ name: "TEXT", type: "plain_text" }, /"TEXT".*"plain_text".*text/],
    [{ name: "L", type: "ratelimit", namespace_id: "1", simple: { limit: 5, period: 11 } }, /"L".*simple.period/],
  ] as const)("that cannot run are named: %o", ([binding, message], { expect }) => {
    const translate = (): unknown => toBindingOptions(versionWith([binding]));
    expect(translate).toThrow(StartupError);
    expect(translate).toThrow(message);
  });
});
