import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, test } from "vitest";

import { createDatabaseClient } from "../../src/db/client.ts";
import { createQueryRunner } from "../../src/db/query-runner.ts";
import { checkEmail, checkFullName, checkUsername, normalizeFullName } from "../../src/models/user-rules.ts";
import type { UserRepository } from "../../src/models/user.ts";
import { createPostgresUserRepository } from "../../src/repositories/postgres-user-repository.ts";
import { OPEN_GATE } from "../../src/resilience/gate.ts";
import { migrate } from "../../tools/db/migrate.ts";
import { startGateway, type Gateway } from "../../tools/dev/gateway/index.ts";
import { startPostgres, type PostgresServer } from "../../tools/postgres/index.ts";
import { describeKeyedInsert } from "../support/idempotency-contract.ts";
import { NAMES, REFUSED_NAMES } from "../support/names.ts";
import { describeUserList } from "../support/user-list-contract.ts";
import { describeUserRepository } from "../support/user-repository-contract.ts";
import { buildUser } from "../support/users.ts";

let postgres: PostgresServer;
let gateway: Gateway;
let sql: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  const postgresUrl = await postgres.createDatabase();
  await migrate({ postgresUrl, log: () => {} });
  gateway = await startGateway({ postgresUrl });
  sql = new pg.Client({ connectionString: postgresUrl });
  await sql.connect();
});

afterAll(async () => {
  await sql.end();
  await gateway.close();
  await postgres.close();
});

const name = "PostgreSQL through Neon's driver";

async function open(): Promise<UserRepository> {
  await sql.query("truncate users, idempotency_keys");
  const send = createDatabaseClient({ databaseUrl: gateway.connectionString, fetchEndpoint: gateway.url });
  return createPostgresUserRepository({
    queries: createQueryRunner({ send, clock: Date.now, gate: OPEN_GATE, retries: null }),
  });
}

describeUserRepository(name, open);
describeUserList(name, open);
describeKeyedInsert(name, open);

/** Inserts a row past the service; gives the name of the constraint that refused it, or null. */
async function insertDirectly(fields: {
  username?: string;
  email?: string;
  full_name?: string;
}): Promise<string | null> {
  const { id, username, email } = buildUser();
  const row = { username, email, full_name: "Ada", ...fields };
  try {
    await sql.query(
      "insert into users (id, username, email, full_name, created_at, updated_at) values ($1, $2, $3, $4, now(), now())",
      [id, row.username, row.email, row.full_name],
    );
    return null;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.constraint !== undefined) return error.constraint;
    throw error;
  }
}

describe("The database enforces the rules by itself", () => {
  type Rule = "is_full_name" | "is_person_name" | "is_name_of_person";

  /** Which code points a function of the database accepts, each in the place of `#` in a text, NFC-normalised. */
  async function acceptedBy(rule: Rule, text: string, codes: readonly number[]): Promise<ReadonlySet<number>> {
    const { rows } = await sql.query<{ code: number }>(
      `select code from unnest($2::integer[]) as code where ${rule}(normalize(replace($1, '#', chr(code)), NFC))`,
      [text, codes],
    );
    return new Set(rows.map(({ code }) => code));
  }

  /** NUL and surrogates cannot be sent to PostgreSQL at all. */
  const upTo = (last: number): readonly number[] =>
    Array.from({ length: last }, (_, place) => place + 1).filter((code) => code < 0xd800 || code > 0xdfff);

  test("full names: the service and the database agree on every character of Unicode", async ({ expect }) => {
    const differencesFor = async (text: string, codes: readonly number[]) => {
      const accepted = await acceptedBy("is_name_of_person", text, codes);
      // The rule of the migrations before, in other words.
      expect(await acceptedBy("is_person_name", text, codes)).toEqual(accepted);
      const differences = codes.filter((code) => {
        const name = normalizeFullName(text.replace("#", () => String.fromCodePoint(code)));
        return (checkFullName(name) === null) !== accepted.has(code);
      });
      return { accepted, differences };
    };
    const within = await differencesFor("a#a", upTo(0x10ffff));
    expect(within.differences).toEqual([]);
    expect(within.accepted.size).toBeGreaterThan(100_000);
    // Whether it is a letter that is seen.
    for (const text of ["#", "1#1"]) {
      const alone = await differencesFor(text, [...within.accepted]);
      expect(alone.differences).toEqual([]);
      expect(alone.accepted.size).toBeGreaterThan(100_000);
      expect(alone.accepted.size).toBeLessThan(within.accepted.size - 2_000);
    }
  });

  test("full names: what the rule before allowed is allowed, but for letters that nobody sees", async ({ expect }) => {
    // Beyond plane 3 there are no letters, and marks only of one kind, variation selectors.
    const codes = upTo(0x3ffff);
    const lostOf = async (text: string) => {
      const before = [...(await acceptedBy("is_full_name", text, codes))];
      const kept = await acceptedBy("is_name_of_person", text, before);
      return { before: before.length, lost: before.filter((code) => !kept.has(code)) };
    };
    expect(await lostOf("a#a")).toEqual({ before: expect.toSatisfy((count) => count > 100_000), lost: [] });
    expect(await lostOf("#")).toEqual({
      before: expect.toSatisfy((count) => count > 100_000),
      lost: [0x115f, 0x1160, 0x3164, 0xffa0, 0x13441, 0x13442],
    });
  });

  test.for([
    "A",
    "Ada",
    "O'Neill",
    "O’Neill",
    "Jean-Luc",
    "Zoë",
    "王小明",
    "محمد",
    "अर्जुन",
    "-",
    "'",
    " ",
    "",
    " Ada",
    "Ada ",
    "Ada1",
    "A_B",
    "A\tB",
    "Ada😀",
    "\u0301",
    "Zoe\u0308",
    "A".repeat(100),
    "A".repeat(101),
    "𠮷".repeat(100),
    "𠮷".repeat(101),
    ...NAMES,
    ...REFUSED_NAMES.map(([, name]) => name),
  ])("full name %j is judged alike by both", async (name, { expect }) => {
    const isValid = normalizeFullName(name) === name && checkFullName(name) === null;
    expect(await insertDirectly({ full_name: name })).toBe(isValid ? null : "users_full_name_valid");
  });

  test.for(["abc", "ab", "a".repeat(50), "a".repeat(51), "with space", "under_score", "ünicode", "a1b2c3", "ABC", ""])(
    "username %j is judged alike by both",
    async (username, { expect }) => {
      const isValid = username.toLowerCase() === username && checkUsername(username) === null;
      expect(await insertDirectly({ username })).toBe(isValid ? null : "users_username_valid");
    },
  );

  test.for([
    "a@b.co",
    "a.b+c@mail.example.com",
    "a@b",
    "a@b.1",
    "a@b.c1",
    "@b.co",
    "a@",
    "a",
    "",
    ".a@b.co",
    "a.@b.co",
    "a..b@c.co",
    "a@-b.co",
    "a@b-.co",
    "a@b..co",
    `${"a".repeat(64)}@b.co`,
    `${"a".repeat(65)}@b.co`,
    `a@${"b".repeat(63)}.co`,
    `a@${"b".repeat(64)}.co`,
    '"a b"@c.co',
    "a@[127.0.0.1]",
    "a b@c.co",
    "ü@b.co",
    "a@ü.co",
    "A@b.co",
    "!#$%&'*+/=?^_`{|}~-@b.co",
    "a@b.co\n",
    `${"a".repeat(60)}@${"b".repeat(36)}.co`,
    `${"a".repeat(60)}@${"b".repeat(37)}.co`,
  ])("email %j is judged alike by both", async (email, { expect }) => {
    const isValid = email.toLowerCase() === email && checkEmail(email) === null;
    expect(await insertDirectly({ email })).toBe(isValid ? null : "users_email_valid");
  });

  test("emails: the rule is that of the migrations before, in other words", async ({ expect }) => {
    const plain = fc.constantFrom("a", "z9", "0", "a-b", "a--b", ".a", ".9z", "b".repeat(30), "c".repeat(32));
    const special = fc.constantFrom("-", "_", "+", "'", "#", ".", "..", "@", "A", "é", " ", "\n", "c".repeat(63));
    const parts = fc.array(fc.oneof({ weight: 20, arbitrary: plain }, { weight: 1, arbitrary: special }), {
      maxLength: 5,
    });
    const end = fc.constantFrom(".com", ".com", ".c-m", ".1a", "", ".m".repeat(20));
    const written = fc
      .sample(fc.tuple(parts, parts, end), 20_000)
      .map(([local, domain, last]) => `${local.join("")}@${domain.join("")}${last}`);
    const { rows } = await sql.query<{ before: boolean; now: boolean; count: number }>(
      `select is_email(address) as before, is_email_address(address) as now, count(*)::integer
       from unnest($1::text[]) as address group by 1, 2`,
      [written],
    );
    expect(rows.filter(({ before, now }) => before !== now)).toEqual([]);
    expect(rows.map(({ count }) => count > 500)).toEqual([true, true]);
  });

  test("usernames and emails are unique", async ({ expect }) => {
    await insertDirectly({ username: "unique1", email: "unique1@example.com" });
    expect(await insertDirectly({ username: "unique1" })).toBe("users_username_key");
    expect(await insertDirectly({ email: "unique1@example.com" })).toBe("users_email_key");
  });
});
