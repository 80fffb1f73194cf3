import { describe, test } from "vitest";

import { readAccounts, readEmulatorAddresses } from "../../../ops/command/environment.ts";
import { parseSetupOptions } from "../../../ops/command/options.ts";
import { mayRetry, waitBefore } from "../../../ops/neon/retry.ts";

const REAL = { NEON_API_KEY: "key", CLOUDFLARE_API_TOKEN: "token", CLOUDFLARE_ACCOUNT_ID: "0".repeat(32) };
const LOCAL = "http://127.0.0.1:8790/x";

describe("the command line of the set-up", () => {
  test("is complete without a word", ({ expect }) => {
    expect(parseSetupOptions([])).toEqual({
      isDryRun: false,
      selected: ["staging", "production"],
      workerStore: "wrangler",
      pipelineStore: "github",
      isConfirmed: false,
    });
  });

  test.for([
    [["--only", "staging", "--yes"], { selected: ["staging"], isConfirmed: true }],
    [["--store", "print", "--print-secrets"], { workerStore: "print", pipelineStore: "print" }],
    [["--store=wrangler,print", "--print-secrets"], { workerStore: "wrangler", pipelineStore: "print" }],
    [["--store", "github", "--store", "print", "--print-secrets"], { workerStore: "print", pipelineStore: "github" }],
    [["--help"], null],
  ] as const)("takes %j", ([args, wanted], { expect }) => {
    const options = parseSetupOptions(args);
    if (wanted === null) expect(options).toBeNull();
    else expect(options).toMatchObject(wanted);
  });

  test.for([
    [["--store", "print"], "give --print-secrets too"],
    [["--print-secrets"], "belongs to --store print"],
    [["--store", "wrangler"], "add github, or print"],
    [["--store", "github"], "add wrangler, or print"],
    [["--store", "vault"], 'not "vault"'],
    [["--only", "preview"], 'not "preview"'],
    [["--force"], "--force"],
  ] as const)("refuses %j", ([args, words], { expect }) => {
    expect(() => parseSetupOptions(args)).toThrow(words);
  });
});

describe("the accounts", () => {
  test("are real, or emulators, never half of each", ({ expect }) => {
    expect(readAccounts(REAL)).toMatchObject({ neon: { apiUrl: "https://console.neon.tech/api/v2", orgId: null } });
    const emulated = { ...REAL, NEON_API_URL: LOCAL, CLOUDFLARE_API_BASE_URL: LOCAL };
    expect(readAccounts(emulated)).toMatchObject({ neon: { apiUrl: LOCAL }, cloudflare: { apiBaseUrl: LOCAL } });
    expect(() => readAccounts({ ...REAL, NEON_API_URL: LOCAL })).toThrow("both be emulators");
    expect(() => readAccounts({ ...REAL, NEON_API_URL: "https://neon.example" })).toThrow("NEON_API_URL must be unset");
    expect(() => readEmulatorAddresses({ ...REAL, PREVIEW_PROXY_URL: LOCAL })).toThrow("belong to emulators");
  });

  test("tell what is missing or malformed, and no value", ({ expect }) => {
    expect(() => readAccounts({})).toThrow("NEON_API_KEY, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID");
    expect(() => readAccounts({ ...REAL, CLOUDFLARE_ACCOUNT_ID: "x" })).toThrow("32 hexadecimal digits");
    expect(() => readAccounts({ ...REAL, NEON_API_KEY: "canary key" })).toThrow(
      /^NEON_API_KEY must be visible ASCII characters\.$/,
    );
  });
});

describe("repeating calls of Neon's API", () => {
  test.for([
    ["GET", 0, true],
    ["GET", 500, true],
    ["GET", 404, false],
    ["POST", 0, false],
    ["POST", 500, false],
    ["POST", 423, true],
    ["DELETE", 429, true],
    ["PATCH", 503, true],
  ] as const)("%s answered with %i: %s", ([method, status, isSafe], { expect }) => {
    expect(mayRetry(method, status)).toBe(isSafe);
  });

  test("waits longer each time, as long as it is asked to, and never for ever", ({ expect }) => {
    const waits = [1, 2, 3, 9].map((attempt) => waitBefore(attempt, null, () => 1));
    expect(waits).toEqual([500, 1_000, 2_000, 20_000]);
    expect(waitBefore(1, null, () => 0)).toBe(250);
    expect(waitBefore(1, "7", () => 1)).toBe(7_000);
    expect(waitBefore(1, "9999", () => 1)).toBe(60_000);
    expect(waitBefore(1, "tomorrow", () => 1)).toBe(500);
  });
});
