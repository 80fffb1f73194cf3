import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";
import { experimental_readRawConfig as readRawConfig, unstable_readConfig as readConfig } from "wrangler";

import { METRICS_CONTRACT } from "../../../src/observability/metrics-batch.ts";
import { addBinding, hasBinding, removeBinding } from "../../../tools/telemetry/bind/binding.ts";

const FILE = { config: "telemetry/wrangler.toml" };
const { rawConfig: WRITTEN } = readRawConfig(FILE);

const read = (environment: string) =>
  readConfig({ ...FILE, ...(environment === "development" ? {} : { env: environment }) });

describe.for(["development", "staging", "production"])("telemetry/wrangler.toml for %s", (environment) => {
  test("has the objects that count, in SQLite", ({ expect }) => {
    const { durable_objects: objects, migrations } = read(environment);
    expect(objects.bindings).toEqual([{ name: "METRICS_SHARDS", class_name: "MetricsShard" }]);
    expect(migrations).toEqual([{ tag: "v1", new_sqlite_classes: ["MetricsShard"] }]);
  });

  test("is on the date of the API, and says itself where it is reachable", ({ expect }) => {
    const api = readConfig({ config: "wrangler.toml" });
    expect(read(environment).compatibility_date).toBe(api.compatibility_date);
    const own = environment === "development" ? WRITTEN : WRITTEN.env?.[environment];
    expect(own).toMatchObject({ workers_dev: true, preview_urls: false });
    expect(read(environment).vars).toEqual({ METRICS_CONTRACT: String(METRICS_CONTRACT) });
    expect(read(environment).version_metadata).toEqual({ binding: "CF_VERSION_METADATA" });
  });
});

describe.for(["staging", "production"])("telemetry/wrangler.toml for %s", (environment) => {
  test("is a Worker of its own, observed, and not deployable without a token", ({ expect }) => {
    const config = read(environment);
    expect(config.name).toBe(`users-api-telemetry-${environment}`);
    expect(config.secrets?.required).toEqual(["METRICS_TOKEN"]);
    expect(config.observability?.logs).toEqual({ enabled: true, head_sampling_rate: 1, invocation_logs: false });
  });
});

describe.for(["staging", "production"])("the API in %s", (env) => {
  const text = readFileSync("wrangler.toml", "utf8");
  const servicesOf = (toml: string): readonly { readonly binding: string }[] => {
    const folder = mkdtempSync(path.join(tmpdir(), "wrangler-config-"));
    try {
      writeFileSync(path.join(folder, "wrangler.toml"), toml);
      return readConfig({ config: path.join(folder, "wrangler.toml"), env }).services ?? [];
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test("is bound to the telemetry Worker by one command, and released without it before", ({ expect }) => {
    const unbound = removeBinding(text, env);
    expect(servicesOf(unbound)).toEqual([]);
    const bound = addBinding(unbound, env);
    expect(servicesOf(bound)).toEqual([
      { binding: "TELEMETRY", service: read(env).name, entrypoint: "MetricsRecorder" },
    ]);
    expect([hasBinding(unbound, env), hasBinding(bound, env)]).toEqual([false, true]);
    expect(addBinding(bound, env)).toBe(bound);
    expect(removeBinding(bound, env)).toBe(unbound);
  });

  test("has nothing else bound", ({ expect }) => {
    expect(servicesOf(text).filter(({ binding }) => binding !== "TELEMETRY" && binding !== "EVENTS")).toEqual([]);
  });
});

test("an environment that is not there cannot be bound", ({ expect }) => {
  expect(() => addBinding('name = "users-api"', "staging")).toThrow("no environment staging");
});
