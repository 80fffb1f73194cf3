import { describe, test } from "vitest";

import { toStatement, valuesOf } from "../../../bench/recording/statements.ts";
import { createCleanup } from "../../../tools/command/cleanup.ts";
import { type Binding, toLimiterModule, toWorkerdConfig } from "../../../tools/workerd/workerd-config.ts";

describe("statements for the floor", () => {
  const sample = (params: unknown[], values: Record<string, string>, query = "select $1") => ({
    exchange: { query, params, columns: ["id", "id", "version"] },
    values,
  });

  test("parameters are values of the request, or constants", ({ expect }) => {
    const statement = toStatement(
      "list",
      sample(["a", 21, 1, null], { id: "a", rows: "21" }),
      sample(["b", 101, 1, null], { id: "b", rows: "101" }),
    );
    expect(statement.params).toEqual([{ value: "id" }, { value: "rows" }, { constant: 1 }, { constant: null }]);
    expect(statement.columns).toEqual({ id: 1, version: 2 });
  });

  test("one that is neither is refused, by its place", ({ expect }) => {
    const [first, second] = [sample(["x"], { id: "a" }), sample(["y"], { id: "b" })];
    expect(() => toStatement("list", first, second)).toThrow("list: the floor does not know what parameter 1");
  });

  test("a text that changes with the request is refused", ({ expect }) => {
    expect(() => toStatement("list", sample([], {}), sample([], {}, "select 2"))).toThrow("not the same for every");
  });

  test("values come from path, body, headers and answer", ({ expect }) => {
    const request = {
      path: "/api/v1/users/id/abc?limit=20",
      headers: { "Idempotency-Key": "k" },
      body: '{"username":"u","email":"e","full_name":"f"}',
    };
    const answer = '{"id":"new","updated_at":"2026-01-01T00:00:00.000Z"}';
    expect(valuesOf(request, answer, "bench")).toMatchObject({
      id: "new",
      username: "u",
      email: "e",
      full_name: "f",
      rows: "21",
      now: "2026-01-01T00:00:00.000Z",
      caller: "bench",
      key: "k",
      lock: '["bench","k"]',
      response: answer,
      expires_at: "2026-01-02T00:00:00.000Z",
    });
    expect(valuesOf({ path: "/x/username/jdoe", headers: {}, body: null }, "", "bench")).toEqual({ username: "jdoe" });
  });
});

describe("a configuration of workerd", () => {
  const config = (...bindings: Binding[]) =>
    toWorkerdConfig({ compatibilityDate: "2026-01-01", compatibilityFlags: ["nodejs_compat"], bindings }, 8_080);

  test("listens on loopback and may reach the gateway there", ({ expect }) => {
    expect(config()).toContain('address = "127.0.0.1:8080"');
    expect(config()).toContain('network = (allow = ["public", "private", "local"])');
    expect(config()).toContain('compatibilityFlags = ["nodejs_compat"]');
  });

  test("knows every kind of binding", ({ expect }) => {
    const text = config(
      { kind: "text", name: "A", value: 'quote " and\nline' },
      { kind: "json", name: "B", value: { id: 1 } },
      { kind: "limiter", name: "C" },
      { kind: "files", name: "D", folder: "/somewhere" },
    );
    expect(text).toContain('(name = "A", text = "quote \\" and\\nline")');
    expect(text).toContain('(name = "B", json = "{\\"id\\":1}")');
    expect(text).toContain('(name = "C", wrapped = (moduleName = "local:limiter"))');
    expect(text).toContain('(name = "D", service = "files:D")');
    expect(text).toContain('(name = "files:D", disk = (path = "/somewhere"))');
  });

  test("knows objects on disk, and entrypoints between processes", ({ expect }) => {
    const text = toWorkerdConfig(
      {
        compatibilityDate: "2026-01-01",
        compatibilityFlags: [],
        bindings: [
          { kind: "objects", name: "E", className: "Thing" },
          { kind: "entrypoint", name: "F", port: 8_082 },
        ],
        entrypoint: { name: "Taker", port: 8_081 },
      },
      8_080,
    );
    expect(text).toContain('(name = "E", durableObjectNamespace = "Thing")');
    expect(text).toContain('durableObjectNamespaces = [(className = "Thing", uniqueKey = "Thing", enableSql = true)]');
    expect(text).toContain('(name = "objects", disk = (path = "objects", writable = true))');
    expect(text).toContain('(name = "F", service = "entrypoint:F")');
    expect(text).toContain('address = "127.0.0.1:8082", http = (capnpConnectHost = "rpc")');
    expect(text).toContain('(name = "main", entrypoint = "Taker")');
  });

  test("a character that it cannot hold is refused, not changed", ({ expect }) => {
    expect(() => config({ kind: "text", name: "A", value: "\u0001" })).toThrow("cannot hold");
    expect(config({ kind: "text", name: "A", value: "\\u0001" })).toContain('text = "\\\\u0001"');
  });

  test("its limiter refuses one caller", async ({ expect }) => {
    const module = toLimiterModule("limited").replace("export default", "return");
    // oxlint-disable-next-line typescript/no-implied-eval -- the module is text until the runtime loads it
    const create: () => { limit(options: { key: string }): Promise<{ success: boolean }> } = new Function(module)();
    const { limit } = create();
    expect(await limit({ key: "caller:limited" })).toEqual({ success: false });
    expect(await limit({ key: "caller:bench" })).toEqual({ success: true });
  });
});

test("clean-up ends everything, the last first, whatever fails", async ({ expect }) => {
  const complaints: string[] = [];
  const cleanup = createCleanup((line) => complaints.push(line));
  const ended: string[] = [];
  cleanup.add(() => void ended.push("first"));
  cleanup.add(() => Promise.reject(new Error("no")));
  cleanup.add(async () => void ended.push("last"));
  await cleanup.run();
  await cleanup.run();
  expect(ended).toEqual(["last", "first"]);
  expect(complaints).toEqual(["clean-up: no"]);
});
