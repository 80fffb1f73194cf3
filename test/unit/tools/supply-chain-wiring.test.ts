import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, test } from "vitest";

import { ROOT } from "../../../tools/process/run-script.ts";
import { STEPS } from "../../../tools/verify/steps.ts";
import { readWorkflow } from "../../../tools/workflows/workflow.ts";

const workflow = (name: string) => {
  const path = `.github/workflows/${name}`;
  return readWorkflow(path, readFileSync(join(ROOT, path), "utf8"));
};

describe("what guards the supply chain is wired in", () => {
  test("secrets, licences and workflows are steps of npm run verify", ({ expect }) => {
    const names = STEPS.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["secrets", "licenses", "workflows"]));
  });

  test("each push runs verify and the audit, and a release runs the same first", ({ expect }) => {
    const ci = workflow("ci.yml");
    const scripts = Object.values(ci.jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));
    expect(scripts).toEqual(expect.arrayContaining(["npm run verify", "npm run audit"]));
    expect(ci.on).toHaveProperty("push");
    const calls = Object.values(workflow("release.yml").jobs).map(({ uses }) => uses);
    expect(calls).toContain("./.github/workflows/ci.yml");
  });
});
