import { randomUUID } from "node:crypto";

import { afterEach, beforeEach, describe, test } from "vitest";

import { type Api, createApi, deploy, uploadForm, uploadVersions } from "./api.ts";

let api: Api;

beforeEach(() => {
  api = createApi();
});

afterEach(() => api.remove());

const secret = (text: string) => ({ bindings: [{ name: "TOKEN", type: "secret_text", text }] });
const liveShares = () => api.script("worker").deployments[0]?.versions;

describe("deployments", () => {
  test("the first upload deploys; a version that is uploaded waits for its deployment", async ({ expect }) => {
    const [first = "", second = ""] = await uploadVersions(api, [{}, {}]);
    expect(liveShares()).toEqual([{ versionId: first, percentage: 100 }]);
    expect((await deploy(api, { [second]: 10, [first]: 90 })).status).toBe(200);
    expect(liveShares()).toEqual([
      { versionId: second, percentage: 10 },
      { versionId: first, percentage: 90 },
    ]);
    expect(api.dataPlane.published.get("worker")?.deployments[0]?.versions).toEqual(liveShares());
    const { result } = await api.call("GET", "scripts/worker/deployments");
    expect(result).toMatchObject({
      deployments: [
        {
          strategy: "percentage",
          annotations: { "workers/message": "step" },
          versions: [
            { version_id: second, percentage: 10 },
            { version_id: first, percentage: 90 },
          ],
        },
        { versions: [{ version_id: first, percentage: 100 }] },
      ],
    });
  });

  test("0 % is a deployment like any other", async ({ expect }) => {
    const [first = "", second = ""] = await uploadVersions(api, [{}, {}]);
    expect((await deploy(api, { [second]: 0, [first]: 100 })).status).toBe(200);
    expect(liveShares()?.map(({ percentage }) => percentage)).toEqual([0, 100]);
  });

  test.for([
    ["no version", []],
    ["three versions", [10, 20, 70]],
    ["a sum below 100", [10, 89]],
    ["a sum above 100", [100, 1]],
    ["a negative share", [-1, 101]],
    ["a share above 100", [101]],
  ] as const)("%s is refused, and nothing changes", async ([, percentages], { expect }) => {
    const ids = await uploadVersions(api, [{}, {}, {}]);
    const before = liveShares();
    const outcome = await deploy(api, Object.fromEntries(percentages.map((share, index) => [ids[index], share])));
    expect(outcome).toMatchObject({ status: 400, errors: [10_400] });
    expect(liveShares()).toEqual(before);
  });

  test("the same version twice, an unknown version, and a body without versions are refused", async ({ expect }) => {
    const [first = ""] = await uploadVersions(api, [{}]);
    const half = { version_id: first, percentage: 50 };
    const twice = { strategy: "percentage", versions: [half, half] };
    expect((await api.call("POST", "scripts/worker/deployments", { json: twice })).errors).toEqual([10_400]);
    expect(await deploy(api, { "4f4f4f4f-0000-4000-8000-000000000000": 100 })).toMatchObject({
      status: 404,
      errors: [10_404],
    });
    for (const json of [undefined, {}, { strategy: "percentage", versions: "all" }, [1]]) {
      expect((await api.call("POST", "scripts/worker/deployments", { json })).status).toBe(400);
    }
  });

  test("only the newest 100 versions can be deployed", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    const script = api.script("worker");
    const versions = Array.from({ length: 101 }, (_, index) =>
      script.versions.map((version) => ({ ...version, id: randomUUID(), number: index + 1 })),
    ).flat();
    await api.context.store.save({ ...script, versions });
    const ids = versions.map(({ id }) => id);
    expect(await deploy(api, { [ids[0] ?? ""]: 100 })).toMatchObject({ status: 400, errors: [10_409] });
    expect((await deploy(api, { [ids[1] ?? ""]: 100 })).status).toBe(200);
    const { result } = await api.call("GET", "scripts/worker/versions?deployable=true");
    expect(result).toMatchObject({ items: { length: 100, 0: { id: ids[100], number: 101 }, 99: { id: ids[1] } } });
  });

  test("a deployment that cannot be served leaves the old one live", async ({ expect }) => {
    const [first = "", second = ""] = await uploadVersions(api, [{}, {}]);
    api.dataPlane.publish = () => Promise.reject(new Error("no memory left"));
    expect((await deploy(api, { [second]: 100 })).status).toBe(500);
    expect(liveShares()).toEqual([{ versionId: first, percentage: 100 }]);
  });

  test("changes of one script are made one after another", async ({ expect }) => {
    const ids = await uploadVersions(api, [{}, {}]);
    const uploads = Array.from({ length: 5 }, () =>
      api.call("POST", "scripts/worker/versions", { form: uploadForm() }),
    );
    await Promise.all([...uploads, deploy(api, { [ids[1] ?? ""]: 100 })]);
    expect(api.script("worker").versions.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(liveShares()).toEqual([{ versionId: ids[1], percentage: 100 }]);
  });
});

describe("a rollback", () => {
  test("to a version with other secrets needs force, and the refusal lists their names", async ({ expect }) => {
    const [old = "", young = ""] = await uploadVersions(api, [secret("one"), secret("two")]);
    expect((await deploy(api, { [young]: 100 })).status).toBe(200);
    const refused = await deploy(api, { [old]: 100 });
    expect(refused).toMatchObject({ status: 400, errors: [10_220] });
    expect(JSON.stringify(refused.payload)).toContain("The following secrets have changed: TOKEN");
    expect(JSON.stringify(refused.payload)).not.toMatch(/one|two/);
    expect((await deploy(api, { [old]: 100 }, "?force=true")).status).toBe(200);
  });

  test("of a canary with other secrets needs force as well", async ({ expect }) => {
    const [old = "", young = ""] = await uploadVersions(api, [secret("one"), secret("two")]);
    expect((await deploy(api, { [young]: 10, [old]: 90 })).status).toBe(200);
    expect((await deploy(api, { [old]: 100 })).errors).toEqual([10_220]);
  });

  test("to a version with the same secrets, and any step forward, need none", async ({ expect }) => {
    const [old = "", same = "", other = ""] = await uploadVersions(api, [secret("one"), {}, secret("two")]);
    expect((await deploy(api, { [same]: 100 })).status).toBe(200);
    expect((await deploy(api, { [old]: 100 })).status).toBe(200);
    expect((await deploy(api, { [other]: 50, [old]: 50 })).status).toBe(200);
    expect((await deploy(api, { [other]: 100 })).status).toBe(200);
  });
});
