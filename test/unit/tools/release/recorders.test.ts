import { describe, test } from "vitest";

import { MIGRATIONS_FOLDER, readMigrations } from "../../../../tools/db/migration-files.ts";
import { findDangers } from "../../../../tools/release/migrations/expand-only.ts";

const LOG = "CREATE TABLE log (id uuid, text text)";
const INSERT = "INSERT INTO log (id) VALUES (NEW.id);";
const TRIGGER = "CREATE TRIGGER t AFTER INSERT OR DELETE ON users FOR EACH ROW EXECUTE FUNCTION f()";
const REFUSED = ["the trigger acts on what the running version writes"];

const recorder = (body: string, options = "LANGUAGE plpgsql SECURITY DEFINER"): string =>
  `CREATE FUNCTION f() RETURNS trigger ${options} AS $$ ${body} $$`;

const reasonsFor = async (...statements: readonly string[]) =>
  (await findDangers([{ name: "0009_change", statements }])).map(({ reason }) => reason);

describe("a trigger that only records what was written", () => {
  test.for([
    `BEGIN ${INSERT} RETURN NULL; END`,
    `BEGIN IF TG_OP = 'DELETE' THEN UPDATE log SET text = NULL WHERE id = OLD.id; ELSE ${INSERT} END IF; RETURN NULL; END`,
  ])("passes: %s", async (body, { expect }) => {
    expect(await reasonsFor(LOG, recorder(body), TRIGGER)).toEqual([]);
  });

  test("is how the migration of this project does it", async ({ expect }) => {
    const migrations = await readMigrations(MIGRATIONS_FOLDER);
    const at = migrations.findIndex(({ name }) => name === "0007_user_events");
    const earlier = migrations.slice(0, at);
    const own = migrations.slice(at, at + 1);
    expect(own).toHaveLength(1);
    expect(await findDangers(own, earlier)).toEqual([]);
    const bent = own.map(({ name, statements }) => ({
      name,
      statements: statements.map((text) => text.replace("  RETURN NULL;", "  DELETE FROM users;\n  RETURN NULL;")),
    }));
    expect((await findDangers(bent, earlier)).map(({ reason }) => reason)).toEqual([
      ...REFUSED,
      ...REFUSED,
      ...REFUSED,
    ]);
  });
});

describe("a trigger is refused whose function", () => {
  test.for([
    ["writes to a table that is in use", recorder("BEGIN UPDATE users SET version = 1; RETURN NULL; END")],
    ["removes rows", recorder("BEGIN DELETE FROM log; RETURN NULL; END")],
    [
      "hides a write",
      recorder("BEGIN INSERT INTO log WITH w AS (DELETE FROM users RETURNING id) SELECT id FROM w; END"),
    ],
    ["answers with a row", recorder(`BEGIN ${INSERT} RETURN OLD; END`)],
    ["raises errors", recorder("BEGIN RAISE EXCEPTION 'no'; RETURN NULL; END")],
    ["runs text as SQL", recorder("BEGIN EXECUTE 'DROP TABLE users'; RETURN NULL; END")],
    ["calls another one for its effect", recorder("BEGIN PERFORM g(); RETURN NULL; END")],
    ["loops", recorder(`BEGIN LOOP ${INSERT} END LOOP; RETURN NULL; END`)],
    ["catches errors", recorder(`BEGIN ${INSERT} RETURN NULL; EXCEPTION WHEN OTHERS THEN RETURN NULL; END`)],
    ["needs the rights of whoever writes", recorder(`BEGIN ${INSERT} RETURN NULL; END`, "LANGUAGE plpgsql")],
  ] as const)("%s", async ([, definition], { expect }) => {
    expect(await reasonsFor(LOG, definition, TRIGGER)).toEqual(REFUSED);
  });

  test("was there before, so that nobody sees it here", async ({ expect }) => {
    expect(await reasonsFor(LOG, TRIGGER)).toEqual(REFUSED);
  });

  test.for([
    ["runs before the row is written", TRIGGER.replace("AFTER", "BEFORE")],
    ["runs once for a statement", TRIGGER.replace("ROW", "STATEMENT")],
    ["waits for the end of the transaction", TRIGGER.replace("CREATE", "CREATE CONSTRAINT")],
  ] as const)("%s", async ([, trigger], { expect }) => {
    expect(await reasonsFor(LOG, recorder(`BEGIN ${INSERT} RETURN NULL; END`), trigger)).toEqual(REFUSED);
  });
});
