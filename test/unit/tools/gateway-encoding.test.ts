import { describe, test } from "vitest";

import { toPostgresText } from "../../../tools/dev/gateway/params.ts";
import { textToJson } from "../../../tools/dev/gateway/postgres-text.ts";
import { mayChangeSession } from "../../../tools/dev/gateway/reset.ts";

describe("a JSON parameter as PostgreSQL text", () => {
  test.for<[unknown, string | null]>([
    [null, null],
    ["as 'it' is", "as 'it' is"],
    [42, "42"],
    [false, "false"],
    [{ a: [1] }, '{"a":[1]}'],
    [[true, null, "NULL", 42, 'bar"-\\'], String.raw`{true,NULL,"NULL",42,"bar\"-\\"}`],
    [
      [
        [1, 2],
        [null, "x"],
      ],
      '{{1,2},{NULL,"x"}}',
    ],
    [[{ foo: 1 }], String.raw`{"{\"foo\":1}"}`],
    [[], "{}"],
  ])("%j", ([value, text], { expect }) => {
    expect(toPostgresText(value)).toBe(text);
  });
});

describe("PostgreSQL text as JSON", () => {
  test.for<[string, number, unknown]>([
    ["t", 16, true],
    ["f", 16, false],
    ["-7", 21, -7],
    ["2147483647", 23, 2_147_483_647],
    ["9007199254740993", 20, "9007199254740993"],
    ["1.5", 701, 1.5],
    ["1e+21", 700, 1e21],
    ["-Infinity", 701, "-Infinity"],
    ["NaN", 700, "NaN"],
    ["0.10", 1700, "0.10"],
    ['{"a":[null]}', 3802, { a: [null] }],
    ['quote " and \\', 25, 'quote " and \\'],
    ["{}", 1007, []],
    ["{1,NULL,3}", 1007, [1, null, 3]],
    ["[0:1]={5,6}", 1007, [5, 6]],
    [
      "{{t,f},{f,t}}",
      1000,
      [
        [true, false],
        [false, true],
      ],
    ],
    [
      String.raw`{plain,"with \"quotes\" and \\","","NULL",NULL,"a,b}"}`,
      1009,
      ["plain", 'with "quotes" and \\', "", "NULL", null, "a,b}"],
    ],
    [String.raw`{"{\"a\": 1}",NULL}`, 3807, [{ a: 1 }, null]],
    ["{NaN,1.5}", 1022, ["NaN", 1.5]],
  ])("%s of type %i", ([text, typeId, value], { expect }) => {
    expect(JSON.parse(textToJson(text, typeId))).toEqual(value);
  });

  test.for(["{1", '{"a', "{1}x", "{{1}"])("the unbalanced array %s is an error", (text, { expect }) => {
    expect(() => textToJson(text, 1009)).toThrow(/unbalanced/);
  });
});

describe("which statements cost a session reset", () => {
  test.for([
    'select "id" from "users" where "id" = $1',
    "INSERT INTO users (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id",
    "  UPDATE users SET full_name = $1",
    "DELETE FROM users",
    "with replaced as (update users set a = 1 returning *) select * from replaced",
    "VALUES (1)",
  ])("%s is free", (sql, { expect }) => {
    expect(mayChangeSession(sql)).toBe(false);
  });

  test.for([
    "BEGIN",
    "SET search_path = other",
    "set local statement_timeout = 1",
    "CREATE TEMP TABLE t (n int)",
    "SELECT * INTO TEMPORARY t FROM users",
    "SELECT pg_try_advisory_lock(1)",
    "select SET_CONFIG('a.b', 'c', false)",
    "EXPLAIN ANALYZE SELECT 1",
    "DO $$ BEGIN END $$",
    "-- a comment\nSELECT 1",
    "selective",
    "",
  ])("%s is followed by one", (sql, { expect }) => {
    expect(mayChangeSession(sql)).toBe(true);
  });
});
