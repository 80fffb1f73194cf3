import { createHash } from "node:crypto";

import { afterEach, describe, type ExpectStatic, test } from "vitest";

import { DESIRED_STATE } from "../../../ops/desired-state.ts";
import { CLOUDFLARE, createSetupWorld, type SetupWorld } from "../../support/setup-world.ts";

const worlds: SetupWorld[] = [];

async function open(options = {}): Promise<SetupWorld> {
  const world = await createSetupWorld(options);
  worlds.push(world);
  return world;
}

afterEach(async () => {
  await Promise.all(worlds.splice(0).map(({ emulator }) => emulator.close()));
});

const changesOf = ({ emulator }: SetupWorld) => emulator.calls().filter(({ method }) => method !== "GET");

const namesIn = (kept: ReadonlyMap<string, ReadonlyMap<string, string>>, env: string): string[] =>
  [...(kept.get(env)?.keys() ?? [])].toSorted();

/** What a complete set-up leaves, whatever way it took. */
function expectComplete(expect: ExpectStatic, world: SetupWorld): void {
  const { emulator, databases, pipelines } = world;
  expect(emulator.projects.map(({ name }) => name)).toEqual(["users-api"]);
  const branches = emulator.projects.flatMap((project) => project.branches);
  expect(branches.map(({ name, isProtected }) => [name, isProtected])).toEqual([
    ["production", true],
    ["staging", false],
  ]);
  for (const branch of branches) {
    expect(branch.endpoints).toHaveLength(1);
    expect(branch.roles.map(({ name }) => name)).toEqual(["users_owner"]);
    expect(branch.databases.map(({ name }) => name)).toEqual(["users"]);
  }
  expect([...databases.values()]).toHaveLength(2);
  for (const env of ["staging", "production"]) expectSecrets(expect, world, env);
  const keys = ["staging", "production"].map((env) => pipelines.get(env)?.get("RELEASE_API_KEYS"));
  expect(new Set(keys).size).toBe(2);
}

function expectSecrets(expect: ExpectStatic, { databases, workers, pipelines }: SetupWorld, env: string): void {
  expect(namesIn(workers, env)).toEqual(["API_KEYS", "CURSOR_SECRET", "DATABASE_URL"]);
  expect(namesIn(pipelines, env)).toEqual([
    "CLOUDFLARE_ACCOUNT_ID",
    "CLOUDFLARE_API_TOKEN",
    "MIGRATION_DATABASE_URL",
    "RELEASE_API_KEYS",
    "RELEASE_URL",
  ]);
  const url = new URL(workers.get(env)?.get("DATABASE_URL") ?? "");
  expect(databases.get(url.host)?.password).toBe(url.password);
  expect(url.username).toBe("users_api");
  const key = pipelines.get(env)?.get("RELEASE_API_KEYS") ?? "";
  expect(workers.get(env)?.get("API_KEYS")).toContain(createHash("sha256").update(key).digest("hex"));
}

const countDoubles = ({ emulator }: SetupWorld) =>
  emulator.projects.length + emulator.projects.flatMap(({ branches }) => branches).length;

describe("npm run setup", () => {
  test("the first run makes everything, the second one has nothing to do", async ({ expect }) => {
    const world = await open();
    expect(await world.run()).toMatchObject({ outcome: "done", error: null });
    expectComplete(expect, world);
    const before = structuredClone(world.emulator.projects);
    const second = await world.run();
    expect(second.outcome).toBe("nothing-to-do");
    expect(second.output).not.toMatch(/create|change/);
    expect(world.emulator.projects).toEqual(before);
  });

  test("a dry run shows all of it and asks only", async ({ expect }) => {
    const world = await open();
    const { outcome, output } = await world.run({ isDryRun: true });
    expect(outcome).toBe("planned");
    expect(output).toContain("+ create  project");
    expect(output).toContain("staging: Worker");
    expect(world.emulator.calls().length).toBeGreaterThan(0);
    expect(changesOf(world)).toEqual([]);
    expect(world.workers.size + world.pipelines.size + world.databases.size).toBe(0);
  });

  test("a plan that nobody agrees to changes nothing", async ({ expect }) => {
    const world = await open();
    expect(await world.run({ confirm: () => Promise.resolve(false) })).toMatchObject({ outcome: "declined" });
    expect(changesOf(world)).toEqual([]);
  });

  test("with --only the other environment gets its branch while that is empty, and nothing in it", async ({
    expect,
  }) => {
    const world = await open();
    expect(await world.run({ selected: ["production"] })).toMatchObject({ outcome: "done" });
    expect([...world.workers.keys()]).toEqual(["production"]);
    expect(world.emulator.projects[0]?.branches).toHaveLength(2);
    expect(await world.run({ selected: ["staging"] })).toMatchObject({ outcome: "done" });
    expectComplete(expect, world);
  });

  test("no secret is in what it says", async ({ expect }) => {
    const world = await open();
    const { output } = await world.run();
    const again = await world.run();
    const secrets = [
      world.emulator.apiKey,
      CLOUDFLARE.apiToken,
      ...world.emulator.projects.flatMap(({ branches }) =>
        branches.flatMap(({ roles }) => roles.map((role) => role.password)),
      ),
      ...[...world.workers.values(), ...world.pipelines.values()].flatMap((kept) =>
        [...kept]
          .filter(([name]) => !["RELEASE_URL", "CLOUDFLARE_ACCOUNT_ID"].includes(name))
          .map(([, value]) => value),
      ),
      ...[...world.databases.values()].map(({ password }) => password ?? ""),
    ];
    expect(secrets.length).toBeGreaterThan(15);
    for (const secret of secrets) expect(`${output}${again.output}`).not.toContain(secret);
  });

  test("operations that take their time are waited for", async ({ expect }) => {
    const world = await open({ pollsPerOperation: 5 });
    expect(await world.run()).toMatchObject({ outcome: "done" });
    expectComplete(expect, world);
    expect(changesOf(world).map(({ status }) => status)).not.toContain(423);
    expect(world.waits.length).toBeGreaterThan(10);
  });

  test("a key that is not accepted is told in words that help", async ({ expect }) => {
    const world = await open();
    const { error } = await world.run({ apiKey: "wrong" });
    expect(String(error)).toContain("NEON_API_KEY is not accepted. Make a key at console.neon.tech");
    expect(String(error)).not.toContain("wrong");
  });
});

describe("a run that fails in the middle", () => {
  /** Every change of the API, cut off before and after it was carried out, and every change beyond it. */
  const PLACES = [
    ["POST", "/projects"],
    ["POST", "/branches"],
    ["PATCH", "/branches/"],
  ] as const;
  const FAULTS = [
    ["refused with 500", { status: 500 }],
    ["cut off before it was done", {}],
    ["cut off after it was done", { when: "after" }],
    ["answered with 500 after it was done", { status: 500, when: "after" }],
  ] as const;

  test.for(PLACES.flatMap(([method, path]) => FAULTS.map(([name, fault]) => [method, path, name, fault] as const)))(
    "%s %s %s: the next run completes it, without doubles",
    async ([method, path, , fault], { expect }) => {
      const world = await open();
      world.emulator.faults.add({ method, path, times: 1, ...fault });
      const first = await world.run();
      expect(String(first.error)).toContain("goes on where it stopped");
      expect(await world.run()).toMatchObject({ outcome: "done" });
      expectComplete(expect, world);
      expect(countDoubles(world)).toBe(3);
      expect(await world.run()).toMatchObject({ outcome: "nothing-to-do" });
    },
  );

  test.for(
    ["migrate", "grant", "password", "pipeline", "worker", "note"].flatMap((what) =>
      [1, 2].map((nth) => [what, nth] as const),
    ),
  )("at its change %s number %i: the next run completes it", async ([what, nth], { expect }) => {
    const world = await open();
    let seen = 0;
    world.onChange = (change) => {
      if (change === what && ++seen === nth) throw new Error("planned failure");
    };
    const first = await world.run();
    expect(String(first.error)).toContain("planned failure");
    expect(first.output).toContain("FAILED");
    expect((await world.run()).error).toBeNull();
    expectComplete(expect, world);
    expect(await world.run()).toMatchObject({ outcome: "nothing-to-do" });
  });

  test.for([[423], [429], [503]] as const)("%i is waited out", async ([status], { expect }) => {
    const world = await open();
    world.emulator.faults.add({ method: "POST", status, times: 3, ...(status === 429 ? { retryAfter: 7 } : {}) });
    expect(await world.run()).toMatchObject({ outcome: "done" });
    expectComplete(expect, world);
    if (status === 429) expect(world.waits.filter((ms) => ms === 7_000)).toHaveLength(3);
  });

  test("a failure that stays ends it after so many attempts", async ({ expect }) => {
    const world = await open();
    world.emulator.faults.add({ method: "GET", status: 502 });
    const { error } = await world.run();
    expect(String(error)).toContain("Neon answered GET /projects with 502");
    expect(world.emulator.calls()).toHaveLength(9);
    expect(Math.max(...world.waits)).toBeLessThanOrEqual(20_000);
  });

  test("an interruption stops between two changes; the next run completes it", async ({ expect }) => {
    const world = await open();
    const stop = new AbortController();
    world.onChange = (what) => what === "grant" && stop.abort();
    const first = await world.run({ signal: stop.signal });
    expect(first.outcome ?? "interrupted").toBe("interrupted");
    expect(world.workers.size).toBe(0);
    world.onChange = () => {};
    expect(await world.run()).toMatchObject({ outcome: "done" });
    expectComplete(expect, world);
  });

  test("an operation that somebody else started is waited for", async ({ expect }) => {
    const world = await open();
    await world.run({ selected: ["production"] });
    const [project] = world.emulator.projects;
    if (project === undefined) throw new Error("there is no project");
    project.historyRetentionSeconds = 0;
    world.emulator.block(project, 4);
    expect(await world.run()).toMatchObject({ outcome: "done" });
    expect(project.historyRetentionSeconds).toBe(DESIRED_STATE.project.historyRetentionSeconds);
  });
});

describe("what differs from the desired state", () => {
  test("is shown as a change, and changed", async ({ expect }) => {
    const world = await open();
    await world.run();
    const [project] = world.emulator.projects;
    const [production] = project?.branches ?? [];
    const [endpoint] = production?.endpoints ?? [];
    if (project === undefined || production === undefined || endpoint === undefined) throw new Error("incomplete");
    project.historyRetentionSeconds = 86_400;
    production.isProtected = false;
    endpoint.maxCu = 8;
    const { output, outcome } = await world.run({ isDryRun: true });
    expect(outcome).toBe("planned");
    expect(output).toContain("~ change  project                 users-api: restorable for 7 days, not for 1");
    expect(output).toMatch(/~ change +production: protection/);
    expect(output).toMatch(/~ change +production: compute +0\.25 to 2 units, never suspended, not 0\.25 to 8 units/);
    expect(await world.run()).toMatchObject({ outcome: "done" });
    expect(await world.run()).toMatchObject({ outcome: "nothing-to-do" });
    expect([endpoint.maxCu, production.isProtected]).toEqual([2, true]);
  });

  test.for([
    ["the region", { region: "aws-us-east-2" }, "region aws-eu-central-1, not aws-us-east-2"],
    ["the version", { postgresVersion: 17 }, "PostgreSQL 18, not 17"],
  ] as const)("is refused where Neon cannot change it: %s", async ([, other, words], { expect }) => {
    const world = await open();
    await world.run();
    const before = changesOf(world).length;
    const desired = { ...DESIRED_STATE, project: { ...DESIRED_STATE.project, ...other } };
    const { outcome, output } = await world.run({ desired });
    expect(outcome).toBe("refused");
    expect(output).toContain(words);
    expect(changesOf(world)).toHaveLength(before);
  });

  test("a staging branch that would be a copy of production's data is refused", async ({ expect }) => {
    const world = await open();
    await world.run();
    const [project] = world.emulator.projects;
    project?.branches.splice(1, 1);
    const { outcome, output } = await world.run();
    expect(outcome).toBe("refused");
    expect(output).toContain("a copy of production with all its data");
    expect(project?.branches).toHaveLength(1);
  });

  test("a default branch of another name is refused", async ({ expect }) => {
    const world = await open();
    await world.run();
    const [production] = world.emulator.projects[0]?.branches ?? [];
    if (production !== undefined) production.name = "main";
    const { outcome, output } = await world.run();
    expect(outcome).toBe("refused");
    expect(output).toContain("the project's default branch is main, not production");
  });

  test("nothing is ever deleted, whatever the desired state leaves out", async ({ expect }) => {
    const world = await open();
    await world.run();
    const { staging, production } = DESIRED_STATE.branches;
    const renamed = { ...DESIRED_STATE.branches, staging: { ...staging, name: "other" } };
    await world.run({ desired: { ...DESIRED_STATE, branches: renamed } });
    const open_ = { ...DESIRED_STATE.branches, production: { ...production, isProtected: false } };
    const { output } = await world.run({ desired: { ...DESIRED_STATE, branches: open_ } });
    expect(output).toContain("protected, which ops/desired-state.ts does not ask for");
    expect(world.emulator.calls().filter(({ method }) => method === "DELETE")).toEqual([]);
    expect(world.emulator.projects[0]?.branches.map(({ name }) => name)).toEqual(["production", "staging"]);
    expect(world.emulator.projects[0]?.branches[0]?.isProtected).toBe(true);
  });

  test("several projects of the name are told apart by nobody", async ({ expect }) => {
    const world = await open();
    await world.run();
    const [project] = world.emulator.projects;
    if (project !== undefined) world.emulator.projects.push({ ...project, id: "project-other" });
    expect(String((await world.run()).error)).toContain("Neon has 2 projects named users-api");
  });
});

describe("secrets that are kept", () => {
  test("are never replaced; one that is missing is added", async ({ expect }) => {
    const world = await open();
    await world.run();
    const url = world.workers.get("staging")?.get("DATABASE_URL");
    world.workers.get("staging")?.delete("CURSOR_SECRET");
    const { output } = await world.run();
    expect(output).toMatch(/create +staging: Worker +CURSOR_SECRET to Cloudflare\n/);
    expect(world.workers.get("staging")?.get("DATABASE_URL")).toBe(url);
    expectComplete(expect, world);
  });

  test("a release key that is lost is for a person to replace", async ({ expect }) => {
    const world = await open();
    await world.run();
    world.pipelines.get("staging")?.delete("RELEASE_API_KEYS");
    const { outcome, output } = await world.run();
    expect(outcome).toBe("nothing-to-do");
    expect(output).toMatch(/\? manual +staging: pipeline +RELEASE_API_KEYS is missing/);
  });

  test("a password that is made again ends the old one, and the plan says so", async ({ expect }) => {
    const world = await open();
    await world.run();
    world.workers.delete("staging");
    const { output } = await world.run();
    expect(output).toContain("The role gets a new password: a DATABASE_URL that was handed out before ends");
    expectComplete(expect, world);
  });
});
