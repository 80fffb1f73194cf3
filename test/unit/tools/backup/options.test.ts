import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { describe, test } from "vitest";

import { parseBackupOptions } from "../../../../tools/backup/command/backup-options.ts";
import { parseDrillOptions } from "../../../../tools/backup/command/drill-options.ts";
import { resolveDirectUrl } from "../../../../tools/backup/database/direct-url.ts";
import { openR2 } from "../../../../tools/backup/storage/r2.ts";
import { keyOf } from "../../../../tools/backup/storage/remote-backups.ts";
import { UsageError } from "../../../../tools/command/usage-error.ts";
import { emptyManifest } from "../../../support/backup-manifest.ts";

const NOW = new Date("2026-11-30T08:19:34.567Z");
const parse = (...args: string[]) => parseBackupOptions(args, NOW);

describe("the options of npm run db:backup", () => {
  test("name the dump by its time, in a folder that git does not see", ({ expect }) => {
    expect(parse()).toMatchObject({
      dump: path.resolve(".data/backups/users-api-20261130T081934Z.dump"),
      keep: null,
      bucket: null,
      isExisting: false,
    });
    expect(parse("--out", "/b", "--name", "production", "--keep", "14", "--upload", "my-bucket")).toMatchObject({
      dump: "/b/production-20261130T081934Z.dump",
      keep: 14,
      bucket: "my-bucket",
    });
    expect(parse("--file", "/b/mine.dump")).toMatchObject({ dump: "/b/mine.dump" });
    expect(parse("--help")).toBeNull();
  });

  test.for([
    [["--out", "a", "--file", "b"], "--out and --file exclude each other"],
    [["--file", "a", "--keep", "1"], "--file and --keep exclude each other"],
    [["--existing", "a.dump"], "--existing needs --upload BUCKET"],
    [["--existing", "a.dump", "--upload", "bbb", "--keep", "2"], "--existing and --keep exclude each other"],
    [["--keep", "0"], "--keep must be a number from 1"],
    [["--keep", "many"], "--keep must be a number from 1"],
    [["--name", "../up"], "--name must be"],
    [["--upload", "My Bucket"], "--upload must name a bucket"],
    [["--upload", "bucket/key"], "--upload must name a bucket"],
    [["--quick"], "Unknown option '--quick'"],
    [["file"], "Unexpected argument 'file'"],
  ] as const)("%j is refused", ([args, message], { expect }) => {
    expect(() => parse(...args)).toThrow(message);
    expect(() => parse(...args)).toThrow(UsageError);
  });
});

describe("the options of npm run db:restore-drill", () => {
  test("take a file, the newest whole one of a folder, or one in R2", ({ expect, onTestFinished }) => {
    const folder = mkdtempSync(path.join(tmpdir(), "drill-options-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    for (const file of [
      "users-api-20260101T000000Z.dump",
      "users-api-20260101T000000Z.dump.sha256",
      "users-api-20260102T000000Z.dump",
      "users-api-20260102T000000Z.dump.sha256",
      // Without its checksums it is not whole; and another one's is none of ours.
      "users-api-20260103T000000Z.dump",
      "users-api-2-20260104T000000Z.dump",
      "users-api-2-20260104T000000Z.dump.sha256",
    ])
      writeFileSync(path.join(folder, file), "");
    const source = (...args: string[]) => parseDrillOptions(args)?.source;
    expect(source("--file", folder)).toEqual({ dump: path.join(folder, "users-api-20260102T000000Z.dump") });
    expect(source("--file", "/b/mine.dump")).toEqual({ dump: "/b/mine.dump" });
    expect(source("--download", "bucket")).toEqual({ bucket: "bucket", key: null });
    expect(source("--download", "bucket/a/b.dump")).toEqual({ bucket: "bucket", key: "a/b.dump" });
  });

  test.for([
    [["--file", "a.dump", "--download", "b"], "exclude each other"],
    [["--download", "bucket/a.json"], "must name a dump"],
    [["--file", "a.dump", "--scratch-url", "mysql://x"], "not of the form"],
    [["--file", "a.dump", "--scratch-url", "postgres://u:p@ep-x-pooler.neon.tech/db"], "connection pooler"],
    [["--file", "/nowhere"], "there is no backup named"],
  ] as const)("%j is refused", ([args, message], { expect }) => {
    expect(() => parseDrillOptions(args)).toThrow(message);
  });
});

describe("the database to back up", () => {
  const resolve = (flag: string | undefined, environment: Record<string, string> = {}) => {
    const lines: string[] = [];
    return { url: resolveDirectUrl(flag, environment, (line) => lines.push(line)), lines };
  };

  test("is the direct host of a pooled one of Neon, and it is said", ({ expect }) => {
    const urlOf = (host: string): string => `postgresql://u:${"p-pooler.x"}@${host}/db?sslmode=require`;
    expect(resolve(urlOf("ep-cool-1-pooler.eu.aws.neon.tech"))).toEqual({
      url: urlOf("ep-cool-1.eu.aws.neon.tech"),
      lines: [expect.stringContaining("the backup uses the direct host ep-cool-1.eu.aws.neon.tech")],
    });
  });

  test("is left as it is otherwise: flag, then MIGRATION_DATABASE_URL, then DATABASE_URL", ({ expect }) => {
    const both = { MIGRATION_DATABASE_URL: "postgres://m@h/db", DATABASE_URL: "postgres://d@h/db" };
    expect(resolve("postgres://f@h/db", both)).toEqual({ url: "postgres://f@h/db", lines: [] });
    expect(resolve(undefined, both).url).toBe("postgres://m@h/db");
    expect(resolve(undefined, { ...both, MIGRATION_DATABASE_URL: "" }).url).toBe("postgres://d@h/db");
    expect(() => resolve(undefined)).toThrow(UsageError);
  });
});

describe("R2", () => {
  test("keeps backups by environment and day", ({ expect }) => {
    expect(keyOf("production", emptyManifest())).toBe("production/2026/11/30/b.dump");
  });

  test.for(["http://api.cloudflare.com/client/v4", "https://evil.example/client/v4", "http://127.0.0.1.evil.example/"])(
    "is not asked at %s",
    (base, { expect }) => {
      const environment = { CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a", CLOUDFLARE_API_BASE_URL: base };
      expect(() => openR2(environment)).toThrow("CLOUDFLARE_API_BASE_URL must be unset");
    },
  );
});
