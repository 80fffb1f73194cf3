import { afterEach, beforeEach, describe, test } from "vitest";

import { ACCOUNT, type Api, createApi, uploadForm } from "./api.ts";

const NAMESPACES = `/accounts/${ACCOUNT}/storage/kv/namespaces`;

let api: Api;
beforeEach(() => {
  api = createApi();
});
afterEach(() => api.remove());

async function createNamespace(title: string): Promise<string> {
  const { result } = await api.call("POST", NAMESPACES, { json: { title } });
  return String(Object(result).id);
}

describe("KV namespaces", () => {
  test("are made, listed, renamed and deleted", async ({ expect }) => {
    const id = await createNamespace("worker-flags");
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect((await api.call("GET", NAMESPACES)).result).toMatchObject([{ id, title: "worker-flags" }]);
    await api.call("PUT", `${NAMESPACES}/${id}`, { json: { title: "other" } });
    expect((await api.call("GET", `${NAMESPACES}/${id}`)).result).toMatchObject({ id, title: "other" });
    expect((await api.call("DELETE", `${NAMESPACES}/${id}`)).status).toBe(200);
    expect((await api.call("GET", NAMESPACES)).result).toEqual([]);
  });

  test("have titles of their own", async ({ expect }) => {
    const id = await createNamespace("one");
    expect(await api.call("POST", NAMESPACES, { json: { title: "one" } })).toMatchObject({
      status: 400,
      errors: [10014],
    });
    expect((await api.call("PUT", `${NAMESPACES}/${id}`, { json: { title: "one" } })).status).toBe(200);
  });

  test("that are not there are refused", async ({ expect }) => {
    for (const [method, target] of [
      ["GET", ""],
      ["DELETE", ""],
      ["GET", "/keys"],
      ["GET", "/values/a"],
      ["DELETE", "/values/a"],
    ] as const) {
      expect(await api.call(method, `${NAMESPACES}/0${target}`)).toMatchObject({ status: 404, errors: [10411] });
    }
  });
});

describe("values", () => {
  test("are written, read as they are, listed and deleted, also after a restart", async ({ expect }) => {
    const id = await createNamespace("one");
    const value = `${NAMESPACES}/${id}/values/${encodeURIComponent("a/b c")}`;
    expect((await api.call("PUT", value, { json: { on: true } })).status).toBe(200);
    const again = api.reopen();
    const read = await again.call("GET", value);
    expect(read.raw?.toString()).toBe('{"on":true}');
    expect((await again.call("GET", `${NAMESPACES}/${id}/keys?prefix=a`)).result).toEqual([{ name: "a/b c" }]);
    expect((await again.call("GET", `${NAMESPACES}/${id}/keys?prefix=b`)).result).toEqual([]);
    await again.call("DELETE", value);
    expect(await again.call("GET", value)).toMatchObject({ status: 404, errors: [10009] });
  });

  test("have metadata, and an end", async ({ expect }) => {
    const id = await createNamespace("one");
    const form = new FormData();
    form.set("value", "text");
    form.set("metadata", '{"by":"me"}');
    await api.call("PUT", `${NAMESPACES}/${id}/values/a?expiration_ttl=60`, { form });
    expect((await api.call("GET", `${NAMESPACES}/${id}/keys`)).result).toEqual([
      { name: "a", metadata: { by: "me" }, expiration: expect.any(Number) },
    ]);
    expect(await api.call("PUT", `${NAMESPACES}/${id}/values/a?expiration_ttl=1`, { form })).toMatchObject({
      status: 400,
    });
    const past = { key: "b", value: Buffer.from("x"), metadata: null, expiration: 1 };
    await api.context.kv.put(id, past);
    expect((await api.call("GET", `${NAMESPACES}/${id}/values/b`)).status).toBe(404);
  });
});

describe("a KV binding", () => {
  test("leads to a namespace that is there, and is inherited", async ({ expect }) => {
    const id = await createNamespace("worker-flags");
    const bindings = [{ name: "FLAGS", type: "kv_namespace", namespace_id: id }];
    expect((await api.call("PUT", "scripts/worker", { form: uploadForm({ bindings }) })).status).toBe(200);
    const inherited = [{ name: "FLAGS", type: "inherit" }];
    await api.call("POST", "scripts/worker/versions", { form: uploadForm({ bindings: inherited }) });
    expect(api.script("worker").versions.at(-1)?.bindings).toEqual(bindings);
    expect((await api.call("GET", "scripts/worker/settings")).result).toMatchObject({ bindings });
  });

  test("to nowhere is refused, and leaves nothing behind", async ({ expect }) => {
    const bindings = [{ name: "FLAGS", type: "kv_namespace", namespace_id: "0" }];
    expect(await api.call("PUT", "scripts/worker", { form: uploadForm({ bindings }) })).toMatchObject({
      status: 400,
      errors: [10411],
    });
    expect(api.context.store.find("worker")).toBeNull();
  });
});
