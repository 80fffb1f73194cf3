import { afterEach, beforeEach, describe, test } from "vitest";

import { viewState } from "../../../../../tools/cloudflare-emulator/control-plane/admin/state-view.ts";
import { type Api, createApi, deploy, uploadForm, uploadVersions } from "./api.ts";

let api: Api;

beforeEach(() => {
  api = createApi();
});

afterEach(() => api.remove());

const put = (name: string, text: string) =>
  api.call("PUT", "scripts/worker/secrets", { json: { name, text, type: "secret_text" } });
const newest = () => api.script("worker").versions.at(-1);
const values = () => Object.fromEntries((newest()?.bindings ?? []).map(({ name, text }) => [name, text]));
const patchLatest = (env: unknown) =>
  api.call("PATCH", "workers/worker/versions/latest", {
    json: { env, annotations: { "workers/message": "new secret" } },
  });

describe("secrets", () => {
  test("a put makes a version of the same code and gives it all traffic", async ({ expect }) => {
    await uploadVersions(api, [{ bindings: [{ name: "A", type: "plain_text", text: "1" }] }]);
    const before = newest();
    expect((await put("TOKEN", "one")).status).toBe(200);
    expect(values()).toEqual({ A: "1", TOKEN: "one" });
    expect(newest()).toMatchObject({ number: 2, modules: before?.modules });
    expect(api.script("worker").deployments[0]?.versions).toEqual([{ versionId: newest()?.id, percentage: 100 }]);
    await put("TOKEN", "two");
    expect(values()).toEqual({ A: "1", TOKEN: "two" });
  });

  test("they can be listed and deleted", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    await put("TOKEN", "one");
    expect((await api.call("GET", "scripts/worker/secrets")).result).toEqual([{ name: "TOKEN", type: "secret_text" }]);
    expect((await api.call("DELETE", "scripts/worker/secrets/TOKEN?url_encoded=true")).status).toBe(200);
    expect((await api.call("GET", "scripts/worker/secrets")).result).toEqual([]);
    expect((await api.call("DELETE", "scripts/worker/secrets/TOKEN")).errors).toEqual([10_056]);
  });

  test("in bulk they are set and deleted by one version", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    await put("OLD", "x");
    const secrets = { OLD: null, B: { name: "B", text: "2", type: "secret_text" } };
    expect((await api.call("PATCH", "scripts/worker/secrets-bulk", { json: { secrets } })).status).toBe(200);
    expect(values()).toEqual({ B: "2" });
    expect(newest()?.number).toBe(3);
  });

  test("they cannot be edited while the newest version lacks traffic: it would be deployed along", async ({
    expect,
  }) => {
    const [first = "", second = ""] = await uploadVersions(api, [{}, {}]);
    expect((await put("TOKEN", "one")).errors).toEqual([10_215]);
    await deploy(api, { [second]: 10, [first]: 90 });
    expect((await put("TOKEN", "one")).errors).toEqual([10_215]);
    expect((await api.call("DELETE", "scripts/worker/secrets/TOKEN")).errors).toEqual([10_215]);
    const form = new FormData();
    form.set("settings", JSON.stringify({ bindings: [] }));
    expect((await api.call("PATCH", "scripts/worker/settings", { form })).errors).toEqual([10_214]);
    expect(api.script("worker").versions).toHaveLength(2);
    await deploy(api, { [second]: 100 });
    expect((await put("TOKEN", "one")).status).toBe(200);
    expect((await api.call("PATCH", "scripts/worker/settings", { form })).status).toBe(200);
    expect(values()).toEqual({ TOKEN: "one" });
  });

  test("of a version: a new one on top of the newest, and no deployment", async ({ expect }) => {
    const [first = ""] = await uploadVersions(api, [{}, { bindings: [{ name: "A", type: "plain_text", text: "2" }] }]);
    const { status, result } = await patchLatest({ TOKEN: { type: "secret_text", text: "one" } });
    expect(status).toBe(200);
    expect(result).toMatchObject({ id: newest()?.id, annotations: { "workers/message": "new secret" } });
    expect(values()).toEqual({ A: "2", TOKEN: "one" });
    expect(api.script("worker").deployments[0]?.versions).toEqual([{ versionId: first, percentage: 100 }]);
    expect((await patchLatest({ TOKEN: null })).status).toBe(200);
    expect(values()).toEqual({ A: "2" });
  });

  test("do not replace bindings of other kinds", async ({ expect }) => {
    await uploadVersions(api, [{ bindings: [{ name: "A", type: "plain_text", text: "1" }] }]);
    expect((await put("A", "x")).errors).toEqual([10_400]);
  });

  test.for([
    {},
    { name: "A" },
    { name: "A", text: 1, type: "secret_text" },
    { name: "A", text: "x", type: "json" },
    null,
  ])("%j is no secret", async (json, { expect }) => {
    await uploadVersions(api, [{}]);
    expect((await api.call("PUT", "scripts/worker/secrets", { json })).errors).toEqual([10_400]);
  });

  test("their values are in no answer and no log, whatever is asked", async ({ expect }) => {
    const bindings = [
      { name: "UPLOADED", type: "secret_text", text: "hush-1" },
      { name: "SIGNING", type: "secret_key", key_base64: "hush-2", algorithm: {} },
    ];
    const form = uploadForm({ bindings });
    const outcomes = [await api.call("PUT", "scripts/worker", { form })];
    outcomes.push(await put("PUT", "hush-3"));
    outcomes.push(await patchLatest({ PATCHED: { type: "secret_text", text: "hush-4" } }));
    outcomes.push(await api.call("POST", "scripts/worker/versions", { form }));
    outcomes.push(await put("REFUSED", "hush-5"));
    for (const { id } of api.script("worker").versions) {
      outcomes.push(await api.call("GET", `scripts/worker/versions/${id}`));
    }
    for (const target of ["versions", "deployments", "secrets", "settings", "script-settings", "tails"]) {
      outcomes.push(await api.call("GET", `scripts/worker/${target}`));
    }
    outcomes.push(await api.call("GET", "services/worker"), await api.call("GET", "workers/worker"));
    const texts = [...outcomes.map(({ payload }) => payload), api.logs, viewState(api.context.store)];
    expect(JSON.stringify(texts)).not.toContain("hush");
    expect(JSON.stringify(texts)).toContain("SIGNING");
    expect(JSON.stringify(api.script("worker"))).toContain("hush-4");
  });
});
