import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test as base } from "vitest";

import { git } from "../../../../../tools/rehearsal/scenarios/git.ts";
import { copyProject } from "../../../../../tools/rehearsal/scenarios/project-copy.ts";

const test = base.extend<{ folder: string; root: string }>({
  // oxlint-disable-next-line no-empty-pattern -- vitest reads the pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "project-copy-"));
    await use(folder);
    rmSync(folder, { recursive: true });
  },
  root: async ({ folder }, use) => {
    const root = join(folder, "root");
    for (const sub of ["src", "node_modules/left-pad", "dist"]) mkdirSync(join(root, sub), { recursive: true });
    writeFileSync(join(root, ".gitignore"), "node_modules/\ndist/\n.dev.vars\n");
    for (const file of ["src/index.ts", "node_modules/left-pad/index.js", "dist/out.js", ".dev.vars"]) {
      writeFileSync(join(root, file), "original");
    }
    await use(root);
  },
});

test.for([true, false])(
  "has the project's files and nothing else (git: %s)",
  async (hasGit, { root, folder, expect }) => {
    if (hasGit) execFileSync("git", ["init", "--quiet"], { cwd: root });
    const copy = await copyProject(root, join(folder, "copy"));
    expect(copy.read("src/index.ts")).toBe("original");
    expect(lstatSync(join(copy.folder, "node_modules")).isSymbolicLink()).toBe(true);
    expect(existsSync(join(copy.folder, "dist"))).toBe(false);
    expect(existsSync(join(copy.folder, ".dev.vars"))).toBe(false);
  },
);

test("is clean after a commit, and goes back to one", async ({ root, folder, expect }) => {
  const copy = await copyProject(root, join(folder, "copy"));
  const first = await copy.commit("first");
  copy.write("src/new/file.ts", "new");
  copy.write("src/index.ts", "changed");
  const second = await copy.commit("second");
  expect(second).toMatch(/^[0-9a-f]{40}$/);
  expect(await git(copy.folder, "status", "--porcelain")).toBe("");
  copy.write("src/left-over.ts", "");
  await copy.reset(first);
  expect(copy.read("src/index.ts")).toBe("original");
  expect(existsSync(join(copy.folder, "src/new/file.ts"))).toBe(false);
  expect(existsSync(join(copy.folder, "src/left-over.ts"))).toBe(false);
  expect(await git(copy.folder, "status", "--porcelain")).toBe("");
});

test("leaves out what was deleted and not committed", async ({ root, folder, expect }) => {
  await git(folder, "init", "--quiet", root);
  await git(root, "add", "--all");
  rmSync(join(root, "src/index.ts"));
  const copy = await copyProject(root, join(folder, "copy"));
  expect(existsSync(join(copy.folder, "src/index.ts"))).toBe(false);
});
