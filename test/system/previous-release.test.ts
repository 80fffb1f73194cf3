import { spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, test } from "vitest";

import { git } from "../../tools/rehearsal/scenarios/git.ts";
import { breakSchema, expandSchema } from "../../tools/rehearsal/scenarios/overlays.ts";
import { copyProject, type ProjectCopy } from "../../tools/rehearsal/scenarios/project-copy.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const TIMEOUT_MS = 240_000;

let folder: string;
/** The project as it is, tagged as a release of its own. */
let copy: ProjectCopy;
let release: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), "previous-release-")));
  copy = await copyProject(ROOT, path.join(folder, "project"));
  release = await copy.commit("The project as it is");
  await git(copy.folder, "tag", "v1.0.0");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command of the copy; gives its exit code and output. */
function run(...args: readonly string[]): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const script = path.join(copy.folder, "tools/previous-release/main.ts");
  const child = spawn(process.execPath, ["--no-warnings", script, ...args], { cwd: copy.folder });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += String(chunk)));
  return new Promise((resolve) => child.once("close", (exitCode) => resolve({ exitCode, output })));
}

describe("the previous release, on the schema of the next one,", () => {
  test(
    "passes its smoke test when a migration only expands",
    async ({ expect }) => {
      await copy.reset(release);
      expandSchema(copy);
      await copy.commit("A new column");
      const { exitCode, output } = await run();
      expect(output).toContain("Previous release: tag v1.0.0");
      expect(output).toMatch(/^ok {4}with \d{4}_add_nickname, it passes its own smoke test$/m);
      expect(output).toMatch(/^ok {4}this checkout is not ready on a schema without \d{4}_add_nickname$/m);
      expect({ exitCode, last: output.trimEnd().split("\n").at(-1) }).toEqual({
        exitCode: 0,
        last: "6 passed, 0 failed",
      });
    },
    TIMEOUT_MS,
  );

  test(
    "fails when a migration takes away what it reads",
    async ({ expect }) => {
      await copy.reset(release);
      breakSchema(copy);
      await copy.commit("A renamed column");
      const { exitCode, output } = await run();
      expect(output).toMatch(/^ok {4}on its own schema, the previous release passes its own smoke test$/m);
      expect(output).toMatch(
        /^FAIL {2}with \d{4}_rename_full_name, it passes its own smoke test\n {8}its tools\/smoke/m,
      );
      expect(output).toMatch(/^FAIL {2}it answers as before about the users that were there\n {8}before: 200 .*jdoe/m);
      expect({ exitCode, last: output.trimEnd().split("\n").at(-1) }).toEqual({
        exitCode: 1,
        last: "4 passed, 2 failed",
      });
    },
    TIMEOUT_MS,
  );
});

describe("the command", () => {
  test("tells what it needs when there is nothing to compare with", async ({ expect }) => {
    const { exitCode, output } = await run("--commit", "v0.0.0");
    expect({ exitCode, output }).toEqual({
      exitCode: 75,
      output: "no previous release: git knows no commit named v0.0.0 here\n",
    });
  });

  test("explains itself and tells mistakes apart", async ({ expect }) => {
    expect(await run("--help")).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining("Usage: npm run test:previous-release"),
    });
    expect(await run("--unknown")).toMatchObject({ exitCode: 2, output: expect.stringContaining("--help") });
  });
});
