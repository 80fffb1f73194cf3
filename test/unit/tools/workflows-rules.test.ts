import { describe, test } from "vitest";

import { mixedVersions, RULES } from "../../../tools/workflows/rules.ts";
import { readWorkflow } from "../../../tools/workflows/workflow.ts";

const HASH = "3d3c42e5aac5ba805825da76410c181273ba90b1";
const OTHER_HASH = "820762786026740c76f36085b0efc47a31fe5020";

const SOUND = `
name: Release
on:
  push:
    branches: [main]
permissions: {}
jobs:
  ci:
    permissions: { contents: read }
    uses: ./.github/workflows/ci.yml
  staging:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    environment: staging
    permissions:
      contents: read
      id-token: write
    concurrency:
      group: release-staging
      cancel-in-progress: false
    steps:
      - uses: actions/checkout@${HASH} # v7.0.1
        with:
          persist-credentials: false
      - run: npm run release -- --env staging \${VERSION:+--to="$VERSION"}
        env:
          VERSION: \${{ inputs.version }}
          CLOUDFLARE_API_TOKEN: \${{ secrets.CLOUDFLARE_API_TOKEN }}
`;

const problemsOf = (text: string): readonly string[] => {
  const workflow = readWorkflow("release.yml", text);
  return RULES.flatMap((rule) => rule(workflow));
};

/** The sound workflow with one thing changed. */
const changed = (from: string, to: string): string => {
  if (!SOUND.includes(from)) throw new Error(`the sound workflow has no ${from}`);
  return SOUND.replace(from, to);
};

describe("rules of the workflows", () => {
  test("a sound workflow breaks none", ({ expect }) => {
    expect(problemsOf(SOUND)).toEqual([]);
  });

  const RELEASE = 'npm run release -- --env staging ${VERSION:+--to="$VERSION"}';

  test.for([
    ["a tag instead of a commit", `@${HASH} # v7.0.1`, "@v7", "not pinned"],
    ["a short hash", `@${HASH}`, `@${HASH.slice(0, 12)}`, "not pinned"],
    ["no version beside the hash", " # v7.0.1", "", "lacks its version"],
    ["a vague version beside the hash", " # v7.0.1", " # latest", "lacks its version"],
    [
      "a reusable workflow of someone else",
      "./.github/workflows/ci.yml",
      "them/theirs/.github/workflows/x.yml@main",
      "not pinned",
    ],
    ["a trigger for strangers", "  push:", "  pull_request_target:", "strangers"],
    ["permissions for all jobs", "permissions: {}", "permissions: { contents: read }", "at the top must be {}"],
    ["everything granted at the top", "permissions: {}", "permissions: write-all", "at the top must be {}"],
    ["a job with the permissions of the repository", "    permissions: { contents: read }\n", "", "job ci must list"],
    ["a job that may do all", "permissions: { contents: read }", "permissions: write-all", "job ci must list"],
    ["a job that may write the repository", "{ contents: read }", "{ contents: write }", "job ci may write contents"],
    ["a job without a time limit", "    timeout-minutes: 30\n", "", "must have timeout-minutes"],
    ["a command that is no npm script", RELEASE, "curl https://example.com", "something else than one npm script"],
    ["a second command", RELEASE, "npm test && ./deploy.sh", "something else than one npm script"],
    ["the output of a command", RELEASE, "npm run release -- $(cat version)", "something else than one npm script"],
    ["a bare npx", RELEASE, "npx wrangler deploy", "something else than one npm script"],
    ["an input in the shell", RELEASE, "npm run release -- ${{ inputs.version }}", "instead of env"],
    ["a branch name in the shell", RELEASE, "npm run release -- ${{ github.head_ref }}", "instead of env"],
    ["a secret outside an environment", "    environment: staging\n", "", "secrets without an environment"],
    [
      "a secret for every step",
      "    environment: staging\n",
      "    environment: staging\n    env: { T: '${{ secrets.T }}' }\n",
      "all of its steps",
    ],
    ["a secret for every job", "permissions: {}", "permissions: {}\nenv: { T: '${{ secrets.T }}' }", "every job"],
    ["a secret by another way of writing", "secrets.CLOUDFLARE_API_TOKEN", "secrets['CLOUDFLARE_API_TOKEN']", ""],
    ["secrets for another workflow", "/ci.yml", "/ci.yml\n    secrets: inherit", "passes secrets on"],
    ["secrets on pull requests of forks", "  push:", "  pull_request:", "without leaving out those of forks"],
    [
      "a checkout that leaves its token",
      "persist-credentials: false",
      "persist-credentials: true",
      "persist-credentials",
    ],
    [
      "a checkout that says nothing",
      "        with:\n          persist-credentials: false\n",
      "",
      "persist-credentials",
    ],
    [
      "a cache in a release",
      "persist-credentials: false",
      "persist-credentials: false\n          cache: npm",
      "must not use a cache",
    ],
    [
      "a cache that comes by itself in a release",
      "      - run: npm run release",
      `      - uses: actions/setup-node@${HASH} # v7.0.0\n      - run: npm run release`,
      "must switch off setup-node's cache",
    ],
    [
      "a release that is cancelled",
      "cancel-in-progress: false",
      "cancel-in-progress: true",
      "cancel-in-progress: false",
    ],
    [
      "a release that may be cancelled",
      "cancel-in-progress: false",
      "cancel-in-progress: ${{ true }}",
      "cancel-in-progress: false",
    ],
    [
      "a release beside another one",
      "    concurrency:\n      group: release-staging\n      cancel-in-progress: false\n",
      "",
      "cancel-in-progress: false",
    ],
    [
      "a whole run that is cancelled",
      "permissions: {}",
      "permissions: {}\nconcurrency: release",
      "concurrency at the top",
    ],
  ] as const)("%s is found", ([, from, to, problem], { expect }) => {
    const problems = problemsOf(changed(from, to));
    if (problem === "") expect(problems).toEqual([]);
    else expect(problems).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });

  test("one action at two commits is found, also behind different paths", ({ expect }) => {
    const call = (path: string, hash: string) =>
      readWorkflow("a.yml", changed(`actions/checkout@${HASH}`, `github/codeql-action/${path}@${hash}`));
    expect(mixedVersions([call("init", HASH), call("analyze", HASH)])).toEqual([]);
    expect(mixedVersions([call("init", HASH), call("analyze", OTHER_HASH)])).toEqual([
      "github/codeql-action is used at 2 different commits",
    ]);
  });

  test("what is no workflow is refused by name", ({ expect }) => {
    expect(() => readWorkflow("broken.yml", "jobs: [")).toThrow("broken.yml is not a workflow");
    expect(() => readWorkflow("empty.yml", "name: nothing")).toThrow("empty.yml is not a workflow");
  });
});
