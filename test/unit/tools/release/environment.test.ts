import { describe, test } from "vitest";

import { UsageError } from "../../../../tools/command/usage-error.ts";
import { readReleaseSecrets, readTarget } from "../../../../tools/release/command/environment.ts";

const SECRET = "s3cret-value";
const REAL = {
  RELEASE_URL: "https://users.example.com",
  CLOUDFLARE_API_TOKEN: SECRET,
  CLOUDFLARE_ACCOUNT_ID: "0123456789abcdef0123456789abcdef",
  RELEASE_API_KEYS: `${SECRET}1, ${SECRET}2`,
  MIGRATION_DATABASE_URL: `postgresql://user:${SECRET}@db.example.com/db`,
};
const EMULATOR = "http://127.0.0.1:8790/client/v4";
const REHEARSAL = {
  ...REAL,
  RELEASE_TARGET: "rehearsal",
  RELEASE_URL: "http://127.0.0.1:8791",
  CLOUDFLARE_API_BASE_URL: EMULATOR,
  MIGRATION_DATABASE_URL: `postgresql://user:${SECRET}@127.0.0.1:5432/db`,
};

describe("the environment of a release", () => {
  test("leads to Cloudflare unless it says otherwise", ({ expect }) => {
    expect(readTarget(REAL)).toEqual({
      kind: "cloudflare",
      apiBaseUrl: "https://api.cloudflare.com/client/v4",
      apiToken: SECRET,
      accountId: REAL.CLOUDFLARE_ACCOUNT_ID,
      url: "https://users.example.com",
    });
    expect(readTarget({ ...REAL, RELEASE_TARGET: "", CLOUDFLARE_API_BASE_URL: "" }).kind).toBe("cloudflare");
    expect(readReleaseSecrets(REAL)).toEqual({
      apiKeys: [`${SECRET}1`, `${SECRET}2`],
      databaseUrl: REAL.MIGRATION_DATABASE_URL,
      verifiedCommit: null,
    });
  });

  test("leads to the emulator in a rehearsal", ({ expect }) => {
    expect(readTarget(REHEARSAL)).toMatchObject({
      kind: "rehearsal",
      apiBaseUrl: EMULATOR,
      url: "http://127.0.0.1:8791",
    });
    expect(readReleaseSecrets(REHEARSAL).databaseUrl).toBe(REHEARSAL.MIGRATION_DATABASE_URL);
    for (const url of ["http://localhost:1", "http://[::1]:1"])
      expect(readTarget({ ...REHEARSAL, RELEASE_URL: url }).url).toBe(url);
    const { CLOUDFLARE_API_BASE_URL: base, ...others } = REHEARSAL;
    expect(readTarget({ ...others, CF_API_BASE_URL: base }).apiBaseUrl).toBe(EMULATOR);
  });

  test("names all that is missing at once", ({ expect }) => {
    expect(() => readReleaseSecrets({ RELEASE_URL: "" })).toThrow(
      /RELEASE_URL, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID, RELEASE_API_KEYS, MIGRATION_DATABASE_URL/,
    );
    expect(() => readTarget({})).toThrow(/RELEASE_URL, CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID\./);
  });

  test("takes the commit that was checked elsewhere", ({ expect }) => {
    const commit = "a".repeat(40);
    expect(readReleaseSecrets({ ...REAL, RELEASE_VERIFIED_COMMIT: commit }).verifiedCommit).toBe(commit);
    expect(readReleaseSecrets({ ...REAL, RELEASE_VERIFIED_COMMIT: "" }).verifiedCommit).toBeNull();
  });
});

describe("a target that disagrees with the addresses is refused", () => {
  test.for<readonly [what: string, env: Record<string, string>, message: string]>([
    ["an unknown target", { ...REAL, RELEASE_TARGET: "moon" }, "cloudflare or rehearsal"],
    [
      "cloudflare, emulator's API",
      { ...REAL, CLOUDFLARE_API_BASE_URL: EMULATOR },
      "must be unset or https://api.cloudflare.com",
    ],
    ["cloudflare, API's old name", { ...REAL, CF_API_BASE_URL: EMULATOR }, "CF_API_BASE_URL must be unset"],
    [
      "cloudflare, an API that looks alike",
      { ...REAL, CLOUDFLARE_API_BASE_URL: "https://api.cloudflare.com.evil.com/client/v4" },
      "must be unset",
    ],
    ["cloudflare, Worker on this machine", { ...REAL, RELEASE_URL: "https://127.0.0.1:8787" }, "not on this machine"],
    ["cloudflare, Worker without TLS", { ...REAL, RELEASE_URL: "http://users.example.com" }, "must be https"],
    [
      "cloudflare, the API in capitals",
      { ...REAL, CLOUDFLARE_API_BASE_URL: `https://${SECRET}@API.cloudflare.com/client/v4` },
      "must be unset or https://api.cloudflare.com/client/v4, to the letter",
    ],
    ["rehearsal, no API", { ...REHEARSAL, CLOUDFLARE_API_BASE_URL: "" }, "must be the emulator's"],
    [
      "rehearsal, real API",
      { ...REHEARSAL, CLOUDFLARE_API_BASE_URL: "https://api.cloudflare.com/client/v4" },
      "on this machine (the emulator)",
    ],
    [
      "rehearsal, an API that looks alike",
      { ...REHEARSAL, CLOUDFLARE_API_BASE_URL: "http://127.0.0.1.evil.com/" },
      "on this machine",
    ],
    ["rehearsal, two APIs", { ...REHEARSAL, CF_API_BASE_URL: "http://127.0.0.1:1/client/v4" }, "differ"],
    ["rehearsal, real Worker", { ...REHEARSAL, RELEASE_URL: "https://users.example.com" }, "must be on this machine"],
    [
      "rehearsal, real database",
      { ...REHEARSAL, MIGRATION_DATABASE_URL: REAL.MIGRATION_DATABASE_URL },
      "MIGRATION_DATABASE_URL must be on this machine",
    ],
    ["a path in the URL", { ...REAL, RELEASE_URL: "https://users.example.com/api" }, "without path"],
    ["no URL", { ...REAL, RELEASE_URL: "users.example.com" }, "RELEASE_URL must be"],
    ["no account", { ...REAL, CLOUDFLARE_ACCOUNT_ID: "mine" }, "32 hexadecimal digits"],
    ["a token of two lines", { ...REAL, CLOUDFLARE_API_TOKEN: `${SECRET}\n` }, "CLOUDFLARE_API_TOKEN must be"],
    ["an empty key", { ...REAL, RELEASE_API_KEYS: `${SECRET},` }, "RELEASE_API_KEYS must be"],
    [
      "a pooled database",
      { ...REAL, MIGRATION_DATABASE_URL: `postgresql://u:${SECRET}@a-pooler.neon.tech/db` },
      "connection pooler",
    ],
    ...["host=prod.example.com", "hostaddr=10.0.0.1", "port=6543", "sslmode=require&host=a-pooler.neon.tech"].map(
      (query): readonly [string, Record<string, string>, string] => [
        `a database URL with ${query}`,
        { ...REHEARSAL, MIGRATION_DATABASE_URL: `${REHEARSAL.MIGRATION_DATABASE_URL}?${query}` },
        "another server than the one it shows",
      ],
    ),
    ["a short commit", { ...REAL, RELEASE_VERIFIED_COMMIT: "abc1234" }, "full commit id"],
  ])("%s", ([, env, message], { expect }) => {
    const read = () => [readReleaseSecrets(env), readTarget(env)];
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(SECRET);
  });
});
