import fc from "fast-check";
import { describe, test } from "vitest";

import { getFastPath } from "../../src/http/fast-path.ts";
import { createUserSchema, userIdParams, updateUserSchema, usernameParams } from "../../src/http/users/schemas.ts";

const ID = "01932F2E-9d5a-7c31-b3f4-2f6f3c9d8a10";
const USER = { username: "GHopper", email: "grace@example.com", full_name: "Grace Hopper" };

const SCHEMAS = {
  "ids in a path": { schema: userIdParams, usual: [{ id: ID }, { id: ID.toLowerCase() }] },
  "usernames in a path": { schema: usernameParams, usual: [{ username: "jdoe" }, { username: "a".repeat(50) }] },
  "new users": { schema: createUserSchema, usual: [USER, { ...USER, username: "", email: "?" }] },
  "changes of users": { schema: updateUserSchema, usual: [{}, { email: "a@b.co" }, USER] },
};

const NAMES = ["id", "username", "email", "full_name", "__proto__", "constructor", "x"];

const texts = fc.oneof(
  fc.constantFrom(
    "",
    "ab",
    "jdoe",
    "Jane Doe",
    ID,
    ID.slice(1),
    `${ID}0`,
    ID.replace("-", "_"),
    "a".repeat(51),
    "é",
    "\ud800",
  ),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.uuid(),
);
const values = fc.oneof({ weight: 4, arbitrary: texts }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) });
const objects = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), values), { maxLength: 4, selector: ([name]) => name })
  .map((members): unknown =>
    JSON.parse(`{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",")}}`),
  );
const inputs = fc.oneof({ weight: 6, arbitrary: objects }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) });

describe.for(Object.entries(SCHEMAS))("the fast path of %s", ([, { schema, usual }]) => {
  test("gives what the schema gives, or leaves it to the schema", ({ expect }) => {
    fc.assert(
      fc.property(inputs, (input) => {
        const fast = getFastPath(schema)(input);
        if (fast !== null) expect(schema.safeParse(input)).toEqual({ success: true, data: fast });
      }),
      { numRuns: 2_000, seed: 20260301 },
    );
  });

  test.for<object>(usual)("takes the usual: %j", (input, { expect }) => {
    expect(getFastPath(schema)(input)).toEqual(schema.parse(input));
  });
});

test("a schema without one is left to itself", ({ expect }) => {
  expect(getFastPath(createUserSchema.shape.email)("a@b.co")).toBeNull();
});
