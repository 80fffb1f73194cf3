import pg from "pg";
import { afterAll, beforeAll, test } from "vitest";

import { type NeonEmulator, startNeonEmulator } from "../../tools/neon-emulator/emulator.ts";
import { createPostgresDatabases, type PostgresDatabases } from "../../tools/neon-emulator/postgres-databases.ts";

let databases: PostgresDatabases;
let emulator: NeonEmulator;

beforeAll(async () => {
  databases = createPostgresDatabases();
  emulator = await startNeonEmulator({ databases, pollsPerOperation: 0 });
});

afterAll(async () => {
  await emulator?.close();
  await databases?.close();
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${emulator.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${emulator.apiKey}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, payload: JSON.parse((await response.text()) || "{}") };
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test("a branch is a PostgreSQL of its own, which starts with what its parent holds and goes its own way", async ({
  expect,
}) => {
  const { payload: made } = await call("POST", "/projects", {
    project: { name: "one", branch: { name: "root", role_name: "keeper", database_name: "things" } },
  });
  const path = `/projects/${made.project.id}`;
  const uriOf = async (branchId: string): Promise<string> => {
    const place = `branch_id=${branchId}&database_name=things&role_name=keeper`;
    return (await call("GET", `${path}/connection_uri?${place}`)).payload.uri;
  };
  const root = await uriOf(made.branch.id);
  await query(root, "create table things (name text); insert into things values ('of the root')");
  await query(root, "create role guest login password 'guest-of-the-root'");

  await call("PATCH", `${path}/branches/${made.branch.id}`, { branch: { protected: true } });
  const { payload: child } = await call("POST", `${path}/branches`, {
    branch: { name: "child" },
    endpoints: [{ type: "read_write" }],
  });
  const copy = await uriOf(child.branch.id);
  expect(new URL(copy).host).not.toBe(new URL(root).host);
  expect(new URL(copy).password).not.toBe(new URL(root).password);
  expect(await query(copy, "select name from things")).toEqual([{ name: "of the root" }]);
  await query(copy, "insert into things values ('of the child'); alter role guest password 'guest-of-the-child'");
  expect(await query(root, "select count(*)::int as count from things")).toEqual([{ count: 1 }]);

  const guest = new URL(root);
  Object.assign(guest, { username: "guest", password: "guest-of-the-root" });
  expect(await query(guest.href, "select current_user as name")).toEqual([{ name: "guest" }]);

  const [role] = await query(
    copy,
    "select rolsuper, pg_has_role('neon_superuser', 'member') as is_member from pg_roles where rolname = current_user",
  );
  expect(role).toEqual({ rolsuper: false, is_member: true });

  expect((await call("DELETE", `${path}/branches/${child.branch.id}`)).status).toBe(200);
  await expect(query(copy, "select 1")).rejects.toThrow();
});
