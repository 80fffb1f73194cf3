import { describe, test } from "vitest";

import {
  describeEnd,
  explainFailure,
  findRefusal,
  findUploadedId,
  isUnknownWorker,
  parseDeployments,
} from "../../../../tools/release/cloudflare/wrangler-answers.ts";
import { wranglerEnvironment } from "../../../../tools/release/cloudflare/wrangler-process.ts";

const deployment = (id: string, minute: number, message?: string) => ({
  id,
  created_on: `2026-01-01T00:0${minute}:00.000Z`,
  annotations: message === undefined ? {} : { "workers/message": message },
  versions: [{ version_id: "v", percentage: 100 }],
});

describe("what wrangler says", () => {
  test("deployments come newest first", ({ expect }) => {
    const printed = JSON.stringify([deployment("1", 1), deployment("2", 2, "second")]);
    expect(parseDeployments(printed)).toEqual([
      {
        id: "2",
        createdOn: "2026-01-01T00:02:00.000Z",
        message: "second",
        versions: [{ versionId: "v", percentage: 100 }],
      },
      {
        id: "1",
        createdOn: "2026-01-01T00:01:00.000Z",
        message: null,
        versions: [{ versionId: "v", percentage: 100 }],
      },
    ]);
  });

  test.for(["", "{}", '[{"id":1}]', '[{"id":"1","created_on":"x","versions":[{"version_id":"v"}]}]'])(
    "an answer that is none is refused: %s",
    (printed, { expect }) => {
      expect(() => parseDeployments(printed)).toThrow();
    },
  );

  test("the id of an upload is found among the events", ({ expect }) => {
    expect(findUploadedId([{ type: "wrangler-session" }, { type: "version-upload", version_id: "v" }])).toBe("v");
    expect(findUploadedId([{ type: "version-upload", version_id: null }])).toBeNull();
    expect(findUploadedId([])).toBeNull();
  });

  test("a Worker that was never deployed is told from other failures", ({ expect }) => {
    expect(isUnknownWorker("This Worker does not exist on your account. [code: 10007]")).toBe(true);
    expect(isUnknownWorker("Internal error [code: 10013]")).toBe(false);
  });

  test("a failure is explained from its error on, without stack traces and secrets", ({ expect }) => {
    const output = "Total Upload: 1\n\n✘ [ERROR] Bad token s3cret\n\n    at run (cli.js:1:2)\n  code: 1";
    expect(explainFailure(output, ["s3cret", ""])).toBe("✘ [ERROR] Bad token ***\n  code: 1");
    expect(explainFailure(Array.from({ length: 50 }, (_, line) => `line ${line}`).join("\n"), [])).toMatch(
      /^line 38\n[^]*line 49$/,
    );
  });
});

describe("the environment of wrangler", () => {
  const options = { apiBaseUrl: "http://127.0.0.1:1/client/v4", apiToken: "token", accountId: "account" };

  test("always says where to go, whatever was set outside", ({ expect }) => {
    const environment = { CLOUDFLARE_API_BASE_URL: "x", CLOUDFLARE_API_TOKEN: "y", CLOUDFLARE_ENV: "z", PATH: "/bin" };
    expect(wranglerEnvironment({ ...options, environment })).toMatchObject({
      PATH: "/bin",
      CLOUDFLARE_API_BASE_URL: options.apiBaseUrl,
      CLOUDFLARE_API_TOKEN: "token",
      CLOUDFLARE_ACCOUNT_ID: "account",
      WRANGLER_SEND_METRICS: "false",
      CI: "1",
    });
  });

  test.for([
    "MIGRATION_DATABASE_URL",
    "DATABASE_URL",
    "RELEASE_API_KEYS",
    "API_KEYS",
    "CLOUDFLARE_ENV",
    "CLOUDFLARE_API_KEY",
    "CF_API_BASE_URL",
    "WRANGLER_API_ENVIRONMENT",
    "NODE_OPTIONS",
    "FORCE_COLOR",
  ])("holds no %s", (name, { expect }) => {
    expect(wranglerEnvironment({ ...options, environment: { [name]: "x" } })).not.toHaveProperty(name);
  });
});

test.for([
  ["This Worker has no version a. [code: 10404]", "unknown-version"],
  ["This Worker does not exist. [code: 10007]", null],
  ["  Script startup exceeded CPU time limit.\n   [code: 10021]", "startup-limit"],
  ["  Script startup timed out. [code: 10021]", "startup-limit"],
  ["  Uncaught ReferenceError: startup is not defined\n    at startup.js:1:1 [code: 10021]", null],
  ["  Script startup exceeded CPU time limit.", null],
] as const)("a refusal is told by Cloudflare's code and words: %s", ([output, refusal], { expect }) => {
  expect(findRefusal(output)).toBe(refusal);
});

test("the time limit is named only when it was reached", ({ expect }) => {
  const end = { exitCode: 1, endedBy: "SIGKILL", isOverdue: false } as const;
  expect(describeEnd(end, 180_000)).toBe("\nEnded by SIGKILL.");
  expect(describeEnd({ ...end, isOverdue: true }, 180_000)).toBe("\nEnded by SIGKILL; the time limit is 180 s.");
  expect(describeEnd({ ...end, endedBy: null }, 180_000)).toBe("");
});
