import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { findNamed, findPreviousRelease, unpack } from "../../../../tools/previous-release/history.ts";
import { git } from "../../../../tools/rehearsal/scenarios/git.ts";

let folder: string;
let root: string;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "history-"));
  root = path.join(folder, "project");
  mkdirSync(root);
  await git(root, "init", "--quiet", "--initial-branch=main");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files and commits them; gives the commit's id. */
async function commit(files: Readonly<Record<string, string>> = {}): Promise<string> {
  write(files);
  await git(root, "add", "--all");
  await git(root, "commit", "--quiet", "--allow-empty", "--message=change");
  return (await git(root, "rev-parse", "HEAD")).trim();
}

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

const OLD = { "migrations/0000_old.sql": "1" };
const NEW = { "migrations/0001_new.sql": "2" };
const NEWEST = { "migrations/0002_newest.sql": "3" };

describe("without a tag, the previous release is", () => {
  test("the commit before the oldest migration that is not released", async ({ expect }) => {
    await commit(OLD);
    const before = await commit();
    await commit(NEW);
    await commit(NEWEST);
    await commit();
    expect(await findPreviousRelease(root, ["0001_new", "0002_newest"])).toEqual({
      commit: before,
      label: "the commit before 0001_new",
    });
  });

  test("what is checked out, when the migration is not committed yet", async ({ expect }) => {
    const head = await commit(OLD);
    write(NEW);
    expect(await findPreviousRelease(root, ["0001_new"])).toMatchObject({ commit: head });
  });

  test("before a later one, when the history begins with the first", async ({ expect }) => {
    const first = await commit({ ...OLD, ...NEW });
    await commit(NEWEST);
    expect(await findPreviousRelease(root, ["0001_new", "0002_newest"])).toMatchObject({ commit: first });
  });
});

describe("with tags, it is", () => {
  test("the last one like v1.2.3 before what is checked out", async ({ expect }) => {
    await commit(OLD);
    await git(root, "tag", "v1.0.0");
    const second = await commit();
    await git(root, "tag", "v1.1.0");
    await commit(NEW);
    await git(root, "tag", "nightly");
    await commit();
    expect(await findPreviousRelease(root, ["0001_new"])).toEqual({ commit: second, label: "tag v1.1.0" });
  });

  test("not the one that is checked out, unless it was changed", async ({ expect }) => {
    const first = await commit(OLD);
    await git(root, "tag", "v1.0.0");
    const second = await commit(NEW);
    await git(root, "tag", "v2.0.0");
    expect(await findPreviousRelease(root, ["0001_new"])).toMatchObject({ commit: first, label: "tag v1.0.0" });
    write(NEWEST);
    expect(await findPreviousRelease(root, ["0002_newest"])).toMatchObject({ commit: second, label: "tag v2.0.0" });
  });
});

describe("without history", () => {
  test("it says so: no repository", async ({ expect }) => {
    rmSync(path.join(root, ".git"), { recursive: true });
    await expect(findPreviousRelease(root, ["0001_new"])).rejects.toThrow("this is no git repository");
  });

  test("it says so: nothing was committed before", async ({ expect }) => {
    await commit(NEW);
    await expect(findPreviousRelease(root, ["0001_new"])).rejects.toThrow("nothing was committed before 0001_new");
  });

  test("it says so: a shallow clone", async ({ expect }) => {
    await commit(OLD);
    await commit(NEW);
    const clone = path.join(folder, "clone");
    await git(folder, "clone", "--quiet", "--depth=1", `file://${root}`, clone);
    await expect(findPreviousRelease(clone, ["0001_new"])).rejects.toThrow("fetch-depth: 0");
  });

  test("it says so: a name that git does not know", async ({ expect }) => {
    await commit(OLD);
    await expect(findNamed(root, "v9")).rejects.toThrow("git knows no commit named v9 here");
  });
});

test("unpacking gives the files as they were, links the packages, and leaves the repository as it was", async ({
  expect,
}) => {
  const first = await commit({ ...OLD, "package-lock.json": "{}", "a/b.txt": "then" });
  await commit({ "a/b.txt": "now", "c.txt": "new" });
  write({ "c.txt": "changed" });
  await git(root, "add", "c.txt");
  const target = path.join(folder, "target");
  await unpack(root, first, target);
  expect(readFileSync(path.join(target, "a/b.txt"), "utf8")).toBe("then");
  expect(existsSync(path.join(target, "c.txt"))).toBe(false);
  expect(readlinkSync(path.join(target, "node_modules"))).toBe(path.join(root, "node_modules"));
  expect(await git(root, "status", "--porcelain")).toBe("M  c.txt\n");
  expect((await git(root, "worktree", "list")).trim().split("\n")).toHaveLength(1);
});

test("what asks for other packages gets none of ours", async ({ expect }) => {
  const first = await commit({ ...OLD, "package-lock.json": "{}" });
  await commit({ "package-lock.json": '{"packages":{}}' });
  const target = path.join(folder, "target");
  await unpack(root, first, target);
  expect(existsSync(path.join(target, "node_modules"))).toBe(false);
});
