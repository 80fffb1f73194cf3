import { describe, test } from "vitest";
import { unstable_readConfig as readConfig } from "wrangler";

import { parseConfig, RpcConfigError } from "../../../rpc/src/config.ts";
import { startWorker } from "../../../rpc/src/worker.ts";
import { pickRpcVariables } from "../../../tools/rpc/rpc-worker.ts";
import { answering } from "../../support/test-rpc.ts";

const ENVIRONMENTS = ["development", "staging", "production"] as const;
const read = (environment: (typeof ENVIRONMENTS)[number]) =>
  readConfig({ config: "rpc/wrangler.toml", ...(environment === "development" ? {} : { env: environment }) });
const apiOf = (environment: (typeof ENVIRONMENTS)[number]) =>
  readConfig({ config: "wrangler.toml", ...(environment === "development" ? {} : { env: environment }) });

describe.for(ENVIRONMENTS)("rpc/wrangler.toml for %s", (environment) => {
  test("binds the API of the same environment and nothing else, and has no secret", ({ expect }) => {
    const config = read(environment);
    expect(config.services).toEqual([{ binding: "USERS_API", service: apiOf(environment).name }]);
    expect(config.secrets?.required ?? []).toEqual([]);
    expect(config.durable_objects.bindings).toEqual([]);
    expect(config.name).toBe(environment === "development" ? "users-api-rpc" : `users-api-rpc-${environment}`);
  });

  test("is on the API's date, knows its version, and has an address of its own only", ({ expect }) => {
    const { compatibility_date: date, version_metadata: version, workers_dev, preview_urls } = read(environment);
    expect(date).toBe(apiOf(environment).compatibility_date);
    expect([version, workers_dev, preview_urls]).toEqual([{ binding: "CF_VERSION_METADATA" }, true, false]);
  });

  test("is a configuration that the Worker takes", ({ expect }) => {
    expect(parseConfig(read(environment).vars)).toMatchObject({ isDevelopment: environment === "development" });
  });
});

describe("the configuration", () => {
  test("has defaults; an empty variable counts as absent", ({ expect }) => {
    const defaults = {
      isDevelopment: true,
      corsOrigins: null,
      logLevel: "info",
      logSampling: { rate: 1, slowMs: 1_000 },
    };
    expect(parseConfig({})).toEqual(defaults);
    expect(
      parseConfig({ ENVIRONMENT: "", CORS_ORIGINS: "", LOG_LEVEL: "", LOG_SAMPLE_RATE: "", LOG_SLOW_MS: "" }),
    ).toEqual(defaults);
  });

  test("reads all of its variables", ({ expect }) => {
    const given = {
      ENVIRONMENT: "production",
      CORS_ORIGINS: "https://a.example, https://b.example:8443",
      LOG_LEVEL: "warn",
      LOG_SAMPLE_RATE: "0.25",
      LOG_SLOW_MS: "250",
    };
    expect(parseConfig(given)).toEqual({
      isDevelopment: false,
      corsOrigins: ["https://a.example", "https://b.example:8443"],
      logLevel: "warn",
      logSampling: { rate: 0.25, slowMs: 250 },
    });
    expect(parseConfig({ CORS_ORIGINS: "*" }).corsOrigins).toBe("*");
  });

  test("names every variable that is malformed, and no value", ({ expect }) => {
    const wrong = { ENVIRONMENT: "x1", CORS_ORIGINS: "x2", LOG_LEVEL: "x3", LOG_SAMPLE_RATE: "2", LOG_SLOW_MS: "0" };
    expect(() => parseConfig(wrong)).toThrow(RpcConfigError);
    expect(() => parseConfig(wrong)).toThrow(
      /^Invalid configuration: ENVIRONMENT .*; CORS_ORIGINS .*; LOG_LEVEL .*; LOG_SAMPLE_RATE .*; LOG_SLOW_MS .*$/,
    );
    expect(() => parseConfig(wrong)).not.toThrow(/x[123]/);
  });
});

test("npm start gives it the API's variables that mean the same to it, and no secret", ({ expect }) => {
  const api = { API_KEY: "secret", DATABASE_URL: "secret", CORS_ORIGINS: "*", LOG_LEVEL: "debug", LOG_SLOW_MS: "5" };
  const picked = pickRpcVariables(api);
  expect(picked).toEqual({ CORS_ORIGINS: "*", LOG_LEVEL: "debug", LOG_SLOW_MS: "5" });
  expect(parseConfig(picked)).toMatchObject({ corsOrigins: "*", logLevel: "debug" });
});

describe("the Worker", () => {
  const version = { id: "a-version", tag: "a-tag" };
  const USERS_API = answering(() => new Response(null, { status: 404 }));

  test("says its version, but in development", async ({ expect }) => {
    const told = ENVIRONMENTS.map(async (ENVIRONMENT) => {
      const worker = startWorker({ USERS_API, ENVIRONMENT, CF_VERSION_METADATA: version, LOG_LEVEL: "error" });
      return (await worker.fetch(new Request("https://rpc.test/health"))).headers.get("X-Version-Id");
    });
    expect(await Promise.all(told)).toEqual(["local", "a-version", "a-version"]);
  });

  test("does not start with a configuration that it cannot use", ({ expect }) => {
    expect(() => startWorker({ USERS_API, LOG_LEVEL: "loud" })).toThrow("LOG_LEVEL must be one of");
  });
});
