import { afterEach, beforeEach, describe, test } from "vitest";

import type { DatabaseAdmin } from "../../../ops/database/admin.ts";
import { DESIRED_STATE } from "../../../ops/desired-state.ts";
import { createNeonApi } from "../../../ops/neon/api.ts";
import { createNeonClient } from "../../../ops/neon/client.ts";
import { preparePreviewDatabase } from "../../../ops/preview/database.ts";
import { previewDown, previewSweep } from "../../../ops/preview/down.ts";
import { isPreviewBranch, pullRequestOf } from "../../../ops/preview/names.ts";
import { parsePreviewCommand } from "../../../ops/preview/options.ts";
import { createSetupWorld, type SetupWorld } from "../../support/setup-world.ts";

let world: SetupWorld;

beforeEach(async () => {
  world = await createSetupWorld({ now: () => today });
  await world.run({ selected: [] });
});
afterEach(async () => {
  today = new Date("2026-03-01T12:00:00.250Z");
  await world.emulator.close();
});

let today = new Date("2026-03-01T12:00:00.250Z");
const sleep = () => Promise.resolve();

function open(databases: Partial<DatabaseAdmin> = {}) {
  const { apiUrl, apiKey } = world.emulator;
  const signal = new AbortController().signal;
  const client = createNeonClient({ apiUrl, apiKey, sleep, signal, random: () => 1, note: () => {} });
  const notes: string[] = [];
  const done = (): Promise<void> => Promise.resolve();
  return {
    neon: createNeonApi({ client, sleep }, null),
    desired: DESIRED_STATE,
    now: () => today,
    notes,
    note: (text: string) => void notes.push(text),
    databases: {
      inspect: () => Promise.reject(new Error("not asked for")),
      migrate: done,
      grantRights: done,
      setPassword: done,
      noteHandOver: done,
      ...databases,
    },
    told: [] as string[],
    tell: done,
  };
}

const branches = () => world.emulator.projects[0]?.branches ?? [];
const named = (name: string) => branches().find((branch) => branch.name === name);

describe("the database of a pull request", () => {
  test("is a branch of staging that expires, and stays the same with the next push", async ({ expect }) => {
    const url = await preparePreviewDatabase(12, open());
    const made = named("preview/pr-12");
    expect(made).toMatchObject({ parentId: named("staging")?.id, expiresAt: "2026-03-08T12:00:00Z" });
    expect(made?.endpoints).toHaveLength(1);
    expect(new URL(url)).toMatchObject({ username: "users_api", host: made?.endpoints[0]?.host });
    today = new Date("2026-03-03T00:00:00Z");
    const tools = open();
    await preparePreviewDatabase(12, tools);
    expect(named("preview/pr-12")).toMatchObject({ id: made?.id, expiresAt: "2026-03-10T00:00:00Z" });
    expect(tools.notes).toContain("Neon branch preview/pr-12 is there already");
  });

  test("starts again from staging when a migration was changed, once", async ({ expect }) => {
    await preparePreviewDatabase(12, open());
    const before = named("preview/pr-12")?.id;
    let attempts = 0;
    const migrate = async (): Promise<void> => {
      if (++attempts === 1) throw new Error("changed after being applied: 0003_new");
    };
    await preparePreviewDatabase(12, open({ migrate }));
    expect(named("preview/pr-12")?.id).not.toBe(before);
    expect(attempts).toBe(2);
    const broken = open({ migrate: () => Promise.reject(new Error("syntax error")) });
    await expect(preparePreviewDatabase(12, broken)).rejects.toThrow("syntax error");
  });

  test("needs a staging branch", async ({ expect }) => {
    branches().pop();
    await expect(preparePreviewDatabase(12, open())).rejects.toThrow("Run npm run setup first");
  });
});

describe("cleaning up", () => {
  test("deletes the branch of the pull request and no other, as often as it is asked for", async ({ expect }) => {
    for (const number of [1, 12, 123]) await preparePreviewDatabase(number, open());
    await previewDown(12, open());
    const tools = open();
    await previewDown(12, tools);
    expect(tools.notes).toEqual(["Neon has no branch preview/pr-12: nothing to do"]);
    expect(branches().map(({ name }) => name)).toEqual(["production", "staging", "preview/pr-1", "preview/pr-123"]);
  });

  test("the sweep deletes those of pull requests that are not open", async ({ expect }) => {
    for (const number of [1, 2, 3]) await preparePreviewDatabase(number, open());
    expect(await previewSweep([2], open())).toBe(2);
    expect(branches().map(({ name }) => name)).toEqual(["production", "staging", "preview/pr-2"]);
  });

  test("spares what is no preview by any sign of it", async ({ expect }) => {
    const { neon } = open();
    const projectId = world.emulator.projects[0]?.id ?? "";
    const [production, staging] = branches();
    const compute = DESIRED_STATE.branches.staging.compute;
    const make = (name: string, parentId = staging?.id ?? "") =>
      neon.createBranch(projectId, { name, parentId, compute });
    await make("preview/pr-9", production?.id);
    await make("preview/pr-010");
    await make("preview/pr-11-keep");
    await make("demo");
    const kept = await make("preview/pr-13");
    await neon.updateBranch(projectId, kept.id, { isProtected: true });
    expect(await previewSweep([], open())).toBe(0);
    expect(branches()).toHaveLength(7);
  });

  test("which names are ours", ({ expect }) => {
    expect(["preview/pr-1", "preview/pr-0", "preview/pr-01", "preview/pr-1x", "production"].map(pullRequestOf)).toEqual(
      [1, null, null, null, null],
    );
    const branch = { id: "b", name: "preview/pr-1", parent_id: "staging", default: false, protected: false };
    expect(isPreviewBranch(branch, "staging")).toBe(true);
    expect(isPreviewBranch({ ...branch, default: true }, "staging")).toBe(false);
  });
});

describe("the command line of previews", () => {
  test.for([
    [["up", "--pull-request", "12"], { name: "up", pullRequest: 12 }],
    [["down", "--pull-request=1"], { name: "down", pullRequest: 1 }],
    [["sweep"], { name: "sweep" }],
    [["up", "--fork"], { name: "fork" }],
    [["up", "--help"], null],
  ] as const)("takes %j", ([args, command], { expect }) => {
    expect(parsePreviewCommand(args)).toEqual(command);
  });

  test.for([
    [["up"]],
    [["up", "--pull-request", "0"]],
    [["up", "--pull-request", "1;x"]],
    [["sideways"]],
    [["up", "--x"]],
  ] as const)("refuses %j", ([args], { expect }) => {
    expect(() => parsePreviewCommand(args)).toThrow();
  });
});
