import { describe, test } from "vitest";
import { experimental_readRawConfig as readRawConfig, unstable_readConfig as readConfig } from "wrangler";

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
    expect(read(environment).vars).toEqual({});
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

test("the API is released without telemetry until its binding is written", ({ expect }) => {
  for (const env of ["staging", "production"]) {
    expect(readConfig({ config: "wrangler.toml", env }).services ?? []).toEqual([]);
  }
});
