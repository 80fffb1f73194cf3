import { afterAll, beforeAll, describe, test } from "vitest";

import { NAMES, REFUSED_NAMES } from "../support/names.ts";
import { startStack, type Stack } from "../support/stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(async () => await stack.stop());

const USERS = "/api/v1/users";
let count = 0;

/** Sends a creation with what is given, and a username of its own. */
async function create(given: { email?: string; full_name?: string }) {
  const username = `person${count++}`;
  const response = await stack.sendJson(USERS, {
    username,
    email: `${username}@example.com`,
    full_name: "Ada",
    ...given,
  });
  return { status: response.status, body: await response.json(), location: response.headers.get("Location") ?? "" };
}

/** What stands in a column of the user, past the service. */
async function stored(column: "email" | "full_name", id: unknown): Promise<unknown> {
  const { rows } = await stack.sql.query<Record<string, unknown>>(`select ${column} from users where id = $1`, [id]);
  return rows[0]?.[column];
}

async function countUsers(): Promise<number> {
  return (await stack.sql.query("select from users")).rowCount ?? 0;
}

describe("A full name over HTTP, workerd, Neon's protocol and PostgreSQL", () => {
  test.for(NAMES)("like %s is created, changed to, stored and read", async (name, { expect }) => {
    const created = await create({ full_name: name });
    expect(created).toMatchObject({ status: 201, body: { full_name: name } });
    expect(await stored("full_name", created.location.slice(-36))).toBe(name);
    const other = await create({});
    const changed = await stack.sendJson(other.location, { full_name: ` ${name} ` }, { method: "PATCH" });
    expect({ status: changed.status, body: await changed.json() }).toMatchObject({
      status: 200,
      body: { full_name: name },
    });
    expect(await (await stack.request(other.location)).json()).toMatchObject({ full_name: name });
  });

  test.for(REFUSED_NAMES)("of %s is refused, in creations and in changes: %j", async ([, name], { expect }) => {
    const { location } = await create({});
    const before = await countUsers();
    const refusal = {
      status: 400,
      body: {
        type: "/problems/validation-failed",
        errors: [{ pointer: "/full_name", code: "invalid_format", detail: expect.stringContaining("visible letter") }],
      },
    };
    expect(await create({ full_name: name })).toMatchObject(refusal);
    const changed = await stack.sendJson(location, { full_name: name }, { method: "PATCH" });
    expect({ status: changed.status, body: await changed.json() }).toMatchObject(refusal);
    expect(await countUsers()).toBe(before);
    expect(await stored("full_name", location.slice(-36))).toBe("Ada");
  });
});

describe("An address with an internationalised domain, over HTTP, workerd, Neon's protocol and PostgreSQL", () => {
  test("is stored and answered with A-labels, found by either, and taken by either", async ({ expect }) => {
    const [given, aLabels] = ["User@münchen.de", "user@xn--mnchen-3ya.de"];
    const created = await create({ email: given });
    expect(created).toMatchObject({ status: 201, body: { email: aLabels } });
    expect(await stored("email", created.location.slice(-36))).toBe(aLabels);

    for (const email of [given, aLabels, "USER@MU\u0308NCHEN.DE"]) {
      const found = await stack.request(`${USERS}?email=${encodeURIComponent(email)}`);
      expect(await found.json()).toMatchObject({ data: [{ email: aLabels }], next_cursor: null });
      expect(await create({ email })).toMatchObject({ status: 409, body: { type: "/problems/email-taken" } });
    }

    const changed = await stack.sendJson(created.location, { email: "user@例え.テスト" }, { method: "PATCH" });
    expect(await changed.json()).toMatchObject({ email: "user@xn--r8jz45g.xn--zckzah" });
  });

  test.for([
    ["user@xn--a.ü.de", "Give an address like name@example.com."],
    ["user@ü\u200B.de", "Give an address like name@example.com."],
    ["jörg@münchen.de", "Use only ASCII characters before the @; other letters can stand in the domain."],
  ])("is refused when it is %s", async ([email = "", detail], { expect }) => {
    const errors = [{ pointer: "/email", code: "invalid_format", detail }];
    expect(await create({ email })).toMatchObject({ status: 400, body: { errors } });
    const listed = await stack.request(`${USERS}?email=${encodeURIComponent(email)}`);
    expect({ status: listed.status, body: await listed.json() }).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: "email" }] },
    });
  });
});
