import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { afterEach, beforeEach, describe, test } from "vitest";

import { type Api, createApi, deploy, uploadForm, uploadVersions } from "./api.ts";

let api: Api;

beforeEach(() => {
  api = createApi();
});

afterEach(() => api.remove());

const upload = (form: FormData) => api.call("POST", "scripts/worker/versions", { form });
const newest = () => api.script("worker").versions.at(-1);

describe("uploads", () => {
  test("the first one must deploy", async ({ expect }) => {
    expect(await upload(uploadForm())).toMatchObject({ status: 404, errors: [10_007] });
  });

  test("the module arrives byte for byte, and a source map is kept beside it", async ({ expect }) => {
    const form = uploadForm({ mainModule: "lib/main.js" });
    form.set(
      "data.bin",
      new File([new Uint8Array([0, 255, 13, 10])], "data.bin", { type: "application/octet-stream" }),
    );
    form.set("lib/main.js.map", new File(["{}"], "main.js.map", { type: "application/source-map" }));
    expect((await api.call("PUT", "scripts/worker", { form })).status).toBe(200);
    const modules = newest()?.modules ?? [];
    expect(modules.map(({ name, type }) => [name, type])).toEqual([
      ["lib/main.js", "application/javascript+module"],
      ["data.bin", "application/octet-stream"],
    ]);
    expect([...readFileSync(modules[1]?.file ?? "")]).toEqual([0, 255, 13, 10]);
    expect(readFileSync(`${modules[0]?.file}.map`, "utf8")).toBe("{}");
  });

  test("a version has an id, a number, its time and its annotations", async ({ expect }) => {
    await uploadVersions(api, [{}, { annotations: { "workers/tag": "abc", "workers/message": "hello" } }]);
    const id = newest()?.id;
    expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    const { result } = await api.call("GET", `scripts/worker/versions/${id}`);
    expect(result).toMatchObject({
      id,
      number: 2,
      annotations: { "workers/tag": "abc", "workers/message": "hello" },
      resources: { script_runtime: { compatibility_date: "2026-08-15" } },
      startup_time_ms: 12,
    });
    expect((await api.call("GET", "scripts/worker/versions/nonsense")).errors).toEqual([10_404]);
  });

  test("a version that does not start is refused with the reason, and leaves nothing behind", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    const before = api.script("worker");
    const folder = path.join(path.dirname(path.dirname(before.versions[0]?.modules[0]?.file ?? "")), "..");
    for (const [method, target] of [
      ["POST", "scripts/worker/versions"],
      ["PUT", "scripts/worker"],
    ] as const) {
      const refused = await api.call(method, target, { form: uploadForm({ mainModule: "broken.js" }) });
      expect(refused).toMatchObject({ status: 400, errors: [10_021] });
      expect(JSON.stringify(refused.payload)).toContain("boom");
    }
    expect(api.script("worker")).toEqual(before);
    expect(readdirSync(folder)).toEqual([before.versions[0]?.id]);
    const newScript = await api.call("PUT", "scripts/other", { form: uploadForm({ mainModule: "broken.js" }) });
    expect(newScript.errors).toEqual([10_021]);
    expect((await api.call("GET", "services/other")).errors).toEqual([10_007]);
  });

  test("no version URL is promised for a Worker with Durable Objects of its own", async ({ expect }) => {
    await uploadVersions(api, [{}]);
    await api.call("POST", "scripts/worker/subdomain", { json: { enabled: true, previews_enabled: true } });
    expect((await upload(uploadForm())).result).toMatchObject({ metadata: { has_preview: true } });
    const migrations = { new_tag: "v1", steps: [{ new_sqlite_classes: ["Counter"] }] };
    await api.call("PUT", "scripts/worker", { form: uploadForm({ migrations }) });
    const bindings = [{ name: "COUNTER", type: "durable_object_namespace", class_name: "Counter" }];
    expect((await upload(uploadForm({ bindings }))).result).toMatchObject({ metadata: { has_preview: false } });
  });

  test.for([
    ["a service worker", uploadForm({ main_module: undefined, body_part: "index.js" }), 10_021],
    ["a CommonJS main module", uploadForm({ type: "application/javascript" }), 10_021],
    ["a main module that is not there", uploadForm({ main_module: "other.js" }), 10_021],
    ["a module outside its folder", uploadForm({ mainModule: "../../index.js" }), 10_021],
    ["bindings that are no list", uploadForm({ bindings: "all" }), 10_400],
    ["a date that is none", uploadForm({ compatibility_date: "soon" }), 10_400],
    ["a binding that comes twice", uploadForm({ bindings: [plain("A", "1"), plain("A", "2")] }), 10_400],
    ["a form without metadata", new FormData(), 10_400],
  ] as const)("%s is refused", async ([, form, code], { expect }) => {
    expect(await api.call("PUT", "scripts/worker", { form })).toMatchObject({ status: 400, errors: [code] });
    expect(api.context.store.list()).toEqual([]);
  });

  test("a body that is no form, and a name that is none, are refused", async ({ expect }) => {
    expect((await api.call("PUT", "scripts/worker", { json: {} })).errors).toEqual([10_400]);
    expect((await api.call("PUT", "scripts/..%2Fworker", { form: uploadForm() })).errors).toEqual([10_016]);
  });
});

describe("bindings of a new version", () => {
  const SECRET = { name: "TOKEN", type: "secret_text", text: "s3cret" };
  const QUEUE = { name: "JOBS", type: "queue", queue_name: "jobs" };
  const names = () =>
    newest()
      ?.bindings.map(({ name }) => name)
      .toSorted();

  test("secrets stay without being named, by either way; variables do not", async ({ expect }) => {
    await uploadVersions(api, [
      { bindings: [SECRET, plain("A", "1")] },
      { keep_bindings: ["secret_text", "secret_key"] },
    ]);
    expect(newest()?.bindings).toEqual([SECRET]);
    await api.call("PUT", "scripts/worker", { form: uploadForm({ bindings: [plain("B", "2")] }) });
    expect(names()).toEqual(["B", "TOKEN"]);
  });

  const makeQueue = (): Promise<void> =>
    api.context.queues.save({ id: "jobs", name: "jobs", createdOn: "", settings: {}, consumer: null });

  test("keep_bindings keeps the types that it names", async ({ expect }) => {
    await makeQueue();
    await uploadVersions(api, [{ bindings: [plain("A", "1"), plain("B", "2"), QUEUE] }]);
    await upload(uploadForm({ bindings: [plain("B", "3")], keep_bindings: ["plain_text"] }));
    expect(newest()?.bindings).toEqual([plain("B", "3"), plain("A", "1")]);
  });

  test("inherit takes the binding of the version before, whatever it is", async ({ expect }) => {
    await makeQueue();
    await uploadVersions(api, [{ bindings: [QUEUE, SECRET] }]);
    await upload(
      uploadForm({ bindings: [inherit("JOBS"), inherit("TOKEN"), { ...inherit("OLD"), old_name: "JOBS" }] }),
    );
    expect(newest()?.bindings).toEqual([QUEUE, SECRET, { ...QUEUE, name: "OLD" }]);
  });

  test("inherit from nothing is refused, and every name is told in the words that wrangler reads", async ({
    expect,
  }) => {
    await uploadVersions(api, [{}]);
    const refused = await upload(uploadForm({ bindings: [inherit("A"), inherit("B")] }));
    expect(refused).toMatchObject({ status: 400, errors: [10_057, 10_057] });
    expect(JSON.stringify(refused.payload)).toMatch(/inherit binding 'A' is invalid.*inherit binding 'B' is invalid/);
    expect(api.script("worker").versions).toHaveLength(1);
  });

  test("it builds on the newest version, not on the live one", async ({ expect }) => {
    const [first = ""] = await uploadVersions(api, [{}, { bindings: [SECRET] }, {}]);
    expect(names()).toEqual(["TOKEN"]);
    expect((await deploy(api, { [first]: 100 })).status).toBe(200);
    await upload(uploadForm());
    expect(names()).toEqual(["TOKEN"]);
  });
});

function plain(name: string, text: string) {
  return { name, type: "plain_text", text };
}

function inherit(name: string) {
  return { name, type: "inherit" };
}
