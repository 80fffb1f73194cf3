import { afterEach, describe, test } from "vitest";

import { type NeonEmulator, startNeonEmulator } from "../../../tools/neon-emulator/emulator.ts";

const emulators: NeonEmulator[] = [];
let today = new Date("2026-01-01T00:00:00Z");

afterEach(async () => {
  await Promise.all(emulators.splice(0).map((emulator) => emulator.close()));
  today = new Date("2026-01-01T00:00:00Z");
});

async function open(pollsPerOperation = 0) {
  const emulator = await startNeonEmulator({ pollsPerOperation, now: () => today });
  emulators.push(emulator);
  const call = async (method: string, path: string, body?: object, apiKey = emulator.apiKey) => {
    const response = await fetch(`${emulator.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${apiKey}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, payload: text === "" ? {} : JSON.parse(text) };
  };
  const create = async () => (await call("POST", "/projects", { project: { name: "users" } })).payload;
  return { emulator, call, create };
}

describe("the emulated Neon", () => {
  test("makes a project with branch, compute, role and database in one call", async ({ expect }) => {
    const { call, create } = await open();
    const made = await create();
    expect(made).toMatchObject({
      project: { name: "users", pg_version: 17 },
      branch: { name: "main", default: true, protected: false },
      endpoints: [{ type: "read_write" }],
      roles: [{ name: "neondb_owner" }],
      databases: [{ name: "neondb", owner_name: "neondb_owner" }],
    });
    const place = "database_name=neondb&role_name=neondb_owner";
    const { payload } = await call("GET", `/projects/${made.project.id}/connection_uri?${place}&pooled=true`);
    expect(payload.uri).toMatch(
      /^postgresql:\/\/neondb_owner:npg_[0-9a-f]+@ep-[0-9a-f]+-pooler\.emulated\.invalid\/neondb$/,
    );
  });

  test.for([
    ["another key", "GET", "/projects", undefined, 401],
    ["an unknown path", "GET", "/project", undefined, 404],
    ["an unknown project", "GET", "/projects/none", undefined, 404],
    ["an unknown member", "POST", "/projects", { project: { nmae: "users" } }, 400],
    ["a wrong value", "POST", "/projects", { project: { pg_version: 13 } }, 400],
    ["an unknown parameter", "GET", "/projects?serach=users", undefined, 400],
    ["a limit out of range", "GET", "/projects?limit=0", undefined, 400],
  ] as const)("refuses %s", async ([name, method, path, body, status], { expect }) => {
    const { call } = await open();
    const answer = await call(method, path, body, name === "another key" ? "wrong" : undefined);
    expect(answer.status).toBe(status);
    expect(answer.payload).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  });

  test("refuses doubles with 409", async ({ expect }) => {
    const { call, create } = await open();
    const { project, branch } = await create();
    const inBranch = `/projects/${project.id}/branches/${branch.id}`;
    expect((await call("POST", `/projects/${project.id}/branches`, { branch: { name: "main" } })).status).toBe(409);
    expect((await call("POST", `${inBranch}/roles`, { role: { name: "neondb_owner" } })).status).toBe(409);
    const database = { name: "neondb", owner_name: "neondb_owner" };
    expect((await call("POST", `${inBranch}/databases`, { database })).status).toBe(409);
    const endpoint = { branch_id: branch.id, type: "read_write" };
    expect((await call("POST", `/projects/${project.id}/endpoints`, { endpoint })).status).toBe(409);
  });

  test("refuses changes with 423 while an operation runs, which ends after so many looks", async ({ expect }) => {
    const { call, create } = await open(2);
    const { project, operations } = await create();
    const patch = () => call("PATCH", `/projects/${project.id}`, { project: { history_retention_seconds: 60 } });
    expect((await patch()).status).toBe(423);
    const look = async (id: string) =>
      (await call("GET", `/projects/${project.id}/operations/${id}`)).payload.operation.status;
    expect(await look(operations[0].id)).toBe("finished");
    expect((await patch()).status).toBe(423);
    expect((await patch()).status).toBe(200);
  });

  test("shows lists page by page", async ({ expect }) => {
    const { call, create } = await open();
    for (let made = 0; made < 3; made += 1) await create();
    const first = await call("GET", "/projects?limit=2");
    expect(first.payload.projects).toHaveLength(2);
    const second = await call("GET", `/projects?limit=2&cursor=${first.payload.pagination.cursor}`);
    expect(second.payload).toMatchObject({ projects: [{}], pagination: {} });
  });

  test("deletes neither what is protected, nor the default, nor a parent; what has expired is gone", async ({
    expect,
  }) => {
    const { call, create } = await open();
    const { project, branch: root } = await create();
    const path = `/projects/${project.id}/branches`;
    const make = async (name: string, more = {}) =>
      (await call("POST", path, { branch: { name, ...more } })).payload.branch;
    const safe = await make("safe", { protected: true });
    const parent = await make("parent");
    const child = await make("child", { parent_id: parent.id, expires_at: "2026-01-02T00:00:00Z" });
    for (const { id } of [root, safe, parent]) expect((await call("DELETE", `${path}/${id}`)).status).toBe(422);
    expect((await call("PATCH", `${path}/${safe.id}`, { branch: { expires_at: "2026-01-02T00:00:00Z" } })).status).toBe(
      400,
    );
    today = new Date("2026-01-03T00:00:00Z");
    const { payload } = await call("GET", path);
    expect(payload.branches.map(({ name }: { name: string }) => name)).toEqual(["main", "safe", "parent"]);
    expect((await call("DELETE", `${path}/${child.id}`)).status).toBe(200);
    expect((await call("DELETE", `${path}/${child.id}`)).status).toBe(404);
  });

  test("fails as it is told to: before or after the work, with a status or without an answer", async ({ expect }) => {
    const { emulator, call, create } = await open();
    emulator.faults.add({ method: "POST", status: 429, retryAfter: 3, times: 1 });
    const refused = await call("POST", "/projects", { project: {} });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "3"]);
    expect(emulator.projects).toHaveLength(0);
    emulator.faults.add({ path: "/projects", when: "after", times: 1 });
    await expect(create()).rejects.toThrow();
    expect(emulator.projects).toHaveLength(1);
    expect(emulator.calls().map(({ status }) => status)).toEqual([429, 0]);
  });
});
