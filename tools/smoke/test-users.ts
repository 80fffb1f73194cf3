import { randomBytes } from "node:crypto";

import type { Answer } from "./answer.ts";
import type { SmokeClient } from "./client.ts";
import { CheckFailure, CheckSkipped, describeAnswer, expectAnswer, memberOf } from "./expectations.ts";

export const USERS = "/api/v1/users";

export interface UserInput {
  readonly username: string;
  readonly email: string;
  readonly full_name: string;
}

export interface UserBody extends UserInput {
  readonly id: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The users of one run: names that nobody else has, and a way to get rid of all of them. */
export interface TestUsers {
  newInput(overrides?: Partial<UserInput>): UserInput;
  create(overrides?: Partial<UserInput>): Promise<UserBody>;
  /** One user to read; any existing one in a read-only run. */
  sample(): Promise<UserBody>;
  /**
   * Removes what was created; the given client must not have been stopped.
   * @throws CheckFailure naming what is left
   */
  remove(cleaner: SmokeClient): Promise<void>;
}

/** @param client the one that the checks use: its answers tell what was created */
export function createTestUsers(client: SmokeClient, { isReadOnly }: { readonly isReadOnly: boolean }): TestUsers {
  const prefix = `smoke${randomBytes(6).toString("hex")}`;
  const usernames: string[] = [];
  let sample: UserBody | null = null;

  const newInput = (overrides: Partial<UserInput> = {}): UserInput => {
    const username = `${prefix}${usernames.length}`;
    usernames.push(username);
    return { username, email: `${username}@example.com`, full_name: "Smoke Test", ...overrides };
  };
  const create = async (overrides?: Partial<UserInput>): Promise<UserBody> => {
    const answer = await client.send("POST", USERS, { json: newInput(overrides) });
    expectAnswer(answer, { status: 201 });
    return readUser(answer);
  };
  return {
    newInput,
    create,
    async sample() {
      sample ??= isReadOnly ? await findAnyUser(client) : await create();
      return sample;
    },
    async remove(cleaner) {
      const ids = createdIds(client);
      const hasDoubt =
        client.unanswered() > 0 || client.answers.some(({ method, status }) => method === "POST" && status >= 500);
      if (hasDoubt) ids.push(...(await findIds(cleaner, usernames)));
      await removeAll(cleaner, new Set(ids));
    },
  };
}

/** Also those of requests that should have been refused. */
function createdIds({ answers }: SmokeClient): string[] {
  const created = answers.filter(({ method, status }) => method === "POST" && status >= 200 && status < 300);
  return created.map(({ json }) => memberOf(json, "id")).filter((id) => typeof id === "string");
}

/** A creation without a proper answer may have happened all the same. */
async function findIds(cleaner: SmokeClient, usernames: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const username of usernames) {
    const { status, json } = await cleaner.send("GET", `${USERS}/username/${username}`);
    const id = memberOf(json, "id");
    if (status === 200 && typeof id === "string") ids.push(id);
  }
  return ids;
}

async function removeAll(cleaner: SmokeClient, ids: ReadonlySet<string>): Promise<void> {
  const problems: string[] = [];
  for (const id of ids) {
    try {
      const answer = await cleaner.send("DELETE", `${USERS}/id/${encodeURIComponent(id)}`);
      if (answer.status !== 204)
        problems.push(`user ${id} is left: expected status 204, saw ${describeAnswer(answer)}`);
    } catch (error) {
      if (!(error instanceof CheckFailure)) throw error;
      problems.push(...error.problems);
    }
  }
  if (problems.length > 0) throw new CheckFailure(problems);
}

async function findAnyUser(client: SmokeClient): Promise<UserBody> {
  const answer = await client.send("GET", `${USERS}?limit=1`);
  expectAnswer(answer, { status: 200 });
  const data = memberOf(answer.json, "data");
  if (!Array.isArray(data)) throw new CheckFailure([`GET ${USERS}: expected data to be a list`]);
  if (data.length === 0) throw new CheckSkipped("there is no user to read");
  return toUser(data[0]);
}

const USER_MEMBERS = ["id", "username", "email", "full_name", "created_at", "updated_at"] as const;

/** @throws CheckFailure when the body is not a user with exactly the members of the contract */
export function readUser({ json }: Answer): UserBody {
  return toUser(json);
}

export function toUser(value: unknown): UserBody {
  const names = typeof value === "object" && value !== null ? Object.keys(value).toSorted() : [];
  const isUser = names.join() === USER_MEMBERS.toSorted().join();
  const text = (name: (typeof USER_MEMBERS)[number]): string => {
    const member = memberOf(value, name);
    if (!isUser || typeof member !== "string") {
      throw new CheckFailure([
        `expected a user with the texts ${USER_MEMBERS.join(", ")}, saw ${names.join(", ") || "no object"}`,
      ]);
    }
    return member;
  };
  return {
    id: text("id"),
    username: text("username"),
    email: text("email"),
    full_name: text("full_name"),
    created_at: text("created_at"),
    updated_at: text("updated_at"),
  };
}
