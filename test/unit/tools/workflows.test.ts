import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, test } from "vitest";

import { ROOT } from "../../../tools/process/run-script.ts";
import { actionlint } from "../../../tools/workflows/actionlint.ts";
import { checkWorkflows } from "../../../tools/workflows/check.ts";
import { readWorkflow } from "../../../tools/workflows/workflow.ts";

const BROKEN = `
on: push
jobs:
  build:
    runs-on: ubuntu-99.04
    needs: nothing
    permissions: { everything: write }
    steps:
      - run: echo \${{ github.event.issue.title }}
      - run: echo \${{ githup.sha }}
        shel: bash
`;

describe("actionlint", () => {
  test("finds what GitHub would refuse, and what would be dangerous", async ({ expect }) => {
    const findings = await actionlint(".github/workflows/broken.yml", BROKEN);
    expect(findings.map(({ kind, line }) => `${line} ${kind}`).toSorted()).toEqual(
      ["11 syntax-check", "4 job-needs", "5 runner-label", "7 permissions", "9 expression", "10 expression"].toSorted(),
    );
  });
});

describe("the check of the workflows", () => {
  test("finds nothing in ours", async ({ expect }) => {
    const { files, problems } = await checkWorkflows(ROOT);
    expect(problems).toEqual([]);
    expect(files).toBe(7);
  });

  test("names file, line and rule of what it finds, and is not content with no workflow", async ({
    expect,
    onTestFinished,
  }) => {
    const root = mkdtempSync(join(tmpdir(), "workflows-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    await expect(checkWorkflows(root)).rejects.toThrow("no workflow");
    mkdirSync(join(root, ".github/workflows"), { recursive: true });
    writeFileSync(join(root, ".github/workflows/broken.yaml"), BROKEN);
    const { files, problems } = await checkWorkflows(root);
    expect(files).toBe(1);
    expect(problems).toContainEqual(
      expect.stringMatching(/^\.github\/workflows\/broken\.yaml:5:14: label "ubuntu-99\.04"/),
    );
    expect(problems).toContain(".github/workflows/broken.yaml: job build must have timeout-minutes");
  });
});

describe("release.yml", () => {
  const path = ".github/workflows/release.yml";
  const { jobs } = readWorkflow(path, readFileSync(join(ROOT, path), "utf8"));
  const commandsOf = (name: string) => jobs[name]?.steps.flatMap(({ run = [] }) => run);

  test("production comes after staging, staging after the bundle, the bundle after all of CI", ({ expect }) => {
    const needs = Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, job["needs"]]));
    expect(needs).toEqual({
      ci: undefined,
      bundle: "ci",
      staging: "bundle",
      production: "staging",
      rollback: undefined,
    });
    expect(jobs["ci"]?.uses).toBe("./.github/workflows/ci.yml");
  });

  test("a release deploys what was attested, and answers for the commit that CI has passed", ({ expect }) => {
    expect(commandsOf("bundle")).toEqual(["npm run bundle", "npm run sbom"]);
    for (const name of ["staging", "production"]) {
      expect(commandsOf(name)).toEqual([
        "npm run bundle -- --check",
        expect.stringContaining(`npm run release -- --env ${name} `),
      ]);
      expect(jobs[name]?.steps.find(({ run }) => run?.includes("npm run release"))?.["env"]).toMatchObject({
        RELEASE_VERIFIED_COMMIT: "${{ github.sha }}",
      });
    }
  });

  test("a rollback waits for no release", ({ expect }) => {
    const groups = Object.values(jobs).flatMap(({ concurrency }) => (concurrency === undefined ? [] : [concurrency]));
    expect(groups).toEqual([
      { group: "release-staging", "cancel-in-progress": false },
      { group: "release-production", "cancel-in-progress": false },
      { group: "rollback-${{ inputs.environment }}", "cancel-in-progress": false },
    ]);
  });
});

describe("backup.yml", () => {
  const path = ".github/workflows/backup.yml";
  const workflow = readWorkflow(path, readFileSync(join(ROOT, path), "utf8"));
  const { backup } = workflow.jobs;

  test("uploads only what was restored, and restores what was uploaded", ({ expect }) => {
    expect(backup?.steps.flatMap(({ run = [] }) => run)).toEqual([
      "npm run db:programs -- --for-server",
      expect.stringMatching(/^npm run db:backup -- --out dist\/backup /),
      expect.stringMatching(/^npm run db:restore-drill -- --file dist\/backup /),
      expect.stringMatching(/^npm run db:backup -- --existing dist\/backup .*--upload "\$BUCKET"$/),
      expect.stringMatching(/^npm run db:restore-drill -- --download "\$BUCKET" /),
    ]);
  });

  test("runs every day, for both environments, none of which waits for a reviewer or for the other", ({ expect }) => {
    expect(workflow.on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }] });
    expect(backup?.["strategy"]).toEqual({ "fail-fast": false, matrix: { environment: ["staging", "production"] } });
    expect(backup?.environment).toEqual({ name: "${{ matrix.environment }}-backup" });
  });

  test("gives no dump away: artifacts are reports", ({ expect }) => {
    const artifacts = backup?.steps.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
    expect(artifacts?.map((step) => step.with["path"])).toEqual(["dist/restore-drill*.json"]);
  });
});

describe("preview.yml", () => {
  const path = ".github/workflows/preview.yml";
  const { jobs, on } = readWorkflow(path, readFileSync(join(ROOT, path), "utf8"));
  const text = (name: string): string => JSON.stringify(jobs[name] ?? {});

  test("brings previews up and takes them down, and sweeps what was missed", ({ expect }) => {
    expect(on).toMatchObject({ pull_request: { types: ["opened", "synchronize", "reopened", "closed"] } });
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = [] }) => run));
    expect(commands).toEqual([
      "npm run preview:up -- --fork",
      'npm run preview:up -- --pull-request "$PULL_REQUEST"',
      'npm run preview:down -- --pull-request "$PULL_REQUEST"',
      "npm run preview:sweep",
    ]);
  });

  test("one after the other for each pull request, so that nothing comes up after it went down", ({ expect }) => {
    expect(jobs["up"]?.concurrency).toEqual(jobs["down"]?.concurrency);
    expect(jobs["up"]?.concurrency).toMatchObject({ group: "preview-${{ github.event.pull_request.number }}" });
  });

  test("a fork's code meets no secret, and is told so", ({ expect }) => {
    expect(text("fork")).not.toContain("secrets.");
    expect(text("fork")).toContain("!= github.repository");
    for (const name of ["up", "down"]) expect(text(name)).toContain("head.repo.full_name == github.repository");
  });

  test("only the job that uploads holds Cloudflare's token", ({ expect }) => {
    expect(Object.keys(jobs).filter((name) => text(name).includes("CLOUDFLARE_API_TOKEN"))).toEqual(["up"]);
  });
});
