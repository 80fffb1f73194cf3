import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { openDataFolder, POSTGRES_MAJOR } from "../../../tools/dev/postgres/data-folder.ts";
import { LocalPostgresError } from "../../../tools/dev/postgres/error.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "data-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("data folder", () => {
  const cluster = (): string => path.join(folder, "postgres");
  const writeVersion = (version: string): void => {
    mkdirSync(cluster(), { recursive: true });
    writeFileSync(path.join(cluster(), "PG_VERSION"), `${version}\n`);
  };

  test("Given an empty folder, then a cluster has to be made; given one, it is opened", ({ expect }) => {
    const first = openDataFolder(folder, false);
    expect(first.isNew).toBe(true);
    first.release();
    writeVersion(POSTGRES_MAJOR);
    const second = openDataFolder(folder, false);
    expect(second.isNew).toBe(false);
    second.release();
  });

  test("Given another owner of the folder, then it is refused with its pid and the way out", ({ expect }) => {
    const { release } = openDataFolder(folder, false);
    expect(() => openDataFolder(folder, false)).toThrow(new RegExp(`in use by process ${process.pid} .*DATA_DIR`));
    release();
  });

  test("Given a cluster of another version, then it is kept and refused, and --fresh replaces it", ({ expect }) => {
    writeVersion("12");
    expect(() => openDataFolder(folder, false)).toThrow(/made by PostgreSQL 12.*--fresh/);
    const fresh = openDataFolder(folder, true);
    expect(fresh.isNew).toBe(true);
    fresh.release();
  });

  test("Given something that is no cluster, then not even --fresh deletes it", ({ expect }) => {
    mkdirSync(cluster());
    writeFileSync(path.join(cluster(), "thesis.txt"), "years of work");
    expect(() => openDataFolder(folder, true)).toThrow(LocalPostgresError);
    expect(readFileSync(path.join(cluster(), "thesis.txt"), "utf8")).toBe("years of work");
  });

  test("Given a place where no folder can be made, then the error names it and the way out", ({ expect }) => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    expect(() => openDataFolder(path.join(file, "data"), false)).toThrow(/cannot be written.*DATA_DIR/);
  });
});
