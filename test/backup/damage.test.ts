import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { formatManifest, type Manifest, parseManifest } from "../../tools/backup/files/manifest.ts";
import { createTestDatabase, filesIn, makeFolder, runBackupCommand, withClient } from "../support/backup-commands.ts";
import { fillDatabase } from "../support/backup-data.ts";

const NAMES = ["b.dump", "b.dump.json", "b.dump.sha256"] as const;

let original: string;
let removeOriginal: () => void;

afterAll(() => removeOriginal());

beforeAll(async () => {
  original = makeFolder((clean) => (removeOriginal = clean));
  const url = await createTestDatabase({ isMigrated: true });
  await withClient(url, fillDatabase);
  const { exitCode, output } = await runBackupCommand("backup", ["--file", path.join(original, "b.dump")], {
    DATABASE_URL: url,
  });
  if (exitCode !== 0) throw new Error(output);
});

/** A copy of the backup, to be damaged. */
function copy(onTestFinished: (clean: () => void) => void) {
  const folder = makeFolder(onTestFinished);
  for (const name of NAMES) copyFileSync(path.join(original, name), path.join(folder, name));
  const at = (name: string): string => path.join(folder, name);
  return { folder, dump: at("b.dump"), manifest: at("b.dump.json"), sums: at("b.dump.sha256") };
}

const drill = (dump: string) => runBackupCommand("drill", ["--file", dump]);

/** Changes one byte, at a part of the file's length. */
function flipByte(file: string, part: number): void {
  const bytes = readFileSync(file);
  const at = Math.floor(bytes.length * part);
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(file, bytes);
}

/** Makes the checksums agree with files that were changed, as somebody who wants to deceive would, or a mistake of our own. */
function sign({ folder, sums }: { folder: string; sums: string }): void {
  const line = (name: string) =>
    `${createHash("sha256")
      .update(readFileSync(path.join(folder, name)))
      .digest("hex")}  ${name}\n`;
  writeFileSync(sums, `${line("b.dump")}${line("b.dump.json")}`);
}

function changeManifest({ manifest }: { manifest: string }, change: (manifest: Manifest) => unknown): void {
  const content = structuredClone(parseManifest(readFileSync(manifest, "utf8"), manifest));
  change(content);
  writeFileSync(manifest, formatManifest(content));
}

describe("a drill on damaged files", () => {
  test.for([0.1, 0.5, 0.99])(
    "sees one changed bit of the dump (at %s of its length)",
    async (part, { expect, onTestFinished }) => {
      const { dump } = copy(onTestFinished);
      flipByte(dump, part);
      const { exitCode, output } = await drill(dump);
      expect(output).toMatch(/b\.dump was changed or damaged: its SHA-256 is [0-9a-f]{64}, recorded is [0-9a-f]{64}/);
      expect(exitCode).toBe(3);
    },
  );

  test("sees that the dump was cut short", async ({ expect, onTestFinished }) => {
    const { dump } = copy(onTestFinished);
    truncateSync(dump, readFileSync(dump).length - 1);
    const { exitCode, output } = await drill(dump);
    expect(output).toMatch(/has \d+ bytes instead of \d+: it was cut short or replaced/);
    expect(exitCode).toBe(3);
  });

  test("sees that the manifest was changed", async ({ expect, onTestFinished }) => {
    const files = copy(onTestFinished);
    changeManifest(files, (manifest) => Object.assign(manifest, { takenAt: "2020-01-01T00:00:00.000Z" }));
    const { exitCode, output } = await drill(files.dump);
    expect(output).toContain("b.dump.json was changed or damaged");
    expect(exitCode).toBe(3);
  });

  test.for(NAMES)("asks for all three files: %s", async (name, { expect, onTestFinished }) => {
    const files = copy(onTestFinished);
    rmSync(path.join(files.folder, name));
    const { exitCode, output } = await drill(files.dump);
    expect(output).toContain(`${path.join(files.folder, name)} is missing`);
    expect(exitCode).toBe(3);
  });
});

describe("a drill on files whose checksums agree", () => {
  test("names the table whose rows are not those of the manifest", async ({ expect, onTestFinished }) => {
    const files = copy(onTestFinished);
    changeManifest(files, ({ content }) => {
      const users = content.tables.find(({ table }) => table === "public.users");
      Object.assign(users ?? {}, { checksum: "0".repeat(32) });
    });
    sign(files);
    const { exitCode, output } = await drill(files.dump);
    expect(output).toMatch(/^public\.users .* DIFFERENT$/m);
    expect(output).toContain("! public.users has as many rows, but others");
    expect(output).toContain("NOT EQUAL: b.dump has 1 difference. Do not rely on this backup");
    expect(exitCode).toBe(3);
  });

  test("names what is missing: a table, a constraint, an index, a function, a migration", async ({
    expect,
    onTestFinished,
  }) => {
    const files = copy(onTestFinished);
    changeManifest(files, (manifest) => {
      const { tables, structure, migrations } = manifest.content;
      const [users] = tables.filter(({ table }) => table === "public.users");
      Object.assign(manifest.content, {
        tables: [...tables, { ...users, table: "public.orders" }],
        migrations: [...migrations, { name: "0099_orders", hash: "f".repeat(64) }],
        structure: {
          constraints: [
            ...structure.constraints,
            { name: "public.users age", definition: "CHECK (age > 0)", isValid: true },
          ],
          indexes: structure.indexes.map((index) => ({ ...index, definition: `${index.definition} WHERE false` })),
          objects: structure.objects.map((object) => object.replace(/.$/, "z")),
        },
      });
    });
    sign(files);
    const { exitCode, output } = await drill(files.dump);
    expect(output).toContain("! public.orders is missing");
    expect(output).toContain("! missing in constraints: public.users age: CHECK (age > 0)");
    expect(output).toMatch(/! missing in indexes: .* WHERE false/);
    expect(output).toMatch(/! missing in other objects: function public\.is_email/);
    expect(output).toContain("! missing in migrations: 0099_orders (ffffffffffff)");
    expect(exitCode).toBe(3);
  });

  test("gives pg_restore's words for a dump that it cannot read", async ({ expect, onTestFinished }) => {
    const files = copy(onTestFinished);
    const bytes = readFileSync(files.dump);
    const at = Math.floor(bytes.length / 2);
    bytes.fill(0x55, at, at + 40);
    writeFileSync(files.dump, bytes);
    changeManifest(files, (manifest) => Object.assign(manifest.dump, { bytes: bytes.length }));
    sign(files);
    const { exitCode, output } = await drill(files.dump);
    expect(output).toMatch(/b\.dump cannot be restored: pg_restore failed \(exit code 1\): ./);
    expect(exitCode).toBe(3);
  });

  test("a manifest of another form is none", async ({ expect, onTestFinished }) => {
    const files = copy(onTestFinished);
    writeFileSync(files.manifest, `{"format":2}`);
    sign(files);
    const { exitCode, output } = await drill(files.dump);
    expect(output).toContain("b.dump.json is no manifest of a backup");
    expect(exitCode).toBe(3);
  });

  test("leaves none of the originals changed", ({ expect }) => {
    expect(filesIn(original)).toEqual(NAMES);
  });
});
