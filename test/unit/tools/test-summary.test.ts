import { describe, test } from "vitest";

import { summarize, withProjects } from "../../../tools/test.ts";

const report = (overrides: Partial<NonNullable<Parameters<typeof summarize>[0]>> = {}) => ({
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: "passed", assertionResults: [{ status: "passed" }] }],
  ...overrides,
});

describe("the last line of npm test", () => {
  test("counts passed, failed and skipped tests", ({ expect }) => {
    const mixed = report({
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [{ status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] }],
    });
    expect(summarize(report(), 0)).toEqual({ passed: 3, failed: 0, skipped: 0 });
    expect(summarize(mixed, 1)).toEqual({ passed: 3, failed: 1, skipped: 3 });
  });

  test("counts a file that could not be loaded, or whose setup failed, as one failure", ({ expect }) => {
    const notLoaded = { status: "failed", assertionResults: [] };
    const setupFailed = { status: "failed", assertionResults: [{ status: "skipped" }] };
    expect(summarize(report({ testResults: [notLoaded, setupFailed] }), 1).failed).toBe(2);
  });

  test("is a failure when no test ran, no report was written, or vitest failed for another reason", ({ expect }) => {
    expect(summarize(report({ numPassedTests: 0, testResults: [] }), 0).failed).toBe(1);
    expect(summarize(undefined, 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
    expect(summarize(report(), 1).failed).toBe(1);
  });
});

describe("what npm test runs", () => {
  const service = ["--project", "unit", "--project", "http", "--project", "integration"];

  test.for<[readonly string[], readonly string[]]>([
    [[], service],
    [
      ["-t", "a name"],
      [...service, "-t", "a name"],
    ],
    [["walk"], [...service, "walk"]],
    [
      ["--project", "system"],
      ["--project", "system"],
    ],
    [["--project=http"], ["--project=http"]],
    [["test/system/start.test.ts"], ["test/system/start.test.ts"]],
    [["./test/unit"], ["./test/unit"]],
  ])("for %j is %j: the service, unless projects or files are named", ([given, expected], { expect }) => {
    expect(withProjects(given)).toEqual(expected);
  });
});
