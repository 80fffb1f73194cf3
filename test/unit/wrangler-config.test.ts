import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";
import { experimental_readRawConfig as readRawConfig, unstable_readConfig as readConfig } from "wrangler";

import { DESIRED_STATE } from "../../ops/desired-state.ts";

/** What local development, staging and production are configured to be. */
const ENVIRONMENTS = ["development", "staging", "production"] as const;

/** The file as it is written, before anything is inherited. */
const { rawConfig: WRITTEN } = readRawConfig({ config: "wrangler.toml" });

interface RateLimitBinding {
  readonly name: string;
  readonly namespace_id: string;
  readonly simple: { readonly limit: number; readonly period: number };
}

function read(environment: (typeof ENVIRONMENTS)[number]) {
  const config = readConfig({
    config: "wrangler.toml",
    ...(environment === "development" ? {} : { env: environment }),
  });
  const ratelimits: readonly RateLimitBinding[] = config.ratelimits;
  const limits = new Map(ratelimits.map(({ name, namespace_id, simple }) => [name, { namespace_id, ...simple }]));
  return { config, limits };
}

describe.for([...ENVIRONMENTS])("wrangler.toml for %s", (environment) => {
  test("names itself, so that the Worker knows how strict to be", ({ expect }) => {
    expect(read(environment).config.vars["ENVIRONMENT"]).toBe(environment);
  });

  test("has every binding that the Worker uses, and sweeps by the hour", ({ expect }) => {
    const { config, limits } = read(environment);
    expect([...limits.keys()].toSorted()).toEqual(["AUTH_FAILURE_RATE_LIMITER", "CALLER_RATE_LIMITER"]);
    expect(config.assets?.binding).toBe("ASSETS");
    expect(config.version_metadata?.binding).toBe("CF_VERSION_METADATA");
    expect(config.triggers.crons).toHaveLength(1);
  });

  test("says itself where it is reachable: the live deployment on workers.dev, a version that is not live nowhere", ({
    expect,
  }) => {
    // Left out, each of them is what the account had before, or follows the other one.
    const own = environment === "development" ? WRITTEN : WRITTEN.env?.[environment];
    expect(own).toMatchObject({ workers_dev: true, preview_urls: false });
    expect(read(environment).config).toMatchObject({ workers_dev: true, preview_urls: false });
  });

  test("keeps secrets out of its variables", ({ expect }) => {
    const names = Object.keys(read(environment).config.vars);
    expect(names.filter((name) => /DATABASE_URL|API_KEY|SECRET/.test(name))).toEqual([]);
  });
});

describe.for(["staging", "production"] as const)("wrangler.toml for %s", (environment) => {
  test("tells callers the limit that it really sets", ({ expect }) => {
    const { config, limits } = read(environment);
    const limit = limits.get("CALLER_RATE_LIMITER");
    expect(config.vars["CALLER_RATE_LIMIT"]).toBe(String(limit?.limit));
    expect(limit?.period).toBe(60);
  });

  test("is a Worker of its own, next to its database, observed, and not deployable without one", ({ expect }) => {
    const { config } = read(environment);
    expect(config.name).toBe(`users-api-${environment}`);
    expect(config.placement).toEqual({ region: expect.any(String) });
    expect(config.observability?.enabled).toBe(true);
    expect(config.upload_source_maps).toBe(true);
    expect(config.secrets?.required).toEqual(["DATABASE_URL"]);
  });
});

test.for(ENVIRONMENTS)(
  "the platform records no URL of a request in %s, for its path and query hold personal data",
  (environment, { expect }) => {
    const { observability } = read(environment).config;
    const { logs, traces } = observability ?? {};
    if (environment === "development") expect(observability?.enabled).toBe(false);
    else expect(logs).toEqual({ enabled: true, head_sampling_rate: 1, invocation_logs: false });
    // A trace's root span has the whole URL; where there are no people's data but the team's own, that is a help.
    expect(traces?.enabled ?? false).toBe(environment === "staging");
  },
);

test.for(ENVIRONMENTS)(
  "in %s the Worker makes spans where the platform records them, and nowhere else",
  (environment, { expect }) => {
    const { vars, observability } = read(environment).config;
    expect(vars["TRACE_SPANS"] === "on").toBe(observability?.traces?.enabled ?? false);
  },
);

test("nothing is exported as it is, and what the comments offer is what wrangler reads", ({ expect }) => {
  const text = readFileSync("wrangler.toml", "utf8");
  expect(text).not.toMatch(/^destinations/m);
  const folder = mkdtempSync(path.join(tmpdir(), "wrangler-config-"));
  try {
    const config = path.join(folder, "wrangler.toml");
    writeFileSync(config, text.replaceAll(/^# (?=(?:destinations|head_sampling_rate) = )/gm, ""));
    const { logs, traces } = readConfig({ config, env: "production" }).observability ?? {};
    expect(logs).toMatchObject({ head_sampling_rate: 1, destinations: ["otlp-logs"] });
    expect(traces).toEqual({ enabled: false, head_sampling_rate: 0.01, destinations: ["otlp-traces"] });
    const staging = readConfig({ config, env: "staging" }).observability;
    expect([staging?.logs?.destinations, staging?.traces?.destinations]).toEqual([["otlp-logs"], ["otlp-traces"]]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.for([...ENVIRONMENTS, "preview"] as const)(
  "%s has a namespace for feature flags, without an id, so that wrangler makes it with the first deployment",
  (environment, { expect }) => {
    const config = readConfig({
      config: "wrangler.toml",
      ...(environment === "development" ? {} : { env: environment }),
    });
    expect(config.kv_namespaces).toEqual([{ binding: "FLAGS" }]);
  },
);

test("what a comment offers of a Secrets Store is what wrangler reads", ({ expect }) => {
  const offered = /^# \[\[env\.production\.secrets_store_secrets\]\]\n(?:# \w+ = .*\n)+/m;
  const required = '[env.production.secrets]\nrequired = ["DATABASE_URL"]\n';
  const text = readFileSync("wrangler.toml", "utf8")
    .replace(required, "")
    .replace(offered, (lines) => lines.replaceAll(/^# /gm, ""));
  const folder = mkdtempSync(path.join(tmpdir(), "wrangler-config-"));
  try {
    const config = path.join(folder, "wrangler.toml");
    writeFileSync(config, text);
    expect(readConfig({ config, env: "production" }).secrets_store_secrets).toEqual([
      {
        binding: "DATABASE_URL",
        store_id: "00000000000000000000000000000000",
        secret_name: "users-api-production-database-url",
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("no two environments share a rate limit", ({ expect }) => {
  const ids = ENVIRONMENTS.flatMap((environment) =>
    [...read(environment).limits.values()].map(({ namespace_id: id }) => id),
  );
  expect(new Set(ids).size).toBe(6);
});

describe("wrangler.toml for preview", () => {
  const config = readConfig({ config: "wrangler.toml", env: "preview" });

  test("is a Worker of its own, whose versions have addresses and which has none itself", ({ expect }) => {
    expect(config).toMatchObject({ name: "users-api-preview", workers_dev: false, preview_urls: true });
    expect(config.triggers.crons).toEqual([]);
    expect(config.secrets?.required).toEqual(["DATABASE_URL"]);
  });

  test("is as strict as staging, and shares no rate limit with it", ({ expect }) => {
    expect(config.vars["ENVIRONMENT"]).toBe("staging");
    const limits: readonly RateLimitBinding[] = config.ratelimits;
    expect(limits.map(({ name }) => name)).toEqual(["CALLER_RATE_LIMITER", "AUTH_FAILURE_RATE_LIMITER"]);
    const others = ENVIRONMENTS.flatMap((environment) => [...read(environment).limits.values()]);
    for (const { namespace_id: id } of limits) expect(others.map(({ namespace_id }) => namespace_id)).not.toContain(id);
    expect(config.vars["CALLER_RATE_LIMIT"]).toBe(String(limits[0]?.simple.limit));
  });
});

test("the database stands where the Workers are placed", ({ expect }) => {
  const region = DESIRED_STATE.project.region.replace("-", ":");
  for (const env of ["staging", "production", "preview"]) {
    expect(readConfig({ config: "wrangler.toml", env }).placement).toEqual({ region });
  }
});
