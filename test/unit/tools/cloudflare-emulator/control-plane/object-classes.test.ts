import { afterEach, beforeEach, describe, test } from "vitest";

import { type Api, createApi, uploadForm } from "./api.ts";

let api: Api;

beforeEach(() => {
  api = createApi();
});

afterEach(() => api.remove());

const V1 = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Counter"], new_classes: ["Old"] }] };
const bindTo = (className: string, parts: Readonly<Record<string, string>> = {}) => [
  { name: "OBJECTS", type: "durable_object_namespace", class_name: className, ...parts },
];

const deploy = (metadata: Parameters<typeof uploadForm>[0] = {}, script = "worker") =>
  api.call("PUT", `scripts/${script}`, { form: uploadForm(metadata) });
const upload = (metadata: Parameters<typeof uploadForm>[0]) =>
  api.call("POST", "scripts/worker/versions", { form: uploadForm(metadata) });
const deployVersion = (versionId: string | undefined) =>
  api.call("POST", "scripts/worker/deployments", {
    json: { strategy: "percentage", versions: [{ version_id: versionId, percentage: 100 }] },
  });
const classes = () => api.script("worker").objectClasses;

describe("Migrations of Durable Object classes", () => {
  test("make classes with namespaces of their own, and leave their tag", async ({ expect }) => {
    expect((await deploy({ migrations: V1, bindings: bindTo("Counter") })).status).toBe(200);
    expect(classes()).toMatchObject([
      { name: "Counter", storage: "sqlite" },
      { name: "Old", storage: "kv" },
    ]);
    const { result } = await api.call("GET", "services/worker");
    expect(result).toMatchObject({ default_environment: { script: { migration_tag: "v1" } } });
    const [binding] = api.script("worker").versions.at(-1)?.bindings ?? [];
    expect(binding?.["namespace_id"]).toBe(classes()[0]?.namespaceId);
  });

  test("go by deploy only: a version with a new one is refused in Cloudflare's words, one without is not", async ({
    expect,
  }) => {
    await deploy({ migrations: V1 });
    const before = api.script("worker");
    const migrations = { old_tag: "v1", new_tag: "v2", steps: [{ new_sqlite_classes: ["Other"] }] };
    const refused = await upload({ migrations });
    expect(refused).toMatchObject({ status: 400, errors: [10_211] });
    expect(JSON.stringify(refused.payload)).toContain("must be fully applied via a non-versioned deployment");
    expect(api.script("worker")).toEqual(before);
    expect((await upload({ bindings: bindTo("Counter") })).status).toBe(200);
  });

  test("end the life of versions from before: they cannot be deployed any more", async ({ expect }) => {
    await deploy({ migrations: V1 });
    const [old] = api.script("worker").versions;
    await deploy({ migrations: { old_tag: "v1", new_tag: "v2", steps: [{ deleted_classes: ["Old"] }] } });
    const newest = api.script("worker").versions.at(-1);
    await upload({});
    expect((await deployVersion(old?.id)).errors).toEqual([10_410]);
    expect((await deployVersion(newest?.id)).status).toBe(200);
  });

  test("keep a namespace when its class gets another name", async ({ expect }) => {
    await deploy({ migrations: V1 });
    const [counter] = classes();
    const steps = [{ renamed_classes: [{ from: "Counter", to: "Tally" }], deleted_classes: ["Old"] }];
    await deploy({ migrations: { old_tag: "v1", new_tag: "v2", steps } });
    expect(classes()).toEqual([{ ...counter, name: "Tally" }]);
  });

  test.for([
    ["a tag that the script has not", { old_tag: "v0", new_tag: "v2", steps: [] }, 412, 10_079],
    ["a class that is there", { old_tag: "v1", new_tag: "v2", steps: [{ new_classes: ["Counter"] }] }, 400, 10_074],
    ["a class that is not", { old_tag: "v1", new_tag: "v2", steps: [{ deleted_classes: ["None"] }] }, 400, 10_074],
  ] as const)("are refused for %s", async ([, migrations, status, code], { expect }) => {
    await deploy({ migrations: V1 });
    const before = api.script("worker");
    expect(await deploy({ migrations })).toMatchObject({ status, errors: [code] });
    expect(api.script("worker")).toEqual(before);
  });
});

describe("Bindings that lead elsewhere", () => {
  test("are refused without a class, or a Worker that has it", async ({ expect }) => {
    await deploy({ migrations: V1 });
    expect((await deploy({ bindings: bindTo("None") })).errors).toEqual([10_061]);
    expect((await deploy({ bindings: bindTo("Counter", { script_name: "nobody" }) }, "other")).errors).toEqual([
      10_061,
    ]);
    expect((await deploy({ bindings: bindTo("Counter", { script_name: "worker" }) }, "other")).status).toBe(200);
  });

  test("are refused to a Worker that is not there; one may lead to the Worker itself", async ({ expect }) => {
    const bindings = [{ name: "PEER", type: "service", service: "peer", entrypoint: "Recorder" }];
    const refused = await deploy({ bindings });
    expect(refused).toMatchObject({ status: 400, errors: [10_143] });
    const words = "Could not resolve service binding 'PEER'. Target script 'peer' not found.";
    expect(JSON.stringify(refused.payload)).toContain(words);
    expect((await deploy({ bindings }, "peer")).status).toBe(200);
    expect((await deploy({ bindings })).status).toBe(200);
    expect((await upload({ bindings: [{ name: "PEER", type: "service", service: "gone" }] })).errors).toEqual([10_143]);
  });
});
