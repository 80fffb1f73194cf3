import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { beforeAll, describe, test } from "vitest";

import { createTestDatabase, filesIn, makeFolder, runBackupCommand, withClient } from "../support/backup-commands.ts";
import { fillDatabase } from "../support/backup-data.ts";
import { type FakeR2, startFakeR2 } from "../support/fake-r2.ts";

const BUCKET = "users-backups";
const NAME = ["--name", "production"] as const;

let url: string;

beforeAll(async () => {
  url = await createTestDatabase({ isMigrated: true });
  await withClient(url, fillDatabase);
});

type OnTestFinished = (clean: () => void | Promise<void>) => void;

async function open(onTestFinished: OnTestFinished): Promise<{ r2: FakeR2; folder: string }> {
  const r2 = await startFakeR2(BUCKET);
  onTestFinished(() => r2.close());
  return { r2, folder: makeFolder(onTestFinished) };
}

const backup = (folder: string, { environment }: FakeR2, bucket = BUCKET) =>
  runBackupCommand("backup", ["--out", folder, ...NAME, "--upload", bucket], { ...environment, DATABASE_URL: url });
const drill = (place: string, { environment }: FakeR2) =>
  runBackupCommand("drill", ["--download", place, ...NAME, "--service"], environment);

describe("a backup in R2", () => {
  test("is uploaded by wrangler under its day, byte for byte, the note of the newest last", async ({
    expect,
    onTestFinished,
  }) => {
    const { r2, folder } = await open(onTestFinished);
    const { exitCode, output } = await backup(folder, r2);
    const [dump = ""] = filesIn(folder);
    const [, year, month, day] = /-(\d{4})(\d\d)(\d\d)T/.exec(dump) ?? [];
    const key = `production/${year}/${month}/${day}/${dump}`;
    expect(output).toContain(`Uploaded ${BUCKET}/${key}`);
    expect(exitCode).toBe(0);
    const uploads = [key, `${key}.json`, `${key}.sha256`].map((each) => `PUT ${BUCKET}/${each}`);
    expect(r2.calls.slice(0, -1).toSorted()).toEqual(uploads);
    expect(r2.calls.at(-1)).toBe(`PUT ${BUCKET}/production/latest.json`);
    for (const file of filesIn(folder)) {
      const stored = r2.objects.get(`${BUCKET}/production/${year}/${month}/${day}/${file}`);
      expect(stored?.equals(readFileSync(path.join(folder, file))), file).toBe(true);
    }
  });

  test("is restored from there, the newest or the one that is named", async ({ expect, onTestFinished }) => {
    const { r2, folder } = await open(onTestFinished);
    await backup(folder, r2);
    const key = [...r2.objects.keys()].find((each) => each.endsWith(".dump")) ?? "";
    for (const place of [BUCKET, key]) {
      const { exitCode, output } = await drill(place, r2);
      expect(output).toContain("is equal to what was dumped");
      expect(exitCode).toBe(0);
    }
  });

  test("stays on this disk when it cannot be uploaded, and goes there later", async ({ expect, onTestFinished }) => {
    const { r2, folder } = await open(onTestFinished);
    r2.refuse(".sha256");
    const { exitCode, output } = await backup(folder, r2);
    expect(output).toContain("error: the backup is whole, but was not uploaded: wrangler r2 object put");
    expect(output).toContain("403");
    expect(output).toMatch(
      /Try again: npm run db:backup -- --existing \S+\.dump --name production --upload users-backups/,
    );
    expect(output).not.toContain(r2.environment["CLOUDFLARE_API_TOKEN"]);
    expect(exitCode).toBe(3);
    expect(filesIn(folder)).toHaveLength(3);
    // What is incomplete is not called the newest.
    expect([...r2.objects.keys()]).not.toContain(`${BUCKET}/production/latest.json`);

    const other = await startFakeR2(BUCKET);
    onTestFinished(() => other.close());
    const args = ["--existing", folder, ...NAME, "--upload", BUCKET];
    const again = await runBackupCommand("backup", args, other.environment);
    expect(again.exitCode).toBe(0);
    expect(other.objects.size).toBe(4);
  });

  test("is not uploaded into a bucket that is not there", async ({ expect, onTestFinished }) => {
    const { r2, folder } = await open(onTestFinished);
    const { exitCode, output } = await backup(folder, r2, "another-bucket");
    expect(output).toContain("The specified bucket does not exist");
    expect(exitCode).toBe(3);
  });

  test("is not uploaded when it is damaged", async ({ expect, onTestFinished }) => {
    const { r2, folder } = await open(onTestFinished);
    await runBackupCommand("backup", ["--out", folder, ...NAME], { DATABASE_URL: url });
    writeFileSync(path.join(folder, filesIn(folder)[0] ?? ""), "damaged");
    const args = ["--existing", folder, ...NAME, "--upload", BUCKET];
    const { exitCode, output } = await runBackupCommand("backup", args, r2.environment);
    expect(output).toContain("it was cut short or replaced");
    expect(exitCode).toBe(3);
    expect(r2.calls).toEqual([]);
  });

  test("is not good when it is damaged there", async ({ expect, onTestFinished }) => {
    const { r2, folder } = await open(onTestFinished);
    await backup(folder, r2);
    for (const [key, object] of r2.objects)
      if (key.endsWith(".dump")) object[object.length - 1] = (object.at(-1) ?? 0) ^ 1;
    const { exitCode, output } = await drill(BUCKET, r2);
    expect(output).toContain("was changed or damaged");
    expect(exitCode).toBe(3);
  });

  test("is told to be missing when it is", async ({ expect, onTestFinished }) => {
    const { r2 } = await open(onTestFinished);
    const { exitCode, output } = await drill(BUCKET, r2);
    expect(output).toContain(`wrangler r2 object get ${BUCKET}/production/latest.json failed`);
    expect(output).toContain("The specified key does not exist");
    expect(exitCode).toBe(1);
  });

  test("needs credentials, before anything is dumped", async ({ expect, onTestFinished }) => {
    const folder = makeFolder(onTestFinished);
    const args = ["--out", folder, "--upload", BUCKET];
    const { exitCode, output } = await runBackupCommand("backup", args, { DATABASE_URL: url });
    expect(output).toContain("missing in the environment, for R2: CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID");
    expect(exitCode).toBe(2);
    expect(filesIn(folder)).toEqual([]);
  });
});
