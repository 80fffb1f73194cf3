import { afterAll, beforeAll, describe, test } from "vitest";

import { atOnce, letters, tally } from "../support/model-concurrency.ts";
import { startStack, type Stack } from "../support/stack.ts";

const ROUNDS = 20;
const WRITERS = 50;
const USERS = "/api/v1/users";

let stack: Stack;
let sql: Stack["sql"];

beforeAll(async () => {
  // Who wins counts here, not how soon: fifty requests at once queue up on a small machine.
  stack = await startStack({ vars: { REQUEST_TIMEOUT_MS: "60000" } });
  ({ sql } = stack);
});

afterAll(async () => {
  await stack.stop();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Last part of the problem's type; empty for a success. */
  readonly problem: string;
}

async function send(
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init = { method, headers };
  const response = await (body === undefined ? stack.request(path, init) : stack.sendJson(path, body, init));
  const text = await response.text();
  const { type = "" }: { type?: string } = text === "" ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, text, problem: type.replace("/problems/", "") };
}

let sequence = 0;

function newUser(): { username: string; email: string; full_name: string } {
  const username = `racer${sequence++}`;
  return { username, email: `${username}@example.com`, full_name: "Nobody" };
}

async function create(): Promise<{ path: string; id: string; etag: string }> {
  const { headers, text } = await send("POST", USERS, newUser());
  const { id }: { id: string } = JSON.parse(text);
  return { path: `${USERS}/id/${id}`, id, etag: headers.get("ETag") ?? "" };
}

async function rowOf(id: string): Promise<{ full_name: string; version: number } | undefined> {
  const { rows } = await sql.query<{ full_name: string; version: number }>(
    "select full_name, version from users where id = $1",
    [id],
  );
  return rows[0];
}

describe(`Of ${WRITERS} writers with the same ETag, one succeeds and ${WRITERS - 1} are told to look again`, () => {
  test("when all change the user", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { path, id, etag } = await create();
      const answers = await atOnce(WRITERS, (i) =>
        send("PATCH", path, { full_name: `Writer ${letters(i)}` }, { "If-Match": etag }),
      );
      expect(tally(answers.map(({ status, problem }) => `${status} ${problem}`))).toEqual({
        "200 ": 1,
        "412 precondition-failed": WRITERS - 1,
      });
      const winner = answers.findIndex(({ status }) => status === 200);
      expect(await rowOf(id)).toEqual({ full_name: `Writer ${letters(winner)}`, version: 2 });
      const current = await send("GET", path, undefined);
      expect(current.text).toBe(answers[winner]?.text);
      expect(current.headers.get("ETag")).toBe(answers[winner]?.headers.get("ETag"));
    }
  });

  test("when some change and others delete it", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { path, id, etag } = await create();
      const isDeletion = (i: number): boolean => (i + round) % 2 === 0;
      const answers = await atOnce(WRITERS, (i) =>
        isDeletion(i)
          ? send("DELETE", path, undefined, { "If-Match": etag })
          : send("PATCH", path, { full_name: `Writer ${letters(i)}` }, { "If-Match": etag }),
      );
      const winner = answers.findIndex(({ status }) => status < 300);
      expect(tally(answers.map(({ status, problem }) => `${status} ${problem}`))).toEqual({
        [isDeletion(winner) ? "204 " : "200 "]: 1,
        "412 precondition-failed": WRITERS - 1,
      });
      const expected = isDeletion(winner) ? undefined : { full_name: `Writer ${letters(winner)}`, version: 2 };
      expect(await rowOf(id)).toEqual(expected);
    }
  });
});

describe("Writers without a precondition are never refused for one", () => {
  test("deletions of one user at once all succeed", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { path } = await create();
      const answers = await atOnce(WRITERS, () => send("DELETE", path, undefined));
      expect(tally(answers.map(({ status, problem }) => `${status} ${problem}`))).toEqual({ "204 ": WRITERS });
    }
  });

  test("a change that loses against a deletion is told that there is no such user", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { path, id } = await create();
      const answers = await atOnce(WRITERS, (i) =>
        i % 10 === round % 10
          ? send("DELETE", path, undefined)
          : send("PATCH", path, { full_name: `Writer ${letters(i)}` }),
      );
      const outcomes = new Set(answers.map(({ status, problem }) => `${status} ${problem}`));
      expect(["200 ", "204 ", "404 user-not-found"]).toEqual(expect.arrayContaining([...outcomes]));
      expect(await rowOf(id)).toBeUndefined();
    }
  });

  test("every change that is acknowledged counts", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const { path, id } = await create();
      const answers = await atOnce(WRITERS, (i) => send("PATCH", path, { full_name: `Writer ${letters(i)}` }));
      expect(tally(answers.map(({ status }) => String(status)))).toEqual({ "200": WRITERS });
      const tags = answers.map(({ headers }) => headers.get("ETag"));
      expect(new Set(tags).size).toBe(WRITERS);
      const last = answers[tags.indexOf(`"${id}.${WRITERS + 1}"`)];
      expect((await send("GET", path, undefined)).text).toBe(last?.text);
    }
  });
});

async function countUsers(email: string): Promise<number> {
  const { rows } = await sql.query("select from users where email = $1", [email]);
  return rows.length;
}

describe("Creations with one idempotency key at once", () => {
  const isInUse = ({ problem }: Answer): boolean => problem === "idempotency-key-in-use";

  test(`${WRITERS} of the same user make one user, and every answer is the stored one or says that it is in the making`, async ({
    expect,
  }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const user = newUser();
      const headers = { "Idempotency-Key": `"same-${round}"` };
      const answers = await atOnce(WRITERS, () => send("POST", USERS, user, headers));
      const [stored, ...copies] = answers.filter((answer) => !isInUse(answer));
      expect(answers.filter(isInUse).every(({ status, headers: h }) => status === 409 && h.has("Retry-After"))).toBe(
        true,
      );
      expect(stored?.status).toBe(201);
      for (const { status, text, headers: h } of copies) {
        expect([status, text, h.get("ETag")]).toEqual([201, stored?.text, stored?.headers.get("ETag")]);
      }
      const fresh = answers.filter(({ status, headers: h }) => status === 201 && !h.has("Idempotent-Replayed"));
      expect(fresh).toHaveLength(1);
      expect(await countUsers(user.email)).toBe(1);
      const again = await send("POST", USERS, user, headers);
      expect([again.status, again.text, again.headers.get("Idempotent-Replayed")]).toEqual([201, stored?.text, "true"]);
    }
  });

  test("30 of different users make one user, and the others are told that the key is taken", async ({ expect }) => {
    for (let round = 0; round < ROUNDS; round++) {
      const users = Array.from({ length: 30 }, newUser);
      const headers = { "Idempotency-Key": `"different-${round}"` };
      const answers = await atOnce(users.length, (i) => send("POST", USERS, users[i], headers));
      const counts = tally(answers.map(({ status, problem }) => `${status} ${problem}`));
      const {
        "201 ": created,
        "422 idempotency-key-reused": reused = 0,
        "409 idempotency-key-in-use": inUse = 0,
        ...others
      } = counts;
      expect({ created, refused: reused + inUse, others }).toEqual({ created: 1, refused: 29, others: {} });
      const winner = users[answers.findIndex(({ status }) => status === 201)];
      const { rows } = await sql.query<{ username: string }>("select username from users where username = any($1)", [
        users.map(({ username }) => username),
      ]);
      expect(rows).toEqual([{ username: winner?.username }]);
    }
  });

  test("of different keys for the same user, one succeeds and the others are told that the username is taken", async ({
    expect,
  }) => {
    const user = newUser();
    const answers = await atOnce(WRITERS, (i) => send("POST", USERS, user, { "Idempotency-Key": `"own-${i}"` }));
    expect(tally(answers.map(({ status, problem }) => `${status} ${problem}`))).toEqual({
      "201 ": 1,
      "409 username-taken": WRITERS - 1,
    });
    const { rows } = await sql.query("select from idempotency_keys where key like 'own-%'");
    expect(rows).toHaveLength(1);
  });
});
