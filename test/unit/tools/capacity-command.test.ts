import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { describe, test } from "vitest";

import { HELP } from "../../../tools/capacity/help.ts";
import { ROOT } from "../../../tools/process/run-script.ts";

function run(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "tools/capacity/main.ts"), ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("npm run capacity", () => {
  test("explains itself", ({ expect }) => {
    expect(run("--help")).toEqual({ status: 0, stdout: HELP, stderr: "" });
  });

  test("prints a report, or JSON that a program can read", ({ expect }) => {
    const report = run("--rps", "1000", "--read-share", "0.9");
    expect(report).toMatchObject({ status: 0, stderr: "" });
    expect(report.stdout).toMatch(/^1,000 requests per second: 720 gets, 180 lists, 100 writes/);
    expect(JSON.parse(run("--rps", "10", "--json").stdout)).toMatchObject({ scenario: { requestsPerSecond: 10 } });
  });

  test("ends with 2 and one clear sentence when it was called wrongly", ({ expect }) => {
    expect(run("--rps", "lots")).toEqual({
      status: 2,
      stdout: "",
      stderr: '--rps must be a number above 0, not "lots".\nSee npm run capacity -- --help\n',
    });
  });

  test("checks the page", ({ expect }) => {
    expect(run("--check")).toEqual({ status: 0, stdout: "docs/scaling.md has the model's tables\n", stderr: "" });
  });
});
