import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { openDataFolder, POSTGRES_MAJOR } from "../../../tools/dev/postgres/data-folder.ts";
import { LocalPostgresError } from "../../../tools/dev/postgres/error.ts";
import { acquireLock } from "../../../tools/dev/postgres/lock.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "data-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Above the highest pid that any supported system gives. */
const DEAD_PID = 2 ** 30;

describe("lock of the data folder", () => {
  test("Given a running owner, then the folder is refused and its pid named; after release it is free", ({
    expect,
  }) => {
    const file = path.join(folder, "lock");
    const release = acquireLock(file);
    expect(() => acquireLock(file)).toThrow(new RegExp(`in use by process ${process.pid} .*DATA_DIR`));
    release();
    acquireLock(file)();
  });

  test.for([`${DEAD_PID} 1`, `${process.pid} 1`])(
    "Given the lock of a process that is gone (%s), then it is taken over",
    (holder, { expect }) => {
      const file = path.join(folder, "lock");
      writeFileSync(file, holder);
      const release = acquireLock(file);
      expect(readFileSync(file, "utf8")).toMatch(new RegExp(`^${process.pid} `));
      release();
    },
  );
});

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
